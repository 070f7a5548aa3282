"""Which days of a legal entity's books are closed. Pure: today is given, never read."""

from datetime import date, timedelta

from tenants.errors import DomainError, Kind


class PeriodClosed(DomainError):
    """The date is in a closed period of the legal entity."""

    kind, code = Kind.CONFLICT, "period-closed"


class DayNotOver(DomainError):
    """Only days that are over in the company's time zone can be closed."""

    kind, code = Kind.INVALID, "day-not-over"


class AlreadyClosed(DomainError):
    """The books are closed through this day already."""

    kind, code = Kind.CONFLICT, "already-closed"


class LaterLockInForce(DomainError):
    """A later lock is in force: release that one first."""

    kind, code = Kind.CONFLICT, "later-lock-in-force"


class AlreadyReleased(DomainError):
    """The lock was released before."""

    kind, code = Kind.CONFLICT, "already-released"


def open_from(closed_through: date) -> date:
    """The first day that is open."""
    return closed_through + timedelta(days=1)


def refusal(closed_through: date, *, pointer: str) -> PeriodClosed:
    """What is said to whatever is dated on this day or before: which is the first day that is open."""
    first = open_from(closed_through).isoformat()
    return PeriodClosed(
        f"The books of the legal entity are closed through {closed_through.isoformat()}:"
        f" the first day that is open is {first}.",
        pointer=pointer,
        open_from=first,
    )


def ensure_can_close(closed_through: date, *, before: date | None, today: date) -> None:
    """A period is closed forwards, and ends before `today`. Raises DayNotOver, AlreadyClosed."""
    if closed_through >= today:
        raise DayNotOver(pointer="/closed_through")
    if before is not None and closed_through <= before:
        raise AlreadyClosed(pointer="/closed_through", open_from=open_from(before).isoformat())


def ensure_can_release(closed_through: date, *, in_force: date | None) -> None:
    """The latest lock is released first: an earlier one would open nothing. Raises LaterLockInForce."""
    if in_force is not None and closed_through < in_force:
        raise LaterLockInForce
