"""Money comes in: a payment is posted, and settles documents where the payer said which."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from invoicing.domain import ledger
from invoicing.domain.ledger import Balance, PaymentMethod, Share
from invoicing.models import LegalEntity, Payment
from invoicing.money import Money
from invoicing.services import allocating, posting, valuing
from invoicing.services.open_periods import within_open_period
from invoicing.statements import merging
from tenants.errors import FieldError, InvalidInput
from tenants.scope import require_tenant_id


@transaction.atomic
def receive_payment(
    *,
    customer_id: UUID,
    money: Money,
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER,
    reference: str = "",
    effective_date: date | None = None,
    legal_entity_id: UUID | None = None,
    shares: Sequence[Share] = (),
    metadata: Mapping[str, str] | None = None,
) -> Payment:
    """Post money received on `effective_date` (by default today) and settle the documents of `shares`.

    What no share takes is the customer's unallocated credit. Without a legal entity the tenant's
    default one received it. In a foreign currency it is booked at the rate of its day. Raises
    InvalidInput, EffectiveInFuture, PeriodClosed, RateMissing and what `allocate_payment` does.
    """
    money = ledger.proper_amount(money, "/amount")
    shares = ledger.proper_shares(shares) if shares else ()
    today = posting.join_ledger().today
    day = effective_date or today
    if day > today:
        raise ledger.EffectiveInFuture(pointer="/effective_date")
    receiver = _receiver(legal_entity_id)
    payment = Payment(
        tenant_id=require_tenant_id(),
        legal_entity_id=receiver.id,
        customer_id=_customer(customer_id),
        currency=money.currency,
        amount=money.amount,
        method=method.value,
        reference=reference,
        effective_date=day,
        metadata=dict(metadata or {}),
    )
    if receiver.currency != money.currency:
        payment.exchange = valuing.book_of_payment(
            payment, base=receiver.currency, required=receiver.base_rate_required
        )
    if not shares:
        _save(payment)
    else:
        _save_allocated(payment, shares, today=today)
    posting.publish("payment.received", payment, amount=money.amount, currency=money.currency)
    return payment


def _save_allocated(payment: Payment, shares: Sequence[Share], *, today: date) -> None:
    source: Balance = posting.credit_of_payment(payment)
    documents, settlements = allocating.plan(source=source, shares=shares, on=None, today=today)
    rows = [allocating.allocation_of(settlement, source, payment_id=payment.id) for settlement in settlements]
    valuing.value_allocations(rows, source=payment, documents=documents)
    payment.allocated_amount = ledger.total_of(row.amount for row in rows)
    _save(payment)
    posting.post(
        rows=rows,
        documents=allocating.moves_of(settlements),
        before=documents,
    )


def _save(payment: Payment) -> None:
    with within_open_period(posting.EFFECTIVE):
        payment.save(force_insert=True)


def _customer(customer_id: UUID) -> UUID:
    """Money of a customer who was deactivated is still theirs; of one that was merged, the survivor's."""
    stands = merging.survivors_of(tenant_id=require_tenant_id(), customers=[customer_id])
    if customer_id not in stands:
        raise InvalidInput([FieldError("/customer", "unknown-reference", "There is no such customer.")])
    return stands[customer_id]


class _Receiver(NamedTuple):
    """A legal entity, and how it keeps its books."""

    id: UUID
    currency: str
    base_rate_required: bool


def _receiver(legal_entity_id: UUID | None) -> _Receiver:
    entities = LegalEntity.objects.filter(is_default=True)
    if legal_entity_id is not None:
        entities = LegalEntity.all_objects.filter(id=legal_entity_id)
    found = entities.values_list("id", "currency", "base_rate_required").first()
    if found is None:
        detail = "There is no such legal entity."
        if legal_entity_id is None:
            detail = "The tenant has no default legal entity: name one."
        raise InvalidInput([FieldError("/legal_entity", "unknown-reference", detail)])
    return _Receiver(*found)
