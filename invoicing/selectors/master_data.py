"""What the selectors of master data share: filters, a total order, and what comes behind a row."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from invoicing.models.master import MasterRecord
from invoicing.models.metadata import WithMetadata
from tenants.errors import NotFound

M = TypeVar("M", bound=MasterRecord)


def find(model: type[M], record_id: UUID) -> M:
    """One row, active or not. Raises NotFound, for another tenant's too."""
    row: M | None = model.all_objects.filter(id=record_id).first()
    if row is None:
        raise NotFound
    return row


def select(
    model: type[M],
    *,
    ordering: str,
    include_inactive: bool,
    conditions: Mapping[str, Any],
    metadata: Mapping[str, str] | None = None,
) -> QuerySet[M]:
    """The rows that meet all conditions that are not None, by `ordering` and then by id, both one way.

    `ordering` is a column that is never null, with a minus for the other way round. `metadata` are pairs
    that a row has all of, for models that have metadata.
    """
    rows: QuerySet[M] = (model.all_objects if include_inactive else model.objects).all()
    if metadata:
        rows = rows.filter(id__in=WithMetadata(model, metadata))
    used = {lookup: value for lookup, value in conditions.items() if value is not None}
    return rows.filter(**used).order_by(ordering, "-id" if ordering.startswith("-") else "id")


def rows_after(rows: QuerySet[M], *, ordering: str, key: tuple[str | datetime, UUID]) -> QuerySet[M]:
    """Those of `select` that come behind the row with this value of the ordering's column and this id."""
    column, side = ordering.removeprefix("-"), "lt" if ordering.startswith("-") else "gt"
    value, row_id = key
    further = Q(**{f"{column}__{side}": value}) | Q(**{f"id__{side}": row_id})
    # The first condition alone bounds the index; the two together are the comparison of pairs.
    return rows.filter(**{f"{column}__{side}e": value}).filter(further)
