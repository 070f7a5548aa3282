"""The axes of a document's life, and what each state allows. Pure: today is given, never read."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from tenants.errors import DomainError, Kind


class State(StrEnum):
    """The document: a draft is free to change, an issued one is frozen, a voided one is void for good."""

    DRAFT = "draft"
    ISSUED = "issued"
    VOIDED = "voided"


class PaymentState(StrEnum):
    """The money, told from what was settled; overdue is derived (`is_overdue`), never stored."""

    UNPAID = "unpaid"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"


class NotADraft(DomainError):
    """The document has left draft: its number, lines and totals are frozen."""

    kind, code = Kind.CONFLICT, "not-a-draft"


class AlreadyIssued(DomainError):
    """The document is issued already."""

    kind, code = Kind.CONFLICT, "already-issued"


class NotIssued(DomainError):
    """The document is a draft: it has not been issued yet."""

    kind, code = Kind.CONFLICT, "not-issued"


class AlreadyVoided(DomainError):
    """The document is void; nothing can be done with it any more."""

    kind, code = Kind.CONFLICT, "already-voided"


def balance_of(*, state: State, payable: Decimal, settled: Decimal) -> Decimal | None:
    """What is open: to be paid, or of a credit note to be used; None for a draft, which claims nothing."""
    match state:
        case State.DRAFT:
            return None
        case State.VOIDED:
            return payable - payable
        case State.ISSUED:
            return payable - settled


def ensure_can_edit(state: State) -> None:
    """Only drafts change or are deleted. Raises NotADraft."""
    if state is not State.DRAFT:
        raise NotADraft


def ensure_can_issue(state: State) -> None:
    """Only a draft is issued, once. Raises AlreadyIssued, AlreadyVoided."""
    match state:
        case State.ISSUED:
            raise AlreadyIssued
        case State.VOIDED:
            raise AlreadyVoided


def ensure_issued(state: State) -> None:
    """Only an issued document is sent, settled, corrected or voided. Raises NotIssued, AlreadyVoided."""
    match state:
        case State.DRAFT:
            raise NotIssued
        case State.VOIDED:
            raise AlreadyVoided


def payment_state(*, payable: Decimal, settled: Decimal) -> PaymentState:
    """The payment axis of a document of which `settled` has been paid, credited or written off.

    Both are signed alike: of a negative payable, which is owed to the customer, a negative amount
    settles. Nothing to pay is paid.
    """
    due, done = (payable, settled) if payable >= 0 else (-payable, -settled)
    if done >= due:
        return PaymentState.PAID
    return PaymentState.PARTIALLY_PAID if done > 0 else PaymentState.UNPAID


def is_overdue(*, state: State, payment: PaymentState, due_date: date | None, today: date) -> bool:
    """Whether an issued, not fully paid document is past its due date; on the day itself it is not.

    `today` is the tenant's. Without a due date nothing is ever overdue.
    """
    if state is not State.ISSUED or payment is PaymentState.PAID or due_date is None:
        return False
    return due_date < today
