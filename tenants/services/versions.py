"""Versions of rows that have no number for it: the time of the last change."""

from datetime import datetime
from typing import Protocol

from tenants.domain.versions import version_of_time
from tenants.errors import DomainError, Kind


class ChangedMeanwhile(DomainError):
    """Somebody else has changed this since it was read."""

    kind, code = Kind.PRECONDITION_FAILED, "precondition-failed"


class Changing(Protocol):
    """A row that knows when it was changed last."""

    updated_at: datetime


def version_of(row: Changing) -> int:
    """The version of a row, for its entity tag."""
    return version_of_time(row.updated_at)


def ensure_version(row: Changing, expected: int | None) -> None:
    """`expected` is the version a change is of; None means whichever there is. Raises ChangedMeanwhile."""
    if expected is not None and version_of(row) != expected:
        raise ChangedMeanwhile(pointer="header:If-Match")
