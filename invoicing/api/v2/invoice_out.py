"""How v2 shows an invoice: decimals as plain text, ids in public form.

The structs are the schema and the answer at once; msgspec writes them.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from invoicing.domain.document import AllowanceCharge, DocumentInput, LineInput
from invoicing.domain.record import DraftLine, InvoiceRecord
from invoicing.domain.stored import plain
from invoicing.domain.totals import Computed, TaxRow, Totals
from invoicing.models import Customer
from tenants.ids import encode


class TaxOut(msgspec.Struct):
    category: str
    rate: str | None


class AdjustmentOut(msgspec.Struct):
    amount: str | None
    percent: str | None
    base_amount: str | None
    reason: str | None
    reason_code: str | None


class DocumentAdjustmentOut(AdjustmentOut):
    tax: TaxOut | None


class LineOut(msgspec.Struct, kw_only=True):
    id: str | msgspec.UnsetType = msgspec.UNSET
    corrects: str | msgspec.UnsetType | None = msgspec.UNSET
    description: str
    item: str | None
    quantity: str
    unit_code: str
    unit_price: str
    base_quantity: str
    tax: TaxOut
    allowances: list[AdjustmentOut]
    charges: list[AdjustmentOut]
    net_amount: str


class BreakdownOut(msgspec.Struct):
    category: str
    rate: str | None
    taxable: str
    tax: str


class TotalsOut(msgspec.Struct):
    sum_of_lines: str
    allowance_total: str
    charge_total: str
    tax_exclusive: str
    tax_total: str
    tax_inclusive: str
    payable: str
    breakdown: list[BreakdownOut]


class CalculationOut(msgspec.Struct, kw_only=True):
    type: str
    currency: str
    tax_currency: str | None
    prepaid_amount: str
    rounding_amount: str
    lines: list[LineOut]
    allowances: list[DocumentAdjustmentOut]
    charges: list[DocumentAdjustmentOut]
    totals: TotalsOut


class CustomerOut(msgspec.Struct):
    """A customer where `expand` asks for it; empty texts for what is not known."""

    id: str
    name: str
    reference: str
    vat_id: str
    country: str


class CorrectsOut(msgspec.Struct):
    """The invoice a credit note corrects (EN 16931 BG-3)."""

    id: str
    number: str | None
    issue_date: date | None


class InvoiceOut(CalculationOut, kw_only=True):
    id: str
    number: str | None
    status: str
    payment_status: str
    legal_entity: str
    customer: str | CustomerOut
    series: str
    issue_date: date | None
    due_date: date | None
    payment_terms: str
    corrects: CorrectsOut | None
    reason: str
    seller: dict[str, Any] | None
    buyer: dict[str, Any] | None
    issued_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def invoice_out(record: InvoiceRecord, customer: Customer | None = None) -> InvoiceOut:
    """A kept document, as `GET invoices/{id}` answers; with `customer` expanded where it is given."""
    return InvoiceOut(
        id=encode("inv", record.id),
        number=record.number,
        status=record.state.value,
        payment_status=record.payment_state.value,
        type=record.type.value,
        legal_entity=encode("le", record.legal_entity),
        customer=encode("cus", record.customer) if customer is None else customer_out(customer),
        series=encode("ser", record.series),
        currency=record.currency,
        tax_currency=record.tax_currency,
        issue_date=record.issue_date,
        due_date=record.due_date,
        payment_terms=record.payment_terms,
        prepaid_amount=_text(record.totals.prepaid_amount),
        rounding_amount=_text(record.totals.rounding_amount),
        lines=[
            _line(
                line.stated,
                line.input,
                line.net_amount,
                line.allowance_amounts,
                line.charge_amounts,
                line_id=encode("iln", line.id),
                corrects=_public("iln", line.corrects),
            )
            for line in record.lines
        ],
        allowances=_document_adjustments(record.allowances, record.allowance_amounts),
        charges=_document_adjustments(record.charges, record.charge_amounts),
        totals=_totals(record.totals, record.breakdown),
        corrects=_corrects(record),
        reason=record.reason,
        seller=record.seller,
        buyer=record.buyer,
        issued_at=record.issued_at,
        created_at=record.created_at,
        updated_at=record.updated_at,
        version=record.version,
    )


def _corrects(record: InvoiceRecord) -> CorrectsOut | None:
    corrected = record.corrects
    if corrected is None:
        return None
    return CorrectsOut(encode("inv", corrected.id), corrected.number, corrected.issue_date)


def customer_out(customer: Customer) -> CustomerOut:
    """A customer as `expand` shows it."""
    return CustomerOut(
        encode("cus", customer.id),
        customer.name,
        customer.reference,
        customer.vat_id,
        customer.country,
    )


def calculation_out(
    document: DocumentInput, lines: Sequence[DraftLine], computed: Computed
) -> CalculationOut:
    """The answer to `POST invoices/calculate`: what was stated, and what follows from it."""
    return CalculationOut(
        type=document.type.value,
        currency=document.currency,
        tax_currency=document.tax_currency,
        prepaid_amount=_text(computed.totals.prepaid_amount),
        rounding_amount=_text(computed.totals.rounding_amount),
        lines=[
            _line(stated, line, result.net_amount, result.allowances, result.charges)
            for stated, line, result in zip(lines, document.lines, computed.lines, strict=True)
        ],
        allowances=_document_adjustments(document.allowances, computed.allowances),
        charges=_document_adjustments(document.charges, computed.charges),
        totals=_totals(computed.totals, computed.breakdown),
    )


def _line(
    stated: DraftLine,
    line: LineInput,
    net_amount: Decimal,
    allowances: Sequence[Decimal],
    charges: Sequence[Decimal],
    *,
    line_id: str | msgspec.UnsetType = msgspec.UNSET,
    corrects: str | msgspec.UnsetType | None = msgspec.UNSET,
) -> LineOut:
    return LineOut(
        id=line_id,
        corrects=corrects,
        description=stated.description,
        item=_public("itm", stated.item),
        quantity=_text(line.quantity),
        unit_code=stated.unit_code,
        unit_price=_text(line.unit_price),
        base_quantity=_text(line.base_quantity),
        tax=TaxOut(line.tax.category, plain(line.tax.rate)),
        allowances=_adjustments(line.allowances, allowances),
        charges=_adjustments(line.charges, charges),
        net_amount=_text(net_amount),
    )


def _adjustments(items: Sequence[AllowanceCharge], amounts: Sequence[Decimal]) -> list[AdjustmentOut]:
    return [
        AdjustmentOut(
            _text(amount), plain(item.percent), plain(item.base_amount), item.reason, item.reason_code
        )
        for item, amount in zip(items, amounts, strict=True)
    ]


def _document_adjustments(
    items: Sequence[AllowanceCharge], amounts: Sequence[Decimal]
) -> list[DocumentAdjustmentOut]:
    return [
        DocumentAdjustmentOut(
            _text(amount),
            plain(item.percent),
            plain(item.base_amount),
            item.reason,
            item.reason_code,
            item.tax and TaxOut(item.tax.category, plain(item.tax.rate)),
        )
        for item, amount in zip(items, amounts, strict=True)
    ]


def _totals(totals: Totals, breakdown: Iterable[TaxRow]) -> TotalsOut:
    return TotalsOut(
        _text(totals.sum_of_lines),
        _text(totals.allowance_total),
        _text(totals.charge_total),
        _text(totals.tax_exclusive),
        _text(totals.tax_total),
        _text(totals.tax_inclusive),
        _text(totals.payable),
        [
            BreakdownOut(row.category, plain(row.rate), _text(row.taxable), _text(row.tax))
            for row in breakdown
        ],
    )


def _text(number: Decimal) -> str:
    return format(number, "f")


def _public(prefix: str, value: UUID | None) -> str | None:
    return None if value is None else encode(prefix, value)
