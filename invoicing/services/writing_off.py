"""A claim is given up, with a reason and within a limit, and may be taken up again."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum

from invoicing.domain import ledger
from invoicing.domain.ledger import AboveBalance, OtherCurrency, ReversalKind
from invoicing.models import Invoice, LegalEntity, Reversal, WriteOff
from invoicing.money import Money
from invoicing.selectors.ledger import get_write_off
from invoicing.services import posting, valuing
from invoicing.services.allocating import part_to_reverse
from invoicing.statements.ledger import DocumentMove
from tenants import scope
from tenants.capabilities import INVOICES_WRITE_OFF
from tenants.errors import DomainError, Kind
from tenants.scope import require_tenant_id


class AboveWriteOffLimit(DomainError):
    """This is more than the legal entity lets you write off of one document: an admin may."""

    kind, code = Kind.FORBIDDEN, "above-write-off-limit"


@transaction.atomic
def write_off_invoice(
    *, invoice_id: UUID, reason: str, money: Money | None = None, effective_date: date | None = None
) -> WriteOff:
    """Give up an amount of what is open of a document, by default all of it, as of today.

    Within the legal entity's limit for all write-offs of one document together, which is in the
    entity's currency; above it, or in another currency, the actor needs `invoices.write_off`. Raises
    NotFound, InvalidInput, NotIssued, AlreadyVoided, NoClaim, OtherCurrency, AboveBalance,
    AboveWriteOffLimit, EffectiveTooEarly, EffectiveInFuture, PeriodClosed.
    """
    if money is not None:
        money = ledger.proper_amount(money, "/amount")
    today = posting.join_ledger().today
    invoice = posting.lock_document(document_id=invoice_id)
    claim = posting.claim_of_document(invoice)
    amount = claim.left if money is None else money
    if amount.currency != claim.left.currency:
        raise OtherCurrency(pointer="/amount", currency=claim.left.currency)
    if not 0 < amount.amount <= claim.left.amount:
        raise AboveBalance(pointer="/amount", balance=format(claim.left.amount, "f"))
    _ensure_within_limit(invoice, amount)
    write_off = WriteOff(
        tenant_id=require_tenant_id(),
        invoice_id=invoice_id,
        currency=amount.currency,
        amount=amount.amount,
        reason=reason,
        effective_date=ledger.effective_day(
            effective_date or max(today, claim.since), earliest=claim.since, today=max(today, claim.since)
        ),
    )
    valuing.value_write_off(write_off, document=invoice)
    posting.post(rows=[write_off], documents=[DocumentMove(invoice_id, amount.amount)], before=[invoice])
    posting.publish(
        "invoice.written_off", invoice, amount=amount.amount, currency=amount.currency, reason=reason
    )
    return write_off


@transaction.atomic
def reverse_write_off(
    *, write_off_id: UUID, reason: str, amount: Money | None = None, effective_date: date | None = None
) -> Reversal:
    """Take a claim up again, in part or all that was given up: the document is open for money to come.

    Raises NotFound, InvalidInput, OtherCurrency, NothingLeft, EffectiveTooEarly, EffectiveInFuture,
    PeriodClosed.
    """
    write_off = get_write_off(write_off_id=write_off_id)
    today = posting.join_ledger().today
    invoice = posting.lock_document(document_id=write_off.invoice_id)
    part = part_to_reverse(write_off, amount)
    first = write_off.effective_date
    day = ledger.effective_day(effective_date or max(today, first), earliest=first, today=max(today, first))
    reversal = Reversal(
        tenant_id=require_tenant_id(),
        kind=ReversalKind.WRITE_OFF.value,
        write_off_id=write_off_id,
        invoice_id=write_off.invoice_id,
        currency=write_off.currency,
        amount=part,
        reason=reason,
        effective_date=day,
    )
    valuing.value_reversals([reversal], of={write_off_id: write_off}, base=valuing.base_of(invoice))
    posting.post(
        rows=[reversal], documents=[DocumentMove(write_off.invoice_id, -part, day)], before=[invoice]
    )
    posting.publish("write_off.reversed", write_off, amount=part, reason=reason)
    return reversal


def _ensure_within_limit(invoice: Invoice, amount: Money) -> None:
    """The document is locked, so that small write-offs cannot pass the limit side by side."""
    if scope.current().actor.can(INVOICES_WRITE_OFF):
        return
    entity = LegalEntity.all_objects.get(id=invoice.legal_entity_id)
    limit = entity.write_off_limit if entity.currency == amount.currency else Decimal(0)
    if _written_off(invoice.id) + amount.amount > limit:
        raise AboveWriteOffLimit(pointer="/amount", limit=format(limit, "f"))


def _written_off(invoice_id: UUID) -> Decimal:
    written = WriteOff.objects.filter(invoice_id=invoice_id).aggregate(sum=Sum("amount"))["sum"]
    back = Reversal.objects.filter(invoice_id=invoice_id, kind=ReversalKind.WRITE_OFF.value)
    return Decimal(written or 0) - Decimal(back.aggregate(sum=Sum("amount"))["sum"] or 0)
