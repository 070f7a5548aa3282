"""The OpenAPI side of v2's credit notes, voiding and certificates."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse

from invoicing.api.v2.credit_in import CancelIn, CreditIn, CreditNoteIn, VoidIn
from invoicing.api.v2.credit_out import CertificateOut, CreditableOut
from invoicing.api.v2.invoice_out import InvoiceOut
from invoicing.api.v2.invoice_query import CertificateQuery, CreditNoteQuery, PageOut
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
_NOTE = OpenApiResponse(schema_of(InvoiceOut), description="The credit note. Its ETag names the version.")
_LINE = {"line": "iln_01jd8m3v9qexc8f3y2w5k7r4ta", "quantity": "2"}
_CREDIT = {"lines": [_LINE], "reason": "Two pieces came back", "issue": True}


def _request(struct: Any, example: dict[str, Any]) -> Operation:
    return {
        "parameters": [_IDEMPOTENCY_KEY],
        "request": body_of(struct),
        "examples": [OpenApiExample("body", value=example, request_only=True)],
    }


LIST: Operation = {
    "operation_id": "credit_notes_list",
    "summary": "List credit notes",
    "parameters": parameters_of(CreditNoteQuery),
    "responses": {200: schema_of(PageOut)},
}
CREATE: Operation = {
    "operation_id": "credit_notes_create",
    "summary": "Credit an invoice: in full, by lines, or an amount",
    "responses": {201: _NOTE},
    **_request(CreditNoteIn, {"corrects": "inv_01jd8m3v9qexc8f3y2w5k7r4ta", **_CREDIT}),
}
RETRIEVE: Operation = {
    "operation_id": "credit_notes_retrieve",
    "summary": "Read a credit note",
    "parameters": [_IF_NONE_MATCH],
    "responses": {200: _NOTE, 304: OpenApiResponse(description="If-None-Match names this version.")},
}
ISSUE: Operation = {
    "operation_id": "credit_notes_issue",
    "summary": "Number a drafted credit note and settle its invoice with it",
    "parameters": [_IDEMPOTENCY_KEY],
    "request": None,
    "responses": {200: _NOTE},
}
CREDIT: Operation = {
    "operation_id": "invoices_credit",
    "summary": "Credit this invoice: in full, by lines, or an amount",
    "responses": {201: _NOTE},
    **_request(CreditIn, _CREDIT),
}
CREDITABLE: Operation = {
    "operation_id": "invoices_creditable",
    "summary": "What is left to be credited, per line and per tax row",
    "responses": {200: schema_of(CreditableOut)},
}
CANCEL: Operation = {
    "operation_id": "invoices_cancel",
    "summary": "Credit all that is left, at once",
    "responses": {201: _NOTE},
    **_request(CancelIn, {"reason": "Ordered by mistake"}),
}
VOID: Operation = {
    "operation_id": "invoices_void",
    "summary": "Void a document that has not left the house, where the legal entity allows it",
    "responses": {200: OpenApiResponse(schema_of(InvoiceOut), description="The voided document.")},
    **_request(VoidIn, {"reason": "Issued to the wrong customer, never sent"}),
}
CERTIFICATE: Operation = {
    "operation_id": "series_certificate",
    "summary": "The numbers of a period, contiguous, each with its document",
    "parameters": parameters_of(CertificateQuery),
    "responses": {200: schema_of(CertificateOut)},
}
