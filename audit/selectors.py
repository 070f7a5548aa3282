"""Reading the trail of the current tenant."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import models
from django.db.models import Q, QuerySet

from audit.domain import values
from audit.models import Entry
from tenants import ids
from tenants.disclosure import disclosed


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Every condition given must hold. `since` is included, `until` is not."""

    entity_type: str | None = None
    record_id: str | None = None
    actor: str | None = None
    operation: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRecord:
    """An entry as the world sees it.

    `record_id` and `tenant` are public ids where the record has one. Values are whole rows by column
    with decimals as text; `diff` is `{column: [old, new]}`. `completed_at` is the time of delivery.
    `event_id` and `sequence` are for cursors: the latter is the order of a record's entries.
    """

    event_id: UUID
    sequence: int
    id: str
    entity_type: str
    record_id: str
    operation: str
    modified_by: str
    tenant: str
    request_id: str
    old_values: dict[str, Any] | None
    new_values: dict[str, Any] | None
    diff: dict[str, list[Any]]
    created_at: datetime
    completed_at: datetime


def entries(wanted: EntryFilter) -> QuerySet[Entry]:
    """The tenant's entries under these conditions, newest first."""
    conditions = {
        field.name: getattr(wanted, field.name)
        for field in fields(wanted)
        if field.name not in ("since", "until", "record_id") and getattr(wanted, field.name) is not None
    }
    if wanted.record_id is not None:
        conditions["record_id"] = _stored_id(wanted.record_id)
    if wanted.since is not None:
        conditions["created_at__gte"] = wanted.since
    if wanted.until is not None:
        conditions["created_at__lt"] = wanted.until
    found: QuerySet[Entry] = Entry.objects.filter(**conditions).order_by("-created_at", "-event_id")
    return found


def entries_behind(wanted: EntryFilter, created_at: datetime, event_id: UUID) -> QuerySet[Entry]:
    """The same list, behind the entry with this time and event id."""
    return entries(wanted).filter(
        Q(created_at__lt=created_at) | Q(created_at=created_at, event_id__lt=event_id),
        # Said again in the form that bounds the index scan.
        created_at__lte=created_at,
    )


def history_of(
    *, entity_type: str, record_id: UUID, after: int = 0, offset: int = 0, limit: int = 200
) -> list[EntryRecord]:
    """What happened to one record, oldest first: up to `limit` entries behind the sequence `after`.

    `entity_type` is a model label in lower case (`invoicing.invoice`). Entries arrive a moment after
    the change they tell of.
    """
    found = Entry.objects.filter(entity_type=entity_type, record_id=str(record_id), sequence__gt=after)
    return records(found.order_by("sequence")[offset : offset + limit])


def count_history(*, entity_type: str, record_id: UUID) -> int:
    """How many entries `history_of` has for a record."""
    return Entry.objects.filter(entity_type=entity_type, record_id=str(record_id)).count()


def records(found: Iterable[Entry]) -> list[EntryRecord]:
    """Entries as the actor may see them: without the fields that are hidden from them."""
    return [_record(entry) for entry in found]


def _record(entry: Entry) -> EntryRecord:
    decimals = _decimal_columns(entry.entity_type)
    old = disclosed(values.shown(entry.old_values, decimals=decimals))
    new = disclosed(values.shown(entry.new_values, decimals=decimals))
    return EntryRecord(
        event_id=entry.event_id,
        sequence=entry.sequence,
        id=entry.public_id,
        entity_type=entry.entity_type,
        record_id=_public_id(entry.entity_type, entry.record_id),
        operation=entry.operation,
        modified_by=entry.actor,
        tenant="" if entry.tenant_id is None else ids.encode("ten", entry.tenant_id),
        request_id=entry.request_id,
        old_values=old,
        new_values=new,
        diff=values.difference(old, new),
        created_at=entry.created_at,
        completed_at=entry.completed_at,
    )


def _stored_id(text: str) -> str:
    """The id as the trail keeps it: `inv_…` becomes its UUID, anything else is taken as it is."""
    try:
        return str(ids.decode(text.partition("_")[0], text))
    except ids.InvalidId:
        return text


def _public_id(entity_type: str, record_id: str) -> str:
    prefix = getattr(_model(entity_type), "public_prefix", None)
    try:
        return ids.encode(prefix, UUID(record_id)) if prefix else record_id
    except ValueError:
        return record_id


@lru_cache(maxsize=256)
def _decimal_columns(entity_type: str) -> frozenset[str]:
    model = _model(entity_type)
    if model is None:
        return frozenset()
    return frozenset(
        str(field.column) for field in model._meta.concrete_fields if isinstance(field, models.DecimalField)
    )


def _model(entity_type: str) -> type[models.Model] | None:
    """The model of an entity type; None for one that has been removed since."""
    try:
        return apps.get_model(entity_type)
    except (LookupError, ValueError):
        return None
