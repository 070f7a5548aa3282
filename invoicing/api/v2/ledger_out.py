"""How v2 shows what was posted to the ledger. The structs are the schema and the answer at once."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import msgspec

from invoicing.domain.booking import Values, gain
from invoicing.domain.stored import plain
from invoicing.models import Allocation, Payment, Refund, Reversal, WriteOff
from invoicing.money import round_amount
from tenants.ids import encode


class MoneyOut(msgspec.Struct):
    amount: str
    currency: str


class AllocationOut(msgspec.Struct):
    id: str
    payment: str | None
    credit_note: str | None
    invoice: str
    amount: MoneyOut
    reversed: MoneyOut
    effective_date: date
    recorded_at: datetime
    source_value: str | None
    target_value: str | None
    gain: str | None


class RefundOut(msgspec.Struct):
    id: str
    payment: str | None
    credit_note: str | None
    amount: MoneyOut
    method: str
    reference: str | None
    reason: str | None
    effective_date: date
    recorded_at: datetime
    source_value: str | None
    target_value: str | None
    gain: str | None


class WriteOffOut(msgspec.Struct):
    id: str
    invoice: str
    amount: MoneyOut
    reversed: MoneyOut
    reason: str
    effective_date: date
    recorded_at: datetime


class ReversalOut(msgspec.Struct):
    id: str
    kind: str
    allocation: str | None
    write_off: str | None
    payment: str | None
    credit_note: str | None
    invoice: str | None
    amount: MoneyOut
    reason: str
    effective_date: date
    recorded_at: datetime
    source_value: str | None
    target_value: str | None
    gain: str | None


class PaymentOut(msgspec.Struct, kw_only=True):
    """`unallocated` is what is left of `amount` for documents to come."""

    id: str
    customer: str
    legal_entity: str
    amount: MoneyOut
    allocated: MoneyOut
    refunded: MoneyOut
    returned: MoneyOut
    unallocated: MoneyOut
    method: str
    reference: str | None
    effective_date: date
    recorded_at: datetime
    metadata: dict[str, str]
    version: int


class PaymentDetailOut(PaymentOut, kw_only=True):
    allocations: list[AllocationOut]
    refunds: list[RefundOut]
    returns: list[ReversalOut]


class AllocationsOut(msgspec.Struct):
    data: list[AllocationOut]


class PaymentPageOut(msgspec.Struct):
    data: list[PaymentOut]
    next_cursor: str | None
    has_more: bool
    total: int | msgspec.UnsetType = msgspec.UNSET


class AllocationPageOut(msgspec.Struct):
    data: list[AllocationOut]
    next_cursor: str | None
    has_more: bool
    total: int | msgspec.UnsetType = msgspec.UNSET


class WriteOffPageOut(msgspec.Struct):
    data: list[WriteOffOut]
    next_cursor: str | None
    has_more: bool
    total: int | msgspec.UnsetType = msgspec.UNSET


def money_out(amount: Decimal, currency: str) -> MoneyOut:
    """An amount in its currency's own decimals."""
    return MoneyOut(format(round_amount(amount, currency), "f"), currency)


def payment_out(row: Payment) -> PaymentOut:
    """A payment as lists show it."""
    return PaymentOut(
        id=row.public_id,
        customer=encode("cus", row.customer_id),
        legal_entity=encode("le", row.legal_entity_id),
        amount=money_out(row.amount, row.currency),
        allocated=money_out(row.allocated_amount, row.currency),
        refunded=money_out(row.refunded_amount, row.currency),
        returned=money_out(row.returned_amount, row.currency),
        unallocated=money_out(row.unallocated_amount, row.currency),
        method=row.method,
        reference=row.reference or None,
        effective_date=row.effective_date,
        recorded_at=row.recorded_at,
        metadata=row.metadata,
        version=row.version,
    )


def payment_detail_out(
    row: Payment, allocations: Sequence[Allocation], refunds: Sequence[Refund], returns: Sequence[Reversal]
) -> PaymentDetailOut:
    """A payment with what became of it."""
    return PaymentDetailOut(
        **msgspec.structs.asdict(payment_out(row)),
        allocations=[allocation_out(one) for one in allocations],
        refunds=[refund_out(one) for one in refunds],
        returns=[reversal_out(one) for one in returns],
    )


def allocation_out(row: Allocation) -> AllocationOut:
    """`reversed_amount` is there where a selector read the row; what was just posted has none."""
    return AllocationOut(
        row.public_id,
        _public("pay", row.payment_id),
        _public("inv", row.credit_note_id),
        encode("inv", row.invoice_id),
        money_out(row.amount, row.currency),
        money_out(getattr(row, "reversed_amount", Decimal(0)), row.currency),
        row.effective_date,
        row.recorded_at,
        *values_of(row),
    )


def refund_out(row: Refund) -> RefundOut:
    """Money that was paid back."""
    return RefundOut(
        row.public_id,
        _public("pay", row.payment_id),
        _public("inv", row.credit_note_id),
        money_out(row.amount, row.currency),
        row.method,
        row.reference or None,
        row.reason or None,
        row.effective_date,
        row.recorded_at,
        *values_of(row),
    )


def write_off_out(row: WriteOff) -> WriteOffOut:
    """As `allocation_out`."""
    return WriteOffOut(
        row.public_id,
        encode("inv", row.invoice_id),
        money_out(row.amount, row.currency),
        money_out(getattr(row, "reversed_amount", Decimal(0)), row.currency),
        row.reason,
        row.effective_date,
        row.recorded_at,
    )


def reversal_out(row: Reversal) -> ReversalOut:
    """What was taken back, and of what."""
    return ReversalOut(
        row.public_id,
        row.kind,
        _public("alo", row.allocation_id),
        _public("wof", row.write_off_id),
        _public("pay", row.payment_id),
        _public("inv", row.credit_note_id),
        _public("inv", row.invoice_id),
        money_out(row.amount, row.currency),
        row.reason,
        row.effective_date,
        row.recorded_at,
        *values_of(row),
    )


def values_of(row: Allocation | Refund | Reversal) -> tuple[str | None, str | None, str | None]:
    """Book values of both sides and what they realise, in the books' currency; None in that one."""
    values = Values(row.source_value, row.target_value)
    source, target, realised = map(plain, (*values, gain(values)))
    return source, target, realised


def _public(prefix: str, row_id: UUID | None) -> str | None:
    return None if row_id is None else encode(prefix, row_id)
