"""Document numbers: a series' pattern, the period its counter runs in, and the number that results.

A pattern is text with the fields `{year}`, `{yy}`, `{month}`, `{quarter}` and `{number}` or
`{number:05}` (at least five digits, zeros before). The counter of a series starts at 1 again in each
period; the pattern must show that period, or two numbers of the series would be equal.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from tenants.errors import DomainError, Kind

LONGEST_NUMBER = 60
_FIELD = re.compile(r"\{(year|yy|month|quarter|number)(?::0(\d{1,2}))?\}")
_LITERAL = re.compile(r"[A-Za-z0-9 ./_#-]*")
_DIGITS_FORESEEN = 10


class Reset(StrEnum):
    """When a series starts at 1 again."""

    NEVER = "never"
    YEAR = "year"
    QUARTER = "quarter"
    MONTH = "month"


class InvalidPattern(DomainError):
    """The pattern cannot number documents."""

    kind, code = Kind.INVALID, "invalid-number-pattern"


@dataclass(frozen=True, slots=True)
class NumberShape:
    """A pattern filled in for one date: all but the sequence, which `prefix` and `suffix` enclose."""

    prefix: str
    width: int
    suffix: str

    def number(self, sequence: int) -> str:
        """The document number of a place in the sequence; longer than `width` digits is not cut."""
        return f"{self.prefix}{sequence:0{self.width}d}{self.suffix}"


def period_of(reset: Reset, issue_date: date) -> str:
    """The counter's key for a date: "", "2026", "2026-Q4" or "2026-11"; keys of a reset sort by time."""
    match reset:
        case Reset.NEVER:
            return ""
        case Reset.YEAR:
            return f"{issue_date.year:04d}"
        case Reset.QUARTER:
            return f"{issue_date.year:04d}-Q{_quarter(issue_date)}"
        case Reset.MONTH:
            return f"{issue_date.year:04d}-{issue_date.month:02d}"


# Asked for with every document, and the answer is the same all day.
@lru_cache(maxsize=1024)
def shape_of(pattern: str, issue_date: date) -> NumberShape:
    """The pattern's fields filled in for a date. Raises InvalidPattern."""
    ensure_pattern(pattern, Reset.NEVER)
    values = {
        "year": f"{issue_date.year:04d}",
        "yy": f"{issue_date.year % 100:02d}",
        "month": f"{issue_date.month:02d}",
        "quarter": str(_quarter(issue_date)),
    }
    place = next(field for field in _FIELD.finditer(pattern) if field[1] == "number")
    prefix, suffix = (
        _FIELD.sub(lambda field: values[field[1]], part)
        for part in (pattern[: place.start()], pattern[place.end() :])
    )
    return NumberShape(prefix, int(place[2] or 1), suffix)


def ensure_pattern(pattern: str, reset: Reset) -> None:
    """Refuses a pattern that is malformed, too long, or would repeat a number. Raises InvalidPattern."""
    fields = [field[1] for field in _FIELD.finditer(pattern)]
    if fields.count("number") != 1:
        raise InvalidPattern("The pattern has {number} exactly once.", pointer="/pattern")
    if any(field[2] and field[1] != "number" for field in _FIELD.finditer(pattern)):
        raise InvalidPattern("Only {number} takes a width, as in {number:05}.", pointer="/pattern")
    if not _LITERAL.fullmatch(_FIELD.sub("", pattern)):
        raise InvalidPattern(
            "Beside its fields a pattern has letters, digits, spaces and . / _ # - only.", pointer="/pattern"
        )
    if _longest(pattern) > LONGEST_NUMBER:
        raise InvalidPattern(f"Numbers are at most {LONGEST_NUMBER} characters long.", pointer="/pattern")
    if missing := _missing_period(set(fields), reset):
        raise InvalidPattern(f"A series that restarts each {reset} shows the {missing}.", pointer="/pattern")


def _missing_period(fields: set[str], reset: Reset) -> str:
    if reset is Reset.NEVER:
        return ""
    if not fields & {"year", "yy"}:
        return "year"
    if reset is Reset.MONTH and "month" not in fields:
        return "month"
    if reset is Reset.QUARTER and not fields & {"quarter", "month"}:
        return "quarter"
    return ""


def _longest(pattern: str) -> int:
    lengths = {"year": 4, "yy": 2, "month": 2, "quarter": 1}
    fields = sum(
        max(int(field[2] or 1), _DIGITS_FORESEEN) if field[1] == "number" else lengths[field[1]]
        for field in _FIELD.finditer(pattern)
    )
    return fields + len(_FIELD.sub("", pattern))


def _quarter(day: date) -> int:
    return (day.month + 2) // 3
