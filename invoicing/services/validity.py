"""Rows that hold from a first to a last day: of one subject no two hold on the same day.

Whoever calls these holds a lock that all writers of the subject take, so that no two decide at once.
"""

from datetime import date
from typing import Protocol

from django.db.models import QuerySet

from invoicing.models import ItemPrice, TaxRate
from invoicing.selectors.catalogue import holding_between
from tenants.errors import DomainError, FieldError, Kind


class ValidityOverlaps(DomainError):
    """Another one holds on some of these days: end that one before, or begin this one later."""

    kind, code = Kind.CONFLICT, "validity-overlaps"


class Dated(Protocol):
    """A first and a last day; None is open on that side."""

    valid_from: date | None
    valid_to: date | None


def faults_of_days(row: Dated) -> list[FieldError]:
    """What is wrong with the days by themselves."""
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        return [FieldError("/valid_to", "before-valid-from", "It ends on or after its first day.")]
    return []


def ensure_alone(row: ItemPrice | TaxRate, *, among: QuerySet[ItemPrice] | QuerySet[TaxRate]) -> None:
    """No other row of `among` holds on a day of this one. Raises ValidityOverlaps, which names its days."""
    other = among.exclude(id=row.id).filter(holding_between(row.valid_from, row.valid_to)).first()
    if other is not None:
        raise ValidityOverlaps(
            pointer="/valid_from",
            other=other.public_id,
            other_from=other.valid_from and other.valid_from.isoformat(),
            other_to=other.valid_to and other.valid_to.isoformat(),
        )
