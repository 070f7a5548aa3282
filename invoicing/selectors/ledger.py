"""Reading what was posted: payments, allocations, refunds, write-offs and what took them back."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from invoicing.models import Allocation, Payment, Refund, Reversal, WriteOff
from invoicing.models.fields import ExactDecimalField
from invoicing.models.metadata import WithMetadata
from invoicing.selectors.parties import members_of
from tenants.errors import NotFound

_NOTHING = Decimal(0)


def get_payment(*, payment_id: UUID) -> Payment:
    """One payment. Raises NotFound, for another tenant's too."""
    payment: Payment | None = Payment.objects.filter(id=payment_id).first()
    if payment is None:
        raise NotFound
    return payment


def get_allocation(*, allocation_id: UUID) -> Allocation:
    """One allocation with `reversed_amount`. Raises NotFound."""
    allocation: Allocation | None = list_allocations().filter(id=allocation_id).first()
    if allocation is None:
        raise NotFound
    return allocation


def get_write_off(*, write_off_id: UUID) -> WriteOff:
    """One write-off. Raises NotFound."""
    write_off: WriteOff | None = WriteOff.objects.filter(id=write_off_id).first()
    if write_off is None:
        raise NotFound
    return write_off


def list_payments(
    *,
    customer: UUID | None = None,
    legal_entity: UUID | None = None,
    currency: str | None = None,
    method: str | None = None,
    received_from: date | None = None,
    received_to: date | None = None,
    unallocated: bool | None = None,
    metadata: Mapping[str, str] | None = None,
) -> QuerySet[Payment]:
    """Payments, the latest day first. `unallocated` asks for those with, or without, credit left.

    `metadata` are pairs that a payment has all of.
    """
    used = {
        "customer_id__in": None if customer is None else members_of(customer_id=customer),
        "legal_entity_id": legal_entity,
        "currency": currency,
        "method": method,
        "effective_date__gte": received_from,
        "effective_date__lte": received_to,
    }
    rows: QuerySet[Payment] = Payment.objects.filter(**_given(used))
    if unallocated is not None:
        left = F("allocated_amount") + F("refunded_amount") + F("returned_amount")
        rows = rows.filter(amount__gt=left) if unallocated else rows.filter(amount=left)
    if metadata:
        rows = rows.filter(id__in=WithMetadata(Payment, metadata))
    return rows.order_by("-effective_date", "-id")


def payments_after(rows: QuerySet[Payment], *, key: tuple[date, UUID]) -> QuerySet[Payment]:
    """Those of `list_payments` that come behind the row with this day and id."""
    day, row_id = key
    further = Q(effective_date__lt=day) | Q(id__lt=row_id)
    return rows.filter(effective_date__lte=day).filter(further)


def list_allocations(
    *,
    payment: UUID | None = None,
    credit_note: UUID | None = None,
    invoice: UUID | None = None,
) -> QuerySet[Allocation]:
    """Allocations with `reversed_amount`, the latest posting first."""
    used = {"payment_id": payment, "credit_note_id": credit_note, "invoice_id": invoice}
    rows: QuerySet[Allocation] = Allocation.objects.filter(**_given(used))
    return rows.annotate(reversed_amount=_reversed("allocation_id")).order_by("-id")


def list_refunds(*, payment: UUID | None = None, credit_note: UUID | None = None) -> QuerySet[Refund]:
    """Refunds, the latest posting first."""
    used = {"payment_id": payment, "credit_note_id": credit_note}
    rows: QuerySet[Refund] = Refund.objects.filter(**_given(used))
    return rows.order_by("-id")


def list_write_offs(*, invoice: UUID | None = None) -> QuerySet[WriteOff]:
    """Write-offs with `reversed_amount`, the latest posting first."""
    rows: QuerySet[WriteOff] = WriteOff.objects.filter(**_given({"invoice_id": invoice}))
    return rows.annotate(reversed_amount=_reversed("write_off_id")).order_by("-id")


def list_returns(*, payment: UUID) -> QuerySet[Reversal]:
    """What went of a payment without our doing, the latest posting first."""
    rows: QuerySet[Reversal] = Reversal.objects.filter(payment_id=payment, allocation_id__isnull=True)
    return rows.order_by("-id")


def live_allocations(*, payment_id: UUID) -> list[tuple[Allocation, Decimal]]:
    """Allocations of a payment with what is left of each, the latest posting first."""
    rows = list_allocations(payment=payment_id).annotate(live=F("amount") - F("reversed_amount"))
    return [(row, row.live) for row in rows if row.live > 0]


def _reversed(name: str) -> Coalesce:
    sums = (
        Reversal.objects.filter(**{name: OuterRef("id")})
        .order_by()
        .values(name)
        .annotate(sum=Sum("amount"))
        .values("sum")
    )
    return Coalesce(Subquery(sums), _NOTHING, output_field=ExactDecimalField())


def _given(conditions: dict[str, Any]) -> dict[str, Any]:
    return {lookup: value for lookup, value in conditions.items() if value is not None}
