"""Money goes again without our doing: a bank debit is returned, a card payment charged back.

Or it never came: an entry was made in error. What it had settled is open again.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from invoicing.domain import ledger
from invoicing.domain.ledger import Live, OtherCurrency, ReversalKind, Share
from invoicing.models import Allocation, Payment, Reversal
from invoicing.money import Money
from invoicing.selectors.ledger import live_allocations
from invoicing.services import allocating, posting, valuing
from invoicing.statements.ledger import PaymentMove
from tenants.errors import DomainError, Kind
from tenants.scope import require_tenant_id


class AboveWhatIsThere(DomainError):
    """The amount is above what of the payment was neither refunded nor returned before."""

    kind, code = Kind.CONFLICT, "above-payment"


class PartlyGone(DomainError):
    """Some of the payment was refunded or returned, so it was no mistake: post a return of the rest."""

    kind, code = Kind.CONFLICT, "partly-gone"


@transaction.atomic
def return_payment(
    *,
    payment_id: UUID,
    kind: ReversalKind = ReversalKind.RETURN,
    reason: str,
    money: Money | None = None,
    effective_date: date | None = None,
) -> Reversal:
    """Post that a payment was returned by the bank or charged back, by default all that is left of it.

    Credit that settles nothing goes first, then the latest allocations, whose documents are open
    again. Counts from the stated day, by default from today. Raises NotFound, InvalidInput,
    OtherCurrency, AboveWhatIsThere, EffectiveTooEarly, EffectiveInFuture, PeriodClosed.
    """
    if money is not None:
        money = ledger.proper_amount(money, "/amount")
    today = posting.join_ledger().today
    payment = posting.lock_payment(payment_id=payment_id)
    return _take_away(payment, kind, money, reason, on=effective_date, today=today)


@transaction.atomic
def reverse_payment(*, payment_id: UUID, reason: str, effective_date: date | None = None) -> Reversal:
    """Take back a payment that was entered in error, whole, with everything it settled.

    Raises NotFound, PartlyGone, EffectiveTooEarly, EffectiveInFuture, PeriodClosed.
    """
    today = posting.join_ledger().today
    payment = posting.lock_payment(payment_id=payment_id)
    if payment.refunded_amount or payment.returned_amount:
        raise PartlyGone
    return _take_away(payment, ReversalKind.MISTAKE, None, reason, on=effective_date, today=today)


def _take_away(
    payment: Payment, kind: ReversalKind, money: Money | None, reason: str, *, on: date | None, today: date
) -> Reversal:
    left = payment.allocated_amount + payment.unallocated_amount
    amount = left if money is None else money.amount
    if money is not None and money.currency != payment.currency:
        raise OtherCurrency(pointer="/amount", currency=payment.currency)
    if not 0 < amount <= left:
        raise AboveWhatIsThere(pointer="/amount", left=format(left, "f"))
    since = posting.credit_of_payment(payment).since
    day = ledger.effective_day(on or max(today, since), earliest=since, today=max(today, since))
    returned = Reversal(
        tenant_id=require_tenant_id(),
        kind=kind.value,
        payment_id=payment.id,
        currency=payment.currency,
        amount=amount,
        reason=reason,
        effective_date=day,
    )
    live = live_allocations(payment_id=payment.id) if amount > payment.unallocated_amount else []
    taken = ledger.plan_return(
        amount=amount,
        unallocated=payment.unallocated_amount,
        live=[Live(row.id, row.invoice_id, rest, row.effective_date) for row, rest in live],
    )
    _post(payment, returned, taken, {row.id: row for row, _ in live})
    name = "payment.reversed" if kind is ReversalKind.MISTAKE else "payment.returned"
    posting.publish(name, payment, kind=kind.value, amount=amount, currency=payment.currency, reason=reason)
    return returned


def _post(
    payment: Payment, returned: Reversal, taken: Sequence[Live], allocations: dict[UUID, Allocation]
) -> None:
    shares = {part.document: Share(part.document, Money(part.amount, payment.currency)) for part in taken}
    documents = posting.lock_claims(shares=list(shares.values())) if shares else {}
    # An allocation that counts from a later day than the return is taken back on its own day.
    reversals = [
        allocating.reversal_of(
            allocations[part.id],
            part.amount,
            on=max(part.on, returned.effective_date),
            reason=returned.reason,
            cause=returned,
        )
        for part in taken
    ]
    base = valuing.base_of(payment, *documents.values())
    valuing.value_reversals(reversals, of=dict(allocations), base=base)
    valuing.value_return(returned, payment=payment, reversals=reversals)
    moved, reopened = allocating.moves_back(reversals)
    move = moved[0] if moved else PaymentMove(payment.id)
    posting.post(
        rows=[returned, *reversals],
        payments=[move._replace(returned=returned.amount)],
        documents=reopened,
        before=documents.values(),
    )
