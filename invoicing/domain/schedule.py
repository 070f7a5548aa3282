"""When a document is due."""

from datetime import date, timedelta

from tenants.errors import DomainError, Kind


class DueDateOutOfRange(DomainError):
    """The payment terms lead to a date that does not exist."""

    kind, code = Kind.INVALID, "due-date-out-of-range"


class DueBeforeIssue(DomainError):
    """A document is not due before it is issued."""

    kind, code = Kind.INVALID, "due-before-issue"


def due_date(issue_date: date, *, net_days: int) -> date:
    """Calendar days after the issue date; 0 is due at once.

    Raises DueBeforeIssue for negative days, DueDateOutOfRange past the last year of the calendar.
    """
    if net_days < 0:
        raise DueBeforeIssue
    try:
        return issue_date + timedelta(days=net_days)
    except OverflowError:
        raise DueDateOutOfRange from None


def ensure_due_date(issue_date: date, due: date | None) -> None:
    """A due date that was given is not before the issue date. Raises DueBeforeIssue."""
    if due is not None and due < issue_date:
        raise DueBeforeIssue(pointer="/due_date")
