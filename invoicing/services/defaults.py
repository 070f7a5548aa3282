"""One default among rows of a kind: wherever there is an active row, exactly one of them is the default.

Whoever calls these holds a lock that all writers of the group take, so that no two decide at once.
"""

from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from invoicing.models.master import MasterRecord
from tenants.errors import DomainError, Kind


class DefaultNeeded(DomainError):
    """Something must be the default: make another one the default instead."""

    kind, code = Kind.CONFLICT, "default-needed"


def is_to_be_default(*, group: QuerySet[Any], wanted: bool) -> bool:
    """Whether a row that joins the active rows `group` becomes their default: the first one does.

    Where it is wanted, the one so far stops being it.
    """
    if wanted:
        _unset(group)
        return True
    return not group.filter(is_default=True).exists()


def ensure_default(*, group: QuerySet[Any], row: MasterRecord, was: bool, wanted: bool) -> None:
    """A row of `group` is or is not to be the default from now on. Raises DefaultNeeded."""
    if was and not wanted:
        raise DefaultNeeded(pointer="/is_default")
    if wanted and not was:
        _unset(group.exclude(id=row.id))


def ensure_can_leave(*, group: QuerySet[Any], row: MasterRecord, is_default: bool) -> None:
    """The default of `group` leaves it last. Raises DefaultNeeded."""
    if is_default and group.exclude(id=row.id).exists():
        raise DefaultNeeded


def _unset(rows: QuerySet[Any]) -> None:
    rows.filter(is_default=True).update(is_default=False, version=F("version") + 1, updated_at=timezone.now())
