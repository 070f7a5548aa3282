"""Number series of a legal entity (invariant 5)."""

import re
from functools import partial
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from invoicing.domain.numbering import Reset, ensure_pattern
from invoicing.models import LegalEntity, Series, SeriesCounter
from invoicing.services.defaults import ensure_can_leave, ensure_default, is_to_be_default
from invoicing.services.master_data import lock, lock_active, missing, refusing, settle, store
from tenants.errors import DomainError, FieldError, InvalidInput, Kind, NotFound
from tenants.scope import require_tenant_id

_WIDTH = re.compile(r"\{number:0\d{1,2}\}")


class CodeTaken(DomainError):
    """Another series of the legal entity, perhaps a deactivated one, has this code."""

    kind, code = Kind.CONFLICT, "code-taken"


class PatternTaken(DomainError):
    """Another series of the legal entity, perhaps a deactivated one, draws numbers that look the same."""

    kind, code = Kind.CONFLICT, "pattern-taken"


class SeriesInUse(DomainError):
    """Numbers were drawn from this series: how they look and when they restart cannot change any more."""

    kind, code = Kind.CONFLICT, "series-in-use"


class SeriesFields(TypedDict, total=False):
    """What can be said of a series at any time; `pattern` and `reset` until its first number is drawn."""

    code: str
    pattern: str
    reset: str | None
    is_default: bool | None


@transaction.atomic
def create_series(
    *, document_type: str, legal_entity: UUID | None = None, **fields: Unpack[SeriesFields]
) -> Series:
    """A new series of a legal entity (the tenant's default one if none is named).

    The first of its type is the default. Raises InvalidInput, InvalidPattern, CodeTaken, PatternTaken.
    """
    entity = _lock_entity(legal_entity)
    series = Series(tenant_id=require_tenant_id(), legal_entity_id=entity.id, document_type=document_type)
    fields["is_default"] = is_to_be_default(group=_siblings(series), wanted=bool(fields.get("is_default")))
    with refusing(invoicing_series_code=CodeTaken(pointer="/code")):
        return store(row=series, fields=fields, settled=_settle)


@transaction.atomic
def update_series(
    *, series_id: UUID, expected_version: int | None = None, **changes: Unpack[SeriesFields]
) -> Series:
    """Change what is named; a new default takes the place of the old one.

    Raises NotFound, ChangedMeanwhile, Deactivated, SeriesInUse, DefaultNeeded, and as `create_series`.
    """
    _lock_entity_of(series_id)
    series = lock_active(model=Series, record_id=series_id, expected_version=expected_version)
    wanted = bool(changes.get("is_default", series.is_default))
    ensure_default(group=_siblings(series), row=series, was=series.is_default, wanted=wanted)
    with refusing(invoicing_series_code=CodeTaken(pointer="/code")):
        return store(
            row=series,
            fields=changes,
            settled=partial(_settle_change, numbered_by=(series.pattern, series.reset)),
        )


@transaction.atomic
def deactivate_series(*, series_id: UUID, expected_version: int | None = None) -> Series:
    """Close a series: its numbers stay, no further one is drawn.

    Without effect on a closed one. Raises NotFound, ChangedMeanwhile, DefaultNeeded.
    """
    _lock_entity_of(series_id)
    series = lock(model=Series, record_id=series_id, expected_version=expected_version)
    ensure_can_leave(group=_siblings(series), row=series, is_default=series.is_default)
    return store(row=series, fields={"is_active": False, "is_default": False})


@transaction.atomic
def reactivate_series(*, series_id: UUID) -> Series:
    """Open a series again where it stopped; without effect on an open one. Raises NotFound."""
    _lock_entity_of(series_id)
    series = lock(model=Series, record_id=series_id)
    if series.is_active:
        return series
    is_default = is_to_be_default(group=_siblings(series), wanted=False)
    return store(row=series, fields={"is_active": True, "is_default": is_default})


def _lock_entity(legal_entity: UUID | None) -> LegalEntity:
    """The seller; writers of its series take turns, because defaults and numbers are rules about all."""
    entities = LegalEntity.objects.select_for_update(no_key=True)
    entity: LegalEntity | None = (
        entities.filter(is_default=True) if legal_entity is None else entities.filter(id=legal_entity)
    ).first()
    if entity is None:
        detail = "There is no such legal entity."
        if legal_entity is None:
            detail = "The tenant has no default legal entity: name one."
        raise InvalidInput([FieldError("/legal_entity", "unknown-reference", detail)])
    return entity


def _lock_entity_of(series_id: UUID) -> None:
    owner = Series.all_objects.filter(id=series_id).values_list("legal_entity_id", flat=True).first()
    if owner is None:
        raise NotFound
    LegalEntity.all_objects.select_for_update(no_key=True).only("id").get(id=owner)


def _siblings(series: Series) -> QuerySet[Series]:
    """The open series of the same legal entity and type of document."""
    return Series.objects.filter(legal_entity_id=series.legal_entity_id, document_type=series.document_type)


def _settle_change(series: Series, *, numbered_by: tuple[str, str]) -> None:
    _settle(series)
    if (series.pattern, series.reset) == numbered_by:
        return
    if SeriesCounter.objects.filter(series_id=series.id).exists():
        raise SeriesInUse(pointer="/reset" if series.pattern == numbered_by[0] else "/pattern")


def _settle(series: Series) -> None:
    settle(row=series, rules={}, faults=missing(row=series, names=["code", "pattern"]))
    ensure_pattern(series.pattern, Reset(series.reset))
    others = Series.all_objects.filter(legal_entity_id=series.legal_entity_id).exclude(id=series.id)
    drawn = {_look(pattern) for pattern in others.values_list("pattern", flat=True)}
    if _look(series.pattern) in drawn:
        raise PatternTaken(pointer="/pattern")


def _look(pattern: str) -> str:
    """What tells a pattern's numbers from another's: how many zeros stand before them does not."""
    return _WIDTH.sub("{number}", pattern)
