"""Money settles documents, and is taken back from them (invariant 4)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from invoicing.domain import ledger
from invoicing.domain.ledger import Balance, ReversalKind, Settlement, Share
from invoicing.models import Allocation, Invoice, Payment, Reversal, WriteOff
from invoicing.money import Money
from invoicing.selectors.ledger import get_allocation
from invoicing.selectors.period_locks import closed_through
from invoicing.services import posting, valuing
from invoicing.statements.ledger import DocumentMove, PaymentMove
from tenants.errors import DomainError, Kind, NotFound
from tenants.scope import require_tenant_id


class NothingLeft(DomainError):
    """It was taken back already, all of it or as much as you name."""

    kind, code = Kind.CONFLICT, "already-reversed"


@transaction.atomic
def allocate_payment(
    *, payment_id: UUID, shares: Sequence[Share], effective_date: date | None = None
) -> list[Allocation]:
    """Settle documents out of a payment's unallocated credit, all shares or none.

    Without a date each counts from the first open day on which payment and document are both there. Raises
    NotFound, InvalidInput, NotIssued, AlreadyVoided, NoClaim, PeriodClosed and what `plan_settlements`
    refuses.
    """
    shares = ledger.proper_shares(shares)
    today = posting.join_ledger().today
    payment = posting.lock_payment(payment_id=payment_id)
    source = posting.credit_of_payment(payment)
    documents, settlements = plan(source=source, shares=shares, on=effective_date, today=today)
    rows = [allocation_of(settlement, source, payment_id=payment_id) for settlement in settlements]
    valuing.value_allocations(rows, source=payment, documents=documents)
    posting.post(
        rows=rows,
        payments=[PaymentMove(payment_id, allocated=ledger.total_of(row.amount for row in rows))],
        documents=moves_of(settlements),
        before=documents,
    )
    return rows


@transaction.atomic
def allocate_credit(
    *, credit_note_id: UUID, shares: Sequence[Share], effective_date: date | None = None
) -> list[Allocation]:
    """Settle documents out of what a credit note has left; as `allocate_payment`. Raises NoCredit too."""
    shares = ledger.proper_shares(shares)
    today = posting.join_ledger().today
    credit_note = posting.lock_document(document_id=credit_note_id)
    source = posting.credit_of_document(credit_note)
    documents, settlements = plan(source=source, shares=shares, on=effective_date, today=today)
    rows = [allocation_of(settlement, source, credit_note_id=credit_note_id) for settlement in settlements]
    valuing.value_allocations(rows, source=credit_note, documents=documents)
    spent = DocumentMove(credit_note_id, ledger.total_of(row.amount for row in rows))
    posting.post(rows=rows, documents=[spent, *moves_of(settlements)], before=[credit_note, *documents])
    return rows


def allocate(
    *,
    share: Share,
    payment_id: UUID | None = None,
    credit_note_id: UUID | None = None,
    effective_date: date | None = None,
) -> Allocation:
    """Settle one document out of the payment, or out of the credit note, that is named.

    Raises as `allocate_payment` and `allocate_credit`.
    """
    if payment_id is not None:
        (row,) = allocate_payment(payment_id=payment_id, shares=[share], effective_date=effective_date)
    elif credit_note_id is not None:
        (row,) = allocate_credit(credit_note_id=credit_note_id, shares=[share], effective_date=effective_date)
    else:
        raise NotFound
    return row


def apply_credit(
    *, credit_note_id: UUID, invoice_id: UUID, amount: Decimal, effective_date: date | None = None
) -> Allocation:
    """Settle `amount` of one invoice, in its currency, out of a credit note. Raises as `allocate_credit`."""
    currency = Invoice.objects.values_list("currency", flat=True).filter(id=invoice_id).first()
    if currency is None:
        raise NotFound
    share = Share(invoice_id, Money(amount, currency))
    (allocation,) = allocate_credit(
        credit_note_id=credit_note_id, shares=[share], effective_date=effective_date
    )
    return allocation


@transaction.atomic
def reverse_allocation(
    *, allocation_id: UUID, reason: str, amount: Money | None = None, effective_date: date | None = None
) -> Reversal:
    """Take an allocation back, in part or all that is left of it: the money is free, the document open.

    Counts from the stated day, by default from today. Raises NotFound, InvalidInput, OtherCurrency,
    NothingLeft, EffectiveTooEarly, EffectiveInFuture, PeriodClosed.
    """
    allocation = get_allocation(allocation_id=allocation_id)
    today = posting.join_ledger().today
    sources: list[Invoice] = []
    payment: Payment | None = None
    if allocation.payment_id is not None:
        payment = posting.lock_payment(payment_id=allocation.payment_id)
    elif allocation.credit_note_id is not None:
        sources.append(posting.lock_document(document_id=allocation.credit_note_id))
    document = posting.lock_document(document_id=allocation.invoice_id)
    part = part_to_reverse(allocation, amount)
    day = ledger.effective_day(
        effective_date or max(today, allocation.effective_date),
        earliest=allocation.effective_date,
        today=max(today, allocation.effective_date),
    )
    reversal = reversal_of(allocation, part, on=day, reason=reason)
    base = valuing.base_of(payment, document, *sources)
    valuing.value_reversals([reversal], of={allocation.id: allocation}, base=base)
    payments, documents = moves_back([reversal])
    posting.post(rows=[reversal], payments=payments, documents=documents, before=[*sources, document])
    posting.publish("allocation.reversed", allocation, amount=part, reason=reason)
    return reversal


def plan(
    *, source: Balance, shares: Sequence[Share], on: date | None, today: date
) -> tuple[list[Invoice], list[Settlement]]:
    """Lock the documents that shares name and decide. Raises as `allocate_payment`."""
    documents = posting.lock_claims(shares=shares)
    claims = {document.id: posting.claim_of_document(document) for document in documents.values()}
    source, claims = posting.as_survivors(source, claims)
    # Only days that are over are ever closed: what counts from today needs no look.
    is_late = on is None and source.since < today
    settlements = ledger.plan_settlements(
        source=source,
        claims=claims,
        shares=shares,
        on=on,
        today=today,
        closed_through=closed_through(legal_entity=source.legal_entity) if is_late else None,
    )
    return list(documents.values()), settlements


def moves_of(settlements: Sequence[Settlement]) -> list[DocumentMove]:
    """What settlements do to their documents."""
    return [DocumentMove(settlement.document, settlement.amount) for settlement in settlements]


def reversal_of(
    allocation: Allocation, amount: Decimal, *, on: date, reason: str, cause: Reversal | None = None
) -> Reversal:
    """The row that takes `amount` of an allocation back."""
    return Reversal(
        tenant_id=allocation.tenant_id,
        kind=ReversalKind.ALLOCATION.value,
        allocation_id=allocation.id,
        payment_id=allocation.payment_id,
        credit_note_id=allocation.credit_note_id,
        invoice_id=allocation.invoice_id,
        cause_id=None if cause is None else cause.id,
        currency=allocation.currency,
        amount=amount,
        reason=reason,
        effective_date=on,
    )


def moves_back(reversals: Sequence[Reversal]) -> tuple[list[PaymentMove], list[DocumentMove]]:
    """What reversals of allocations do to payments and documents, each named once."""
    payments: dict[UUID, PaymentMove] = {}
    documents: dict[UUID, DocumentMove] = {}
    for row in reversals:
        on = row.effective_date
        if row.payment_id is not None:
            paid = payments.get(row.payment_id, PaymentMove(row.payment_id, reopened_on=on))
            payments[row.payment_id] = paid._replace(
                allocated=paid.allocated - row.amount, reopened_on=max(on, paid.reopened_on or on)
            )
        for document_id in (row.credit_note_id, row.invoice_id):
            if document_id is not None:
                moved = documents.get(document_id, DocumentMove(document_id, Decimal(0), on))
                documents[document_id] = moved._replace(
                    settled=moved.settled - row.amount, reopened_on=max(on, moved.reopened_on or on)
                )
    return list(payments.values()), list(documents.values())


def part_to_reverse(posted: Allocation | WriteOff, amount: Money | None) -> Decimal:
    """How much of a posting is taken back: what is named, else what is left of it.

    Its ends are locked, so nobody else takes it back meanwhile. Raises InvalidInput, OtherCurrency,
    NothingLeft.
    """
    name = "allocation_id" if isinstance(posted, Allocation) else "write_off_id"
    taken = Reversal.objects.filter(**{name: posted.id}).aggregate(sum=Sum("amount"))["sum"]
    left: Decimal = posted.amount - (taken or 0)
    part = left
    if amount is not None:
        part = ledger.proper_amount(amount, "/amount").amount
        if amount.currency != posted.currency:
            raise ledger.OtherCurrency(pointer="/amount", currency=posted.currency)
    if not 0 < part <= left:
        raise NothingLeft(pointer="/amount", left=format(left, "f"))
    return part


def allocation_of(
    settlement: Settlement,
    source: Balance,
    *,
    payment_id: UUID | None = None,
    credit_note_id: UUID | None = None,
) -> Allocation:
    """The row that settles as planned."""
    return Allocation(
        tenant_id=require_tenant_id(),
        payment_id=payment_id,
        credit_note_id=credit_note_id,
        invoice_id=settlement.document,
        currency=source.left.currency,
        amount=settlement.amount,
        effective_date=settlement.on,
    )
