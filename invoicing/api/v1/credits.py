"""v1 of credit notes: of an invoice, their list, cancelling and voiding; certificates of series."""

from dataclasses import fields
from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.credit_in import CancelIn, CreditIn, CreditNoteIn, VoidIn, credit_from
from invoicing.api.v1.credit_out import (
    CertificatePageOut,
    CreditableOut,
    certificate_data,
    creditable_data,
)
from invoicing.api.v1.invoice_data import invoice_data, summary_data
from invoicing.api.v1.invoice_out import SUMMARY_PAGE, InvoiceOut, SummaryOut
from invoicing.api.v1.references import CustomerId, InvoiceId, LegalEntityId, SeriesId
from invoicing.domain.record import InvoiceRecord
from invoicing.selectors.certificates import certificate_of
from invoicing.selectors.credits import get_credit_note, get_creditable
from invoicing.selectors.invoice_lists import InvoiceFilter, count_invoices, list_invoices
from invoicing.selectors.invoices import get_invoice
from invoicing.selectors.parties import get_customer
from invoicing.services import crediting, issuing, voiding
from tenants import ids
from tenants.capabilities import INVOICES_ISSUE, INVOICES_READ, INVOICES_VOID, INVOICES_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.metadata import Metadata
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.parsing import ensure_no_members
from tenants.http.permissions import ensure_capability
from tenants.http.query import parse_query
from tenants.http.serializers import validated
from tenants.http.values import Amount, CurrencyCode, Text, shape
from tenants.http.versions import V1View

Period = Annotated[str, shape("[0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?", "Expected a period such as 2026.")]


class CreditNoteQuery(PageQuery, kw_only=True):
    """As invoices are listed; `corrects` is the invoice whose credit notes are wanted."""

    status: Literal["draft", "issued", "voided"] | None = None
    corrects: InvoiceId | None = None
    customer: CustomerId | None = None
    legal_entity: LegalEntityId | None = None
    series: SeriesId | None = None
    currency: CurrencyCode | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    min_total: Amount | None = None
    max_total: Amount | None = None
    q: Text | None = None
    metadata: Metadata | None = None

    def filters(self) -> InvoiceFilter:
        shared = {field.name for field in fields(InvoiceFilter)} & set(self.__struct_fields__)
        return InvoiceFilter(type="credit_note", **{name: getattr(self, name) for name in shared})


class CertificateQuery(PageQuery, kw_only=True):
    """`period` as the series counts: "2026", "2026-Q4", "2026-11"; the latest one by default."""

    period: Period | None = None


class CreditNotes(V1View):
    """Credit notes alone, those of invoices and free-standing ones."""

    capability: ClassVar = {"GET": INVOICES_READ, "POST": INVOICES_WRITE}

    @extend_schema(
        operation_id="credit_notes_list",
        summary="List credit notes",
        parameters=parameters_of(CreditNoteQuery),
        responses=SUMMARY_PAGE,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, CreditNoteQuery)
        filters = query.filters()
        rows = list_invoices(filters=filters, limit=query.limit, offset=query.offset)
        items = SummaryOut([summary_data(row) for row in rows], many=True).data
        return Response(query.body(list(items), count_invoices(filters=filters)))

    @extend_schema(
        operation_id="credit_notes_create",
        summary="Credit an invoice: in full, by lines, or an amount",
        request=CreditNoteIn,
        responses={201: InvoiceOut},
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = validated(CreditNoteIn, request.data)
        return _credit(data, data["corrects"])


class CreditNote(V1View):
    """One credit note."""

    capability: ClassVar = {"GET": INVOICES_READ}

    @extend_schema(operation_id="credit_notes_retrieve", summary="Read a credit note", responses=InvoiceOut)
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        return _answer(get_credit_note(invoice_id=ids.decode("inv", invoice_id)))


class IssueCreditNote(V1View):
    """A drafted credit note gets its number and is frozen."""

    capability: ClassVar = {"POST": INVOICES_ISSUE}

    @extend_schema(
        operation_id="credit_notes_issue",
        summary="Number a drafted credit note and settle its invoice with it",
        request=None,
        responses=InvoiceOut,
    )
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        ensure_no_members(request)
        record = get_credit_note(invoice_id=ids.decode("inv", invoice_id))
        return _answer(issuing.issue_invoice(invoice_id=record.id))


class CreditInvoice(V1View):
    """A credit note of an invoice, drafted or issued at once."""

    capability: ClassVar = {"POST": INVOICES_WRITE}

    @extend_schema(
        operation_id="invoices_credit",
        summary="Credit this invoice: in full, by lines, or an amount",
        request=CreditIn,
        responses={201: InvoiceOut},
    )
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        invoice = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        return _credit(validated(CreditIn, request.data), invoice.id)


class CreditableInvoice(V1View):
    """What of an invoice can still be credited."""

    capability: ClassVar = {"GET": INVOICES_READ}
    depends_on_state = True

    @extend_schema(
        operation_id="invoices_creditable",
        summary="What is left to be credited, per line and per tax row",
        responses=CreditableOut,
    )
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        creditable = get_creditable(invoice_id=ids.decode("inv", invoice_id))
        return Response(CreditableOut(creditable_data(creditable)).data)


class CancelInvoice(V1View):
    """All that is left of an invoice is credited at once."""

    capability: ClassVar = {"POST": INVOICES_ISSUE}

    @extend_schema(
        operation_id="invoices_cancel",
        summary="Credit all that is left, at once",
        request=CancelIn,
        responses={201: InvoiceOut},
    )
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        invoice = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        data = validated(CancelIn, request.data)
        note = crediting.cancel_invoice(
            invoice_id=invoice.id,
            reason=data.get("reason") or "",
            series=data.get("series"),
            issue_date=data.get("issue_date"),
        )
        return _answer(note, status=201)


class VoidInvoice(V1View):
    """An issued document that has not left the house is void; its number stays."""

    capability: ClassVar = {"POST": INVOICES_VOID}

    @extend_schema(
        operation_id="invoices_void",
        summary="Void a document that has not left the house, where the legal entity allows it",
        request=VoidIn,
        responses=InvoiceOut,
    )
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        invoice = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        reason = validated(VoidIn, request.data)["reason"]
        return _answer(voiding.void_invoice(invoice_id=invoice.id, reason=reason))


class SeriesCertificate(V1View):
    """Each number of a period with its document, and whether one is missing."""

    capability: ClassVar = INVOICES_READ

    @extend_schema(
        operation_id="series_certificate",
        summary="The numbers of a period, contiguous, each with its document",
        parameters=parameters_of(CertificateQuery),
        responses=CertificatePageOut,
    )
    def get(self, request: Request, series_id: str) -> HttpResponseBase:
        query = parse_query(request.query_params, CertificateQuery)
        certificate = certificate_of(
            series_id=ids.decode("ser", series_id),
            period=query.period,
            limit=query.limit,
            offset=query.offset,
        )
        data = certificate_data(certificate)
        return Response({**data, **query.body(data["items"], certificate.documents)})


def _credit(data: dict[str, object], invoice_id: UUID) -> Response:
    issue = bool(data.get("issue"))
    if issue:
        ensure_capability(INVOICES_ISSUE)
    note = crediting.credit_invoice(invoice_id=invoice_id, credit=credit_from(data), issue=issue)
    return _answer(note, status=201)


def _answer(record: InvoiceRecord, *, status: int = 200) -> Response:
    customer = get_customer(customer_id=record.customer)
    return Response(InvoiceOut(invoice_data(record, customer)).data, status=status)
