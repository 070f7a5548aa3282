"""The list of v2: its filters, its rows, its cursor."""

from dataclasses import fields
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from invoicing.api.v2.invoice_in import CustomerId, LegalEntityId, SeriesId
from invoicing.api.v2.invoice_out import CustomerOut
from invoicing.domain.stored import plain
from invoicing.selectors.invoice_lists import InvoiceFilter, SummaryRow, count_invoices, list_invoices
from tenants.http.metadata import Metadata
from tenants.http.pagination import CursorQuery, decode_cursor, encode_cursor
from tenants.http.values import Amount, Body, CurrencyCode, Reference, Text, shape
from tenants.ids import encode

_LISTING = "invoices"


Period = Annotated[str, shape("[0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?", "Expected a period such as 2026.")]


class InvoiceId(Reference):
    prefix = "inv"


class InvoiceQuery(CursorQuery, kw_only=True):
    """Newest issue date first; drafts without one before all. Totals are tax inclusive."""

    status: Literal["draft", "issued", "voided"] | None = None
    type: Literal["invoice", "credit_note"] | None = None
    payment_status: Literal["unpaid", "partially_paid", "paid"] | None = None
    overdue: bool | None = None
    corrects: InvoiceId | None = None
    customer: CustomerId | None = None
    legal_entity: LegalEntityId | None = None
    series: SeriesId | None = None
    currency: CurrencyCode | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    min_total: Amount | None = None
    max_total: Amount | None = None
    q: Text | None = None
    metadata: Metadata | None = None
    expand: Literal["customer"] | None = None

    def filters(self) -> InvoiceFilter:
        return InvoiceFilter(**{field.name: getattr(self, field.name) for field in fields(InvoiceFilter)})


class CreditNoteQuery(CursorQuery, kw_only=True):
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
    expand: Literal["customer"] | None = None

    def filters(self) -> InvoiceFilter:
        shared = {field.name for field in fields(InvoiceFilter)} & set(self.__struct_fields__)
        return InvoiceFilter(type="credit_note", **{name: getattr(self, name) for name in shared})


class CertificateQuery(CursorQuery, kw_only=True):
    """`period` as the series counts: "2026", "2026-Q4", "2026-11"; the latest one by default."""

    period: (
        Annotated[str, shape("[0-9]{4}(-(Q[1-4]|0[1-9]|1[0-2]))?", "Expected a period such as 2026.")] | None
    ) = None


class RetrieveQuery(Body, kw_only=True):
    """What a read of one document may ask for."""

    expand: Literal["customer"] | None = None


class SummaryTotalsOut(msgspec.Struct):
    tax_exclusive: str
    tax_total: str
    tax_inclusive: str
    payable: str


class SummaryOut(msgspec.Struct):
    id: str
    type: str
    number: str | None
    status: str
    payment_status: str
    balance: str | None
    overdue: bool
    legal_entity: str
    customer: str | CustomerOut
    series: str
    currency: str
    issue_date: date | None
    due_date: date | None
    totals: SummaryTotalsOut
    issued_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class PageOut(msgspec.Struct):
    data: list[SummaryOut]
    next_cursor: str | None
    has_more: bool
    total: int | msgspec.UnsetType = msgspec.UNSET


def page_of(query: InvoiceQuery | CreditNoteQuery) -> PageOut:
    """One page: one statement, and one more where the total was asked for."""
    filters = query.filters()
    after: Any = None
    if query.cursor is not None:
        after = decode_cursor(_LISTING, query.cursor, tuple[date | None, UUID])
    rows = list_invoices(filters=filters, limit=query.size + 1, after=after)
    has_more = len(rows) > query.size
    shown = rows[: query.size]
    return PageOut(
        [_summary(row, expanded=query.expand == "customer") for row in shown],
        encode_cursor(_LISTING, (shown[-1].issue_date, shown[-1].id)) if has_more else None,
        has_more,
        count_invoices(filters=filters) if query.wants_total else msgspec.UNSET,
    )


def _summary(row: SummaryRow, *, expanded: bool) -> SummaryOut:
    customer: str | CustomerOut = encode("cus", row.customer)
    if expanded:
        customer = CustomerOut(
            encode("cus", row.customer),
            row.customer_name,
            row.customer_reference,
            row.customer_vat_id,
            row.customer_country,
        )
    return SummaryOut(
        encode("inv", row.id),
        row.type,
        row.number,
        row.state,
        row.payment_state,
        plain(row.balance),
        row.overdue,
        encode("le", row.legal_entity),
        customer,
        encode("ser", row.series),
        row.currency,
        row.issue_date,
        row.due_date,
        SummaryTotalsOut(
            format(row.tax_exclusive, "f"),
            format(row.tax_total, "f"),
            format(row.tax_inclusive, "f"),
            format(row.payable, "f"),
        ),
        row.issued_at,
        row.created_at,
        row.updated_at,
        row.version,
    )
