"""Versions of rows that have no number for it: the time of the last change."""

from datetime import datetime
from typing import Protocol

from tenants.errors import DomainError, Kind


class ChangedMeanwhile(DomainError):
    """Somebody else has changed this since it was read."""

    kind, code = Kind.PRECONDITION_FAILED, "precondition-failed"


class Changing(Protocol):
    """A row that knows when it was changed last."""

    updated_at: datetime


def version_of(row: Changing) -> int:
    """A number of at most ten digits that another change would not leave the same."""
    return int(row.updated_at.timestamp() * 1_000_000) % 10**10


def ensure_version(row: Changing, expected: int | None) -> None:
    """`expected` is the version a change is of; None means whichever there is. Raises ChangedMeanwhile."""
    if expected is not None and version_of(row) != expected:
        raise ChangedMeanwhile(pointer="header:If-Match")
