"""Postings in a foreign currency get their book values, and with them the gain or loss they realise.

Each function fills in the values of rows that are about to be posted; payments and documents are locked.
Where the books are kept in the currency of the posting there is nothing to do, and nothing is asked.
"""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from invoicing.domain import exchange
from invoicing.domain.booking import Holding, Values, take, taken_back
from invoicing.domain.document import ZERO
from invoicing.domain.exchange import Converted, Exchange
from invoicing.domain.ledger import ReversalKind
from invoicing.models import Allocation, Invoice, LegalEntity, Payment, Refund, Reversal, WriteOff
from invoicing.selectors.exchange_rates import Wanted, rates_of
from invoicing.statements import book_values
from tenants.scope import require_tenant_id


def book_of_payment(payment: Payment, *, base: str, required: bool) -> dict[str, Any] | None:
    """What a payment in a foreign currency is in the books at the rate of its day, as it is kept with it.

    None without a rate. One statement. Raises RateMissing where a rate is `required`.
    """
    wanted = Wanted(payment.currency, base, payment.effective_date)
    rate = rates_of([wanted]).get(wanted)
    if rate is not None:
        return exchange.to_json(Exchange(base=Converted(rate, rate.convert(payment.amount))))
    if required:
        raise exchange.missing(
            currency=wanted.currency, target=base, day=wanted.day, pointer="/effective_date"
        )
    return None


def value_allocations(
    rows: Sequence[Allocation], *, source: Payment | Invoice, documents: Iterable[Invoice]
) -> None:
    """The values of both sides, taken one after the other where rows share the money."""
    held = _holdings([source, *documents])
    for row in rows:
        row.source_value = _take(held, source.id, row.amount)
        row.target_value = _take(held, row.invoice_id, row.amount)


def value_write_off(row: WriteOff, *, document: Invoice) -> None:
    """What is given up is lost at its book value."""
    row.target_value = _take(_holdings([document]), document.id, row.amount)


def value_refund(row: Refund, *, source: Payment | Invoice) -> None:
    """Credit goes at its book value, the money paid at the rate of its day: what differs is realised.

    Raises RateMissing.
    """
    row.source_value = _take(_holdings([source]), source.id, row.amount)
    row.target_value = _value_on_day(row, source) if row.source_value is not None else None


def value_reversals(
    rows: Sequence[Reversal], *, of: Mapping[UUID, Allocation | WriteOff], base: str | None
) -> None:
    """What each takes back of its posting, whose id is in `of`; `base` is the currency of the books."""
    if base is None:
        return
    gone = book_values.reversed_so_far(tenant_id=require_tenant_id(), postings=list(of))
    for row in rows:
        posted = of[_reversed_by(row)]
        before = gone.get(posted.id, book_values.Gone(ZERO, None, None))
        values = taken_back(
            Values(getattr(posted, "source_value", None), posted.target_value),
            amount=posted.amount,
            reversed_so_far=(before.amount, Values(before.source, before.target)),
            part=row.amount,
            base=base,
        )
        row.source_value, row.target_value = values


def _reversed_by(row: Reversal) -> UUID:
    """The posting that a reversal takes back."""
    posted: UUID | None = row.allocation_id or row.write_off_id
    if posted is None:
        raise ValueError("the reversal is of a payment")
    return posted


def value_return(row: Reversal, *, payment: Payment, reversals: Iterable[Reversal]) -> None:
    """Money that went again: its book value leaves, after what the reversals have given back to it.

    Money that never came was worth nothing on any day, so a mistake realises nothing. Raises RateMissing.
    """
    held = _holdings([payment])
    holding = held.get(payment.id)
    if holding is None:
        return
    for back in reversals:
        holding = holding._replace(
            amount=holding.amount + back.amount, value=holding.value + (back.source_value or ZERO)
        )
    row.source_value, _ = take(holding, row.amount)
    is_mistake = row.kind == ReversalKind.MISTAKE.value
    row.target_value = row.source_value if is_mistake else _value_on_day(row, payment)


def base_of(*holders: Payment | Invoice | None) -> str | None:
    """The currency of the books, of those that have a book value; None where none has."""
    for holder in holders:
        kept = None if holder is None else exchange.from_json(holder.exchange).base
        if kept is not None:
            return kept.rate.target
    return None


def _holdings(holders: Iterable[Payment | Invoice]) -> dict[UUID, Holding]:
    """What is left of each that has a book value. One statement, none where none has."""
    valued = {
        holder.id: (holder, kept)
        for holder in holders
        if (kept := exchange.from_json(holder.exchange).base) is not None
    }
    if not valued:
        return {}
    gone = book_values.taken(
        tenant_id=require_tenant_id(),
        payments=[each for each, (holder, _) in valued.items() if isinstance(holder, Payment)],
        documents=[each for each, (holder, _) in valued.items() if isinstance(holder, Invoice)],
    )
    return {
        each: Holding(_left(holder), abs(kept.amount) - gone.get(each, ZERO), kept.rate.target)
        for each, (holder, kept) in valued.items()
    }


def _left(holder: Payment | Invoice) -> Decimal:
    if isinstance(holder, Payment):
        return holder.unallocated_amount
    return abs(Decimal(holder.payable - holder.settled_amount))


def _take(held: dict[UUID, Holding], holder: UUID, part: Decimal) -> Decimal | None:
    if holder not in held:
        return None
    value, held[holder] = take(held[holder], part)
    return value


def _value_on_day(row: Refund | Reversal, source: Payment | Invoice) -> Decimal | None:
    base = base_of(source)
    if base is None:
        return None
    wanted = Wanted(row.currency, base, row.effective_date)
    rate = rates_of([wanted]).get(wanted)
    if rate is not None:
        return rate.convert(row.amount)
    if LegalEntity.all_objects.filter(id=source.legal_entity_id, base_rate_required=True).exists():
        raise exchange.missing(
            currency=row.currency, target=base, day=row.effective_date, pointer="/effective_date"
        )
    return None
