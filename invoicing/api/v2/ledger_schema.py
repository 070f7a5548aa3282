"""The OpenAPI side of v2's ledger."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from invoicing.api.v2.ledger_in import PaymentPatch
from invoicing.api.v2.ledger_out import PaymentOut
from tenants.http.openapi import body_of, parameters_of, schema_of

Operation = dict[str, Any]

_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Equal requests with one key have one effect and one answer for 24 hours.",
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="ETags of versions the caller has."
)
MONEY = {"amount": "119.00", "currency": "EUR"}
_IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the version changed."
)
INVOICE = "inv_01jd8m3v9qexc8f3y2w5k7r4ta"


def reading(operation_id: str, summary: str, answer: Any, *, query: Any = None) -> Operation:
    """A GET that answers `answer`."""
    return {
        "operation_id": operation_id,
        "summary": summary,
        "parameters": [] if query is None else parameters_of(query),
        "responses": {200: schema_of(answer)},
    }


def reading_versions(operation_id: str, summary: str, answer: Any) -> Operation:
    """A GET of something with an entity tag."""
    return {
        "operation_id": operation_id,
        "summary": summary,
        "parameters": [_IF_NONE_MATCH],
        "responses": {
            200: OpenApiResponse(schema_of(answer), description="Its ETag names the version."),
            304: OpenApiResponse(description="If-None-Match names this version."),
        },
    }


def posting(operation_id: str, summary: str, body: Any, answer: Any, example: dict[str, Any]) -> Operation:
    """A POST that adds to the ledger and answers what it added."""
    return {
        "operation_id": operation_id,
        "summary": summary,
        "parameters": [_IDEMPOTENCY_KEY],
        "request": body_of(body),
        "examples": [OpenApiExample("body", value=example, request_only=True)],
        "responses": {201: schema_of(answer)},
    }


def _patch_of(body: Any) -> Operation:
    """A merge patch names what changes; null takes a member away."""
    return dict.fromkeys(("application/merge-patch+json", "application/json"), schema_of(body))


PATCH_PAYMENT: Operation = {
    "operation_id": "payments_update",
    "summary": "Change the metadata of a payment (JSON merge patch, RFC 7396)",
    "parameters": [_IF_MATCH],
    "request": _patch_of(PaymentPatch),
    "examples": [OpenApiExample("body", value={"metadata": {"project": "apollo"}}, request_only=True)],
    "responses": {200: schema_of(PaymentOut)},
}
