"""How v2 shows an invoice: decimals as plain text, ids in public form.

The structs are the schema and the answer at once; msgspec writes them.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from invoicing.api.v2.amounts_out import (
    DocumentAdjustmentOut,
    ExemptionOut,
    LineOut,
    TotalsOut,
    document_adjustments_out,
    exemptions_out,
    line_out,
    public_of,
    text_of,
    totals_out,
)
from invoicing.api.v2.exchange_out import ExchangeOut, exchange_out
from invoicing.domain.document import DocumentInput
from invoicing.domain.record import DraftLine, InvoiceRecord
from invoicing.domain.schedule import DueRule
from invoicing.domain.stored import plain
from invoicing.models import Customer
from invoicing.selectors.calculations import Calculated
from tenants.disclosure import disclosed
from tenants.ids import encode


class CalculationOut(msgspec.Struct, kw_only=True):
    type: str
    currency: str
    tax_currency: str | None
    prices_include_tax: bool
    prepaid_amount: str
    rounding_amount: str
    cash_rounding: bool | None
    cash_step: str | None
    lines: list[LineOut]
    allowances: list[DocumentAdjustmentOut]
    charges: list[DocumentAdjustmentOut]
    totals: TotalsOut
    exemptions: list[ExemptionOut]
    due_date: date | None


class DueRuleOut(msgspec.Struct):
    """Payment terms that a due date is computed from."""

    kind: str
    days: int
    months: int
    day: int | None
    roll: str


def due_rule_out(rule: DueRule | None) -> DueRuleOut | None:
    if rule is None:
        return None
    return DueRuleOut(rule.kind.value, rule.days, rule.months, rule.day, rule.roll.value)


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
    """`balance` is what is open: to be paid, or of a credit note to be used; null for a draft."""

    id: str
    number: str | None
    status: str
    payment_status: str
    balance: str | None
    legal_entity: str
    customer: str | CustomerOut
    series: str
    issue_date: date | None
    payment_terms: str
    due_rule: DueRuleOut | None
    corrects: CorrectsOut | None
    reason: str
    metadata: dict[str, str]
    exchange: ExchangeOut | None
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
        balance=plain(record.balance),
        type=record.type.value,
        legal_entity=encode("le", record.legal_entity),
        customer=encode("cus", record.customer) if customer is None else customer_out(customer),
        series=encode("ser", record.series),
        currency=record.currency,
        tax_currency=record.tax_currency,
        prices_include_tax=record.prices_include_tax,
        issue_date=record.issue_date,
        due_date=record.due_date,
        payment_terms=record.payment_terms,
        due_rule=due_rule_out(record.due_rule),
        prepaid_amount=text_of(record.totals.prepaid_amount),
        rounding_amount=text_of(record.totals.rounding_amount),
        cash_rounding=record.cash_rounding,
        cash_step=plain(record.cash_step),
        lines=[
            line_out(
                line.stated,
                line.input,
                line.net_amount,
                line.allowance_amounts,
                line.charge_amounts,
                line.gross_amount,
                line_id=encode("iln", line.id),
                corrects=public_of("iln", line.corrects),
            )
            for line in record.lines
        ],
        allowances=document_adjustments_out(record.allowances, record.allowance_amounts),
        charges=document_adjustments_out(record.charges, record.charge_amounts),
        totals=totals_out(record.totals, record.breakdown, record.further),
        exemptions=exemptions_out(record.exemptions),
        corrects=_corrects(record),
        reason=record.reason,
        metadata=dict(record.metadata),
        exchange=exchange_out(record.exchange),
        seller=disclosed(record.seller),
        buyer=disclosed(record.buyer),
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
    document: DocumentInput, lines: Sequence[DraftLine], calculated: Calculated
) -> CalculationOut:
    """The answer to `POST invoices/calculate`: what was stated, and what follows from it."""
    computed = calculated.computed
    return CalculationOut(
        type=document.type.value,
        currency=document.currency,
        tax_currency=document.tax_currency,
        prices_include_tax=document.prices_include_tax,
        prepaid_amount=text_of(computed.totals.prepaid_amount),
        rounding_amount=text_of(computed.totals.rounding_amount),
        cash_rounding=document.cash_rounding,
        cash_step=plain(computed.cash_step),
        lines=[
            line_out(stated, line, result.net_amount, result.allowances, result.charges, result.gross_amount)
            for stated, line, result in zip(lines, document.lines, computed.lines, strict=True)
        ],
        allowances=document_adjustments_out(document.allowances, computed.allowances),
        charges=document_adjustments_out(document.charges, computed.charges),
        totals=totals_out(computed.totals, computed.breakdown, computed.further),
        exemptions=exemptions_out(calculated.exemptions),
        due_date=calculated.due_date,
    )
