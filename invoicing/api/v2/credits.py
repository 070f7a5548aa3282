"""v2 of credit notes: of an invoice, their list, cancelling and voiding."""

from typing import ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec.json import encode
from rest_framework.request import Request

from invoicing.api.v2 import credit_schema as schema
from invoicing.api.v2.credit_in import CancelIn, CreditIn, CreditNoteIn, VoidIn
from invoicing.api.v2.credit_out import creditable_out
from invoicing.api.v2.invoice_out import invoice_out
from invoicing.api.v2.invoice_query import CreditNoteQuery, page_of
from invoicing.domain.record import InvoiceRecord
from invoicing.selectors.credits import get_credit_note, get_creditable
from invoicing.selectors.invoices import get_invoice
from invoicing.services import crediting, issuing, voiding
from tenants import ids
from tenants.capabilities import INVOICES_ISSUE, INVOICES_READ, INVOICES_VOID, INVOICES_WRITE
from tenants.http import conditional
from tenants.http.idempotency import idempotent
from tenants.http.parsing import ensure_no_members, parse_request
from tenants.http.permissions import ensure_capability
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.versions import V2View


class CreditNotes(V2View):
    """Credit notes alone, those of invoices and free-standing ones."""

    capability: ClassVar = {"GET": INVOICES_READ, "POST": INVOICES_WRITE}

    @extend_schema(**schema.LIST)
    def get(self, request: Request) -> HttpResponseBase:
        return JSONBytes(encode(page_of(parse_query(request.query_params, CreditNoteQuery))))

    @extend_schema(**schema.CREATE)
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        body = parse_request(request, CreditNoteIn)
        return _credit(body, body.corrects)


class CreditNote(V2View):
    """One credit note."""

    capability: ClassVar = {"GET": INVOICES_READ}

    @extend_schema(**schema.RETRIEVE)
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        record = get_credit_note(invoice_id=ids.decode("inv", invoice_id))
        if conditional.is_current(request, conditional.etag(record.version)):
            return JSONBytes(b"", status=304, headers={"ETag": conditional.etag(record.version)})
        return _answer(record)


class IssueCreditNote(V2View):
    """A drafted credit note gets its number and is frozen."""

    capability: ClassVar = {"POST": INVOICES_ISSUE}

    @extend_schema(**schema.ISSUE)
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        ensure_no_members(request)
        record = get_credit_note(invoice_id=ids.decode("inv", invoice_id))
        return _answer(issuing.issue_invoice(invoice_id=record.id))


class CreditInvoice(V2View):
    """A credit note of an invoice, drafted or issued at once."""

    capability: ClassVar = {"POST": INVOICES_WRITE}

    @extend_schema(**schema.CREDIT)
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        invoice = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        return _credit(parse_request(request, CreditIn), invoice.id)


class CreditableInvoice(V2View):
    """What of an invoice can still be credited."""

    capability: ClassVar = {"GET": INVOICES_READ}
    depends_on_state = True

    @extend_schema(**schema.CREDITABLE)
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        creditable = get_creditable(invoice_id=ids.decode("inv", invoice_id))
        return JSONBytes(encode(creditable_out(creditable)))


class CancelInvoice(V2View):
    """All that is left of an invoice is credited at once."""

    capability: ClassVar = {"POST": INVOICES_ISSUE}

    @extend_schema(**schema.CANCEL)
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        invoice = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        body = parse_request(request, CancelIn)
        note = crediting.cancel_invoice(
            invoice_id=invoice.id, reason=body.reason or "", series=body.series, issue_date=body.issue_date
        )
        return _created(note)


class VoidInvoice(V2View):
    """An issued document that has not left the house is void; its number stays."""

    capability: ClassVar = {"POST": INVOICES_VOID}

    @extend_schema(**schema.VOID)
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        invoice = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        body = parse_request(request, VoidIn)
        return _answer(voiding.void_invoice(invoice_id=invoice.id, reason=body.reason))


def _credit(body: CreditIn, invoice_id: UUID) -> JSONBytes:
    if body.issue:
        ensure_capability(INVOICES_ISSUE)
    return _created(
        crediting.credit_invoice(invoice_id=invoice_id, credit=body.credit(), issue=bool(body.issue))
    )


def _created(note: InvoiceRecord) -> JSONBytes:
    return _answer(note, status=201, Location=f"/api/v2/credit-notes/{ids.encode('inv', note.id)}")


def _answer(record: InvoiceRecord, *, status: int = 200, **headers: str) -> JSONBytes:
    return JSONBytes(
        encode(invoice_out(record)),
        status=status,
        headers={"ETag": conditional.etag(record.version), **headers},
    )
