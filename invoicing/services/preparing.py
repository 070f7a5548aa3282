"""From what a caller states to the rows that will hold it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

import msgspec

from invoicing.domain import exchange, lifecycle
from invoicing.domain.document import ZERO
from invoicing.domain.exemptions import ensure_stated, exemptions_of
from invoicing.domain.record import Draft
from invoicing.domain.stored import (
    adjustments_to_json,
    borne_to_json,
    breakdown_to_json,
    exemptions_to_json,
    further_to_json,
    terms_to_json,
)
from invoicing.domain.totals import Computed, compute
from invoicing.selectors.open_lines import filled
from invoicing.services import exchanging
from invoicing.services.resolving import Resolved, place, resolve
from invoicing.statements.documents import DocumentRow, LineRow
from tenants import ids


@dataclass(frozen=True, slots=True)
class Prepared:
    """A draft with what it refers to, its computed totals and the rows that will hold it."""

    draft: Draft
    resolved: Resolved
    computed: Computed
    document: DocumentRow
    lines: list[LineRow]


def prepare(drafts: Sequence[Draft], *, now: datetime, issue: bool) -> list[Prepared]:
    """Resolve, compute and shape any number of documents with one statement, new ids throughout.

    To be issued, those that are in a foreign currency are converted, with one statement more; one that
    leaves something to the catalogue costs a few more. Raises RateMissing, InvalidInput for references
    that lead nowhere and for whatever `open_lines.filled` and `compute` refuse.
    """
    settled = resolve(drafts)
    prepared = [
        prepare_one(draft, resolved, invoice_id=ids.uuid7(), now=now, issue=issue)
        for draft, resolved in zip(drafts, settled, strict=True)
    ]
    return _converted(prepared, settled) if issue else prepared


def _converted(prepared: list[Prepared], settled: Sequence[Resolved]) -> list[Prepared]:
    foreign = [_foreign(one, resolved) for one, resolved in zip(prepared, settled, strict=True)]
    if not any(foreign):
        return prepared
    stored = exchanging.exchanges_of(foreign)
    return [
        one if kept is None else replace(one, document=msgspec.structs.replace(one.document, exchange=kept))
        for one, kept in zip(prepared, map(exchange.to_json, stored), strict=True)
    ]


def _foreign(prepared: Prepared, resolved: Resolved) -> exchanging.Foreign | None:
    document = prepared.document
    if document.issue_date is None:
        return None
    return exchanging.foreign(
        currency=document.currency,
        tax_currency=document.tax_currency,
        resolved=resolved,
        day=document.issue_date,
        tax_total=document.tax_total,
        payable=document.payable,
    )


def prepare_one(
    draft: Draft, resolved: Resolved, *, invoice_id: UUID, now: datetime, issue: bool
) -> Prepared:
    """The rows of one document whose references were resolved; no statement unless a line is open."""
    if any(line.is_open for line in draft.lines):
        day = draft.issue_date or now.astimezone(resolved.time_zone).date()
        document = filled(draft.document, draft.lines, day=day, customer=resolved.customer)
        draft = replace(draft, document=document)
    computed = compute(draft.document, tax_rounding=resolved.tax_rounding, cash_steps=resolved.cash_steps)
    return shape(draft, computed, resolved, invoice_id=invoice_id, now=now, issue=issue)


def shape(
    draft: Draft, computed: Computed, resolved: Resolved, *, invoice_id: UUID, now: datetime, issue: bool
) -> Prepared:
    """The rows of one document whose amounts are known. No statement."""
    ensure_stated(draft.exemptions)
    placement = place(draft, resolved, now=now, issue=issue)
    totals = computed.totals
    exemptions = draft.exemptions
    if issue:
        exemptions = exemptions_of(
            computed.breakdown, seller=resolved.seller, buyer=resolved.buyer, stated=draft.exemptions
        )
    payment = lifecycle.PaymentState.UNPAID
    if issue:
        # Nothing to pay is paid from the start.
        payment = lifecycle.payment_state(payable=totals.payable, settled=ZERO)
    document = DocumentRow(
        id=invoice_id,
        legal_entity_id=resolved.legal_entity,
        customer_id=resolved.customer,
        series_id=resolved.series,
        type=draft.document.type.value,
        payment_state=payment.value,
        period=placement.period,
        prefix=placement.shape.prefix,
        width=placement.shape.width,
        suffix=placement.shape.suffix,
        currency=draft.document.currency,
        tax_currency=draft.document.tax_currency,
        tax_rounding=computed.tax_rounding.value,
        issue_date=placement.issue_date,
        due_date=placement.due_date,
        payment_terms=draft.payment_terms,
        sum_of_lines=totals.sum_of_lines,
        allowance_total=totals.allowance_total,
        charge_total=totals.charge_total,
        tax_exclusive=totals.tax_exclusive,
        tax_total=totals.tax_total,
        tax_inclusive=totals.tax_inclusive,
        prepaid_amount=totals.prepaid_amount,
        rounding_amount=totals.rounding_amount,
        payable=totals.payable,
        allowances=adjustments_to_json(draft.document.allowances, computed.allowances),
        charges=adjustments_to_json(draft.document.charges, computed.charges),
        tax_breakdown=breakdown_to_json(computed.breakdown),
        seller=resolved.seller if issue else None,
        buyer=resolved.buyer if issue else None,
        prices_include_tax=draft.document.prices_include_tax,
        withheld_amount=totals.withheld_amount if computed.further else ZERO,
        further_taxes=further_to_json(computed.further),
        exemptions=exemptions_to_json(exemptions),
        metadata=dict(draft.metadata) if draft.metadata else None,
        due_rule=terms_to_json(placement.due_rule),
        cash_rounding=draft.document.cash_rounding,
        cash_step=computed.cash_step,
    )
    return Prepared(draft, resolved, computed, document, _line_rows(invoice_id, draft, computed))


def _line_rows(invoice_id: UUID, draft: Draft, computed: Computed) -> list[LineRow]:
    return [
        LineRow(
            id=ids.uuid7(),
            invoice_id=invoice_id,
            position=position,
            item_id=stated.item,
            description=stated.description,
            quantity=line.quantity,
            unit_code=stated.unit_code,
            unit_price=line.unit_price,
            base_quantity=line.base_quantity,
            tax_category=line.tax.category,
            tax_rate=line.tax.rate,
            allowances=adjustments_to_json(line.allowances, result.allowances),
            charges=adjustments_to_json(line.charges, result.charges),
            net_amount=result.net_amount,
            further_taxes=borne_to_json(line),
            catalogue_rate_id=stated.tax_rate,
        )
        for position, (stated, line, result) in enumerate(
            zip(draft.lines, draft.document.lines, computed.lines, strict=True), start=1
        )
    ]
