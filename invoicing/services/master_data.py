"""What the services of master data share: locking, settling and storing a row, and their refusals."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

import psycopg
from django.db import IntegrityError

from invoicing.domain.identifiers import BadIdentifier
from invoicing.models.master import MasterRecord
from tenants.disclosure import ensure_not_hidden
from tenants.errors import DomainError, FieldError, InvalidInput, Kind, NotFound

M = TypeVar("M", bound=MasterRecord)
Rule = Callable[[str], str]


class ChangedMeanwhile(DomainError):
    """The record was changed by somebody else in the meantime: read it again."""

    kind, code = Kind.PRECONDITION_FAILED, "version-mismatch"


class Deactivated(DomainError):
    """The record is deactivated: reactivate it before you change it."""

    kind, code = Kind.CONFLICT, "deactivated"


def ensure_version(*, version: int, expected: int | None) -> None:
    """Raises ChangedMeanwhile where a version was expected and is not the current one."""
    if expected is not None and version != expected:
        raise ChangedMeanwhile(version=version)


def lock(*, model: type[M], record_id: UUID, expected_version: int | None = None) -> M:
    """The row, active or not, locked until the transaction ends without hindering those who refer to it.

    Raises NotFound, ChangedMeanwhile.
    """
    row: M | None = model.all_objects.select_for_update(no_key=True).filter(id=record_id).first()
    if row is None:
        raise NotFound
    ensure_version(version=row.version, expected=expected_version)
    return row


def lock_active(*, model: type[M], record_id: UUID, expected_version: int | None = None) -> M:
    """As `lock`, for a change of what the row says. Raises Deactivated as well."""
    row = lock(model=model, record_id=record_id, expected_version=expected_version)
    if not row.is_active:
        raise Deactivated
    return row


def settle(*, row: MasterRecord, rules: Mapping[str, Rule], faults: Sequence[FieldError] = ()) -> None:
    """Bring each column that is given into its normal spelling. Raises InvalidInput with every fault.

    `faults` are those found elsewhere, to be named along with the rest.
    """
    found = list(faults)
    for name, rule in rules.items():
        given = getattr(row, name)
        if not given:
            continue
        try:
            setattr(row, name, rule(given))
        except BadIdentifier as error:
            found.append(FieldError(f"/{name}", error.code, str(error)))
    if found:
        raise InvalidInput(found)


def missing(*, row: MasterRecord, names: Sequence[str]) -> list[FieldError]:
    """A fault for each of the columns that is empty."""
    return [
        FieldError(f"/{name}", "missing", "This field is required.")
        for name in names
        if not getattr(row, name)
    ]


def store(*, row: M, fields: Mapping[str, Any], settled: Callable[[M], None] | None = None) -> M:
    """Take over `fields`, let `settled` check the row and bring it into form, and write what differs.

    None resets a column to its default, which for texts is the empty one. A row that exists gets a
    new version, unless nothing differs: then nothing is written. Raises HiddenField.
    """
    before = None if row._state.adding else _values(row)
    # In a new record None says nothing; in one that exists it takes away what is there.
    ensure_not_hidden({name: value for name, value in fields.items() if before is not None or value})
    columns = {column.name: column for column in row._meta.concrete_fields}
    for name, value in fields.items():
        column = columns[name]
        setattr(row, name, column.get_default() if value is None and not column.null else value)
    if settled is not None:
        settled(row)
    if before is None:
        row.save(force_insert=True)
        return row
    changed = [name for name, value in _values(row).items() if value != before[name]]
    if changed:
        row.version += 1
        row.save(update_fields=[*changed, "version", "updated_at"])
    return row


def switch(*, row: M, is_active: bool) -> M:
    """Turn a row on or off, whatever else it says: rules may have become stricter since it was written."""
    return store(row=row, fields={"is_active": is_active})


def _values(row: MasterRecord) -> dict[str, Any]:
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    # 12.5 and 12.50 are equal and yet two spellings: every digit is kept as it was written.
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


@contextmanager
def refusing(**refusals: DomainError) -> Iterator[None]:
    """Raise the named refusal where the database's constraint of that name refuses; all else passes."""
    try:
        yield
    except IntegrityError as error:
        cause = error.__cause__
        constraint = cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None
        refusal = refusals.get(constraint or "")
        if refusal is None:
            raise
        raise refusal from error
