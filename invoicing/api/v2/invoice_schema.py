"""The OpenAPI side of v2's invoice operations."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from invoicing.api.v2.explanation_out import ExplanationOut
from invoicing.api.v2.invoice_in import CalculationIn, InvoiceIn, NewInvoiceIn
from invoicing.api.v2.invoice_out import CalculationOut, InvoiceOut
from invoicing.api.v2.invoice_query import InvoiceQuery, PageOut, RetrieveQuery
from tenants.http.openapi import body_of, parameters_of, schema_of

Operation = dict[str, Any]

_BODY = {
    "customer": "cus_01jd8m3v9qexc8f3y2w5k7r4ta",
    "currency": "EUR",
    "lines": [
        {
            "description": "Consulting",
            "quantity": "3",
            "unit_price": "10.0000",
            "tax": {"category": "S", "rate": "19"},
            "allowances": [{"amount": "1.00", "reason": "goodwill"}],
        }
    ],
}
_CALCULATION = {name: value for name, value in _BODY.items() if name != "customer"}
_IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the version changed."
)
_IF_NONE_MATCH = OpenApiParameter(
    "If-None-Match", str, OpenApiParameter.HEADER, description="ETags of versions the caller has."
)
_IF_MATCH_IF_CARED = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, description="The ETag of the version deleted, if it matters."
)
_IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Equal requests with one key have one effect and one answer for 24 hours.",
)
_INVOICE = OpenApiResponse(schema_of(InvoiceOut), description="The document. Its ETag names the version.")


def _request(struct: Any, example: dict[str, Any]) -> Operation:
    return {
        "request": body_of(struct),
        "examples": [OpenApiExample("body", value=example, request_only=True)],
    }


def _patch_of(struct: Any) -> Operation:
    """A merge patch names what changes; null takes a member away. Lists are replaced whole."""
    schema = {name: value for name, value in schema_of(struct).items() if name != "required"}
    media_types = ("application/merge-patch+json", "application/json")
    return {
        "request": dict.fromkeys(media_types, schema),
        "examples": [OpenApiExample("body", value={"due_date": "2026-12-31"}, request_only=True)],
    }


LIST: Operation = {
    "operation_id": "invoices_list",
    "summary": "List invoices and credit notes",
    "parameters": parameters_of(InvoiceQuery),
    "responses": {200: schema_of(PageOut)},
}
CREATE: Operation = {
    "operation_id": "invoices_create",
    "summary": "Draft an invoice, or draft and issue it",
    "parameters": [_IDEMPOTENCY_KEY],
    "responses": {201: _INVOICE},
    **_request(NewInvoiceIn, {**_BODY, "issue": True}),
}
CALCULATE: Operation = {
    "operation_id": "invoices_calculate",
    "summary": "Compute the totals of a document without keeping it",
    "parameters": [_IDEMPOTENCY_KEY],
    "responses": {200: schema_of(CalculationOut)},
    **_request(CalculationIn, _CALCULATION),
}
RETRIEVE: Operation = {
    "operation_id": "invoices_retrieve",
    "summary": "Read a document",
    "parameters": [*parameters_of(RetrieveQuery), _IF_NONE_MATCH],
    "responses": {200: _INVOICE, 304: OpenApiResponse(description="If-None-Match names this version.")},
}
UPDATE: Operation = {
    "operation_id": "invoices_update",
    "summary": "Change a draft, or the metadata of any document (JSON merge patch, RFC 7396)",
    "parameters": [_IF_MATCH],
    "responses": {200: _INVOICE},
    **_patch_of(InvoiceIn),
}
DELETE: Operation = {
    "operation_id": "invoices_delete",
    "summary": "Delete a draft",
    "parameters": [_IF_MATCH_IF_CARED],
    "responses": {204: None},
}
ISSUE: Operation = {
    "operation_id": "invoices_issue",
    "summary": "Number a draft and freeze it",
    "parameters": [_IDEMPOTENCY_KEY],
    "request": None,
    "responses": {200: _INVOICE},
}
EXPLAIN: Operation = {
    "operation_id": "invoices_explain",
    "summary": "How each total came about, rule by rule",
    "responses": {200: schema_of(ExplanationOut)},
}
