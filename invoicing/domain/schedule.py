"""When a document is due: payment terms as a rule that can be computed (EN 16931 BT-9; BT-20 is its text)."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from invoicing.domain.document import DocumentType
from invoicing.domain.working_days import IsWorkingDay, after, is_weekday, rolled
from tenants.errors import DomainError, FieldError, InvalidInput, Kind


class DueDateOutOfRange(DomainError):
    """The payment terms lead to a date that does not exist."""

    kind, code = Kind.INVALID, "due-date-out-of-range"


class DueBeforeIssue(DomainError):
    """A document is not due before it is issued."""

    kind, code = Kind.INVALID, "due-before-issue"


class DueKind(StrEnum):
    """From where payment terms count.

    `net`: days after the issue date. `end_of_month`: days after the last day of its month ("end of month +
    n"). `net_end_of_month`: the last day of the month in which days after the issue date lie ("45 days, end
    of month"). `working_days`: working days after the issue date. `day_of_month`: a fixed day.
    """

    NET = "net"
    END_OF_MONTH = "end_of_month"
    NET_END_OF_MONTH = "net_end_of_month"
    WORKING_DAYS = "working_days"
    DAY_OF_MONTH = "day_of_month"


class Roll(StrEnum):
    """Where a due date goes that is no working day: it stays, goes on to the next, or back to the last."""

    NONE = "none"
    FOLLOWING = "following"
    PRECEDING = "preceding"


@dataclass(frozen=True, slots=True)
class DueRule:
    """Payment terms. `months` go before `days`; a day that a month has not is its last one.

    `day` is that of `day_of_month`: of the month that lies `months` after the issue date, and of the next
    one where it has passed by then.
    """

    kind: DueKind = DueKind.NET
    days: int = 0
    months: int = 0
    day: int | None = None
    roll: Roll = Roll.NONE


def due_date(issue_date: date, rule: DueRule, *, is_working: IsWorkingDay = is_weekday) -> date:
    """The day a document is due by its terms, never before the issue date.

    `is_working` tells the working days where the seller is. Raises DueDateOutOfRange past the last year of
    the calendar.
    """
    try:
        due = _counted(issue_date, rule, is_working)
        if rule.roll is not Roll.NONE:
            due = rolled(due, is_working, forward=rule.roll is Roll.FOLLOWING)
    except (OverflowError, ValueError):
        raise DueDateOutOfRange from None
    return max(issue_date, due)


def ensure_due_date(issue_date: date, due: date | None) -> None:
    """A due date that was given is not before the issue date. Raises DueBeforeIssue."""
    if due is not None and due < issue_date:
        raise DueBeforeIssue(pointer="/due_date")


def due_when_issued(
    document_type: DocumentType,
    issue_date: date,
    *,
    stated: date | None,
    terms: DueRule,
    is_working: IsWorkingDay = is_weekday,
) -> date | None:
    """The due date of a document that is issued on a day: the one that was stated, else by its terms.

    Payment terms are the buyer's; what a credit note takes back has a date only where one is stated. Raises
    DueBeforeIssue, and DueDateOutOfRange for terms that lead nowhere, whether they are needed or not.
    """
    ensure_due_date(issue_date, stated)
    following = due_date(issue_date, terms, is_working=is_working)
    return following if stated is None and document_type is DocumentType.INVOICE else stated


def rule_from_json(stated: Mapping[str, Any], pointer: str = "/due_rule") -> DueRule:
    """A rule as it is stated or kept; what is left out, or null, is 0 or none.

    Raises InvalidInput where it has no kind or its members do not go together.
    """
    if stated.get("kind") is None:
        raise InvalidInput([FieldError(f"{pointer}/kind", "missing", "This field is required.")])
    rule = DueRule(
        kind=DueKind(stated["kind"]),
        days=stated.get("days") or 0,
        months=stated.get("months") or 0,
        day=stated.get("day"),
        roll=Roll(stated.get("roll") or Roll.NONE),
    )
    faults = []
    if (rule.day is None) == (rule.kind is DueKind.DAY_OF_MONTH):
        faults.append(("day", "A day of the month goes with the kind day_of_month, and only with it."))
    if rule.days and rule.kind is DueKind.DAY_OF_MONTH:
        faults.append(("days", "A fixed day of the month takes no number of days."))
    if rule.months and rule.kind is DueKind.WORKING_DAYS:
        faults.append(("months", "Working days take no number of months."))
    if faults:
        raise InvalidInput([FieldError(f"{pointer}/{name}", "not-together", said) for name, said in faults])
    return rule


def in_words(rule: DueRule) -> str:
    """What is done with the issue date."""
    months = f" + {rule.months} months" if rule.months else ""
    days = f" + {rule.days} days" if rule.days else ""
    words = {
        DueKind.NET: f"issue date{months}{days}",
        DueKind.END_OF_MONTH: f"end of the month of (issue date{months}){days}",
        DueKind.NET_END_OF_MONTH: f"end of the month of (issue date{months}{days})",
        DueKind.WORKING_DAYS: f"issue date + {rule.days} working days",
        DueKind.DAY_OF_MONTH: f"day {rule.day} of the month of (issue date{months}), or of the next one",
    }[rule.kind]
    return words if rule.roll is Roll.NONE else f"{words}, moved to the {rule.roll} working day"


def _counted(issue_date: date, rule: DueRule, is_working: IsWorkingDay) -> date:
    start, days = _later(issue_date, rule.months), timedelta(days=rule.days)
    match rule.kind:
        case DueKind.NET:
            return start + days
        case DueKind.END_OF_MONTH:
            return _with_day(start, 31) + days
        case DueKind.NET_END_OF_MONTH:
            return _with_day(start + days, 31)
        case DueKind.WORKING_DAYS:
            return after(issue_date, rule.days, is_working)
        case DueKind.DAY_OF_MONTH:
            wanted = rule.day or 1
            due = _with_day(start, wanted)
            return due if due >= issue_date else _with_day(_later(start, 1), wanted)


def _later(day: date, months: int) -> date:
    """The same day of a later month, or that month's last one."""
    if months == 0:
        return day
    years, month = divmod(day.month - 1 + months, 12)
    return _with_day(date(day.year + years, month + 1, 1), day.day)


def _with_day(day: date, wanted: int) -> date:
    return day.replace(day=min(wanted, monthrange(day.year, day.month)[1]))
