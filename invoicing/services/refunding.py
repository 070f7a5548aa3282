"""Money goes back to the customer, out of credit that settles nothing."""

from datetime import date
from uuid import UUID

from django.db import transaction

from invoicing.domain import ledger
from invoicing.domain.ledger import AboveCredit, Balance, OtherCurrency, PaymentMethod
from invoicing.models import Invoice, Payment, Refund
from invoicing.money import Money
from invoicing.services import posting, valuing
from invoicing.statements.ledger import DocumentMove, PaymentMove
from tenants.scope import require_tenant_id


@transaction.atomic
def refund_payment(
    *,
    payment_id: UUID,
    money: Money,
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER,
    reference: str = "",
    reason: str = "",
    effective_date: date | None = None,
) -> Refund:
    """Pay back unallocated credit of a payment, by default as of today.

    Raises NotFound, InvalidInput, OtherCurrency, AboveCredit, EffectiveTooEarly, EffectiveInFuture,
    PeriodClosed.
    """
    money = ledger.proper_amount(money, "/amount")
    today = posting.join_ledger().today
    payment = posting.lock_payment(payment_id=payment_id)
    day = _decide(posting.credit_of_payment(payment), money, on=effective_date, today=today)
    refund = _refund(money, method, reference, reason, day)
    refund.payment_id = payment_id
    valuing.value_refund(refund, source=payment)
    posting.post(rows=[refund], payments=[PaymentMove(payment_id, refunded=money.amount)])
    _publish(payment, refund)
    return refund


@transaction.atomic
def refund_credit(
    *,
    credit_note_id: UUID,
    money: Money,
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER,
    reference: str = "",
    reason: str = "",
    effective_date: date | None = None,
) -> Refund:
    """Pay back what a credit note has left, by default as of today.

    Raises NotFound, InvalidInput, NotIssued, AlreadyVoided, NoCredit, OtherCurrency, AboveCredit,
    EffectiveTooEarly, EffectiveInFuture, PeriodClosed.
    """
    money = ledger.proper_amount(money, "/amount")
    today = posting.join_ledger().today
    credit_note = posting.lock_document(document_id=credit_note_id)
    day = _decide(posting.credit_of_document(credit_note), money, on=effective_date, today=today)
    refund = _refund(money, method, reference, reason, day)
    refund.credit_note_id = credit_note_id
    valuing.value_refund(refund, source=credit_note)
    posting.post(rows=[refund], documents=[DocumentMove(credit_note_id, money.amount)], before=[credit_note])
    _publish(credit_note, refund)
    return refund


def _decide(credit: Balance, money: Money, *, on: date | None, today: date) -> date:
    if money.currency != credit.left.currency:
        raise OtherCurrency(pointer="/amount", currency=credit.left.currency)
    if money.amount > credit.left.amount:
        raise AboveCredit(pointer="/amount", credit=format(credit.left.amount, "f"))
    return ledger.effective_day(
        on or max(today, credit.since), earliest=credit.since, today=max(today, credit.since)
    )


def _refund(money: Money, method: PaymentMethod, reference: str, reason: str, day: date) -> Refund:
    return Refund(
        tenant_id=require_tenant_id(),
        currency=money.currency,
        amount=money.amount,
        method=method.value,
        reference=reference,
        reason=reason,
        effective_date=day,
    )


def _publish(source: Payment | Invoice, refund: Refund) -> None:
    name = "payment.refunded" if isinstance(source, Payment) else "credit_note.refunded"
    posting.publish(name, source, refund=refund.id, amount=refund.amount, currency=refund.currency)
