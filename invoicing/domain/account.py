"""A customer's account and statement, and what was open on a day: plain values, told from the books."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Horizon:
    """Which day an answer is about, and up to which moment it knows what was recorded.

    It is final where nothing can be recorded any more that it would have to know: asked again, it
    answers the same to the bit.
    """

    as_of: date
    known_at: datetime
    is_final: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One currency of a customer's account. Figures are signed: what is owed to us is above zero.

    `balance` is the sum of `invoiced`, `credited`, `received`, `refunded`, `returned` and
    `written_off`, and equally of `claims` and `credit`, what is open on either side.
    """

    currency: str
    invoiced: Decimal
    credited: Decimal
    received: Decimal
    refunded: Decimal
    returned: Decimal
    written_off: Decimal
    balance: Decimal
    claims: Decimal
    credit: Decimal
    overdue: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: a movement, and the balance after it."""

    kind: str
    id: UUID
    number: str
    on: date
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """One currency of a customer's account over a period."""

    currency: str
    opening: Decimal
    lines: tuple[Line, ...]
    closing: Decimal


# Which movements make up which figure of an account.
FIGURES: Mapping[str, str] = {
    "invoice": "invoiced",
    "credit_note": "credited",
    "invoice_void": "invoiced",
    "credit_note_void": "credited",
    "payment": "received",
    "refund": "refunded",
    "return": "returned",
    "chargeback": "returned",
    "mistake": "received",
    "write_off": "written_off",
    "write_off_reversal": "written_off",
}
