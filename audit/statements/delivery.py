"""The three statements of a delivery.

Entries travel as columns: arrays in PostgreSQL's binary form, which the one database writes and the
other reads. Nothing is taken apart in Python, so no digit can get lost, and a batch costs half of
what it costs as text.
"""

from dataclasses import dataclass
from typing import Any, Final, cast

import psycopg
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.abc import PyFormat
from psycopg.adapt import Dumper
from psycopg.pq import Format

_COLUMNS: Final = (
    "event_id",
    "tenant_id",
    "sequence",
    "entity_type",
    "record_id",
    "operation",
    "old_values",
    "new_values",
    "actor",
    "request_id",
    "created_at",
)
_NAMES: Final = ", ".join(_COLUMNS)
# What other relays hold is skipped, what others have not committed yet is invisible: both are simply
# found by a later batch. Nothing here remembers how far it came. A few huge entries end a batch early.
_CLAIM: Final = f"""
    WITH claimed AS MATERIALIZED (
        SELECT {_NAMES} FROM audit_pendingentry ORDER BY event_id LIMIT %s FOR UPDATE SKIP LOCKED
    ), weighed AS (
        SELECT *, sum(octet_length(concat(old_values, new_values))) OVER (ORDER BY event_id) AS bytes,
            row_number() OVER (ORDER BY event_id) AS place
        FROM claimed
    )
    SELECT {", ".join(f"array_agg({column})" for column in _COLUMNS)}, count(*)
    FROM weighed WHERE bytes <= %s OR place = 1
"""
_STORE: Final = f"""
    INSERT INTO audit_entry ({_NAMES}, completed_at)
    SELECT event_id, tenant_id, sequence, entity_type, record_id, operation, old_values::jsonb,
        new_values::jsonb, actor, request_id, created_at, clock_timestamp()
    FROM unnest({", ".join(["%b"] * len(_COLUMNS))}) AS entry ({_NAMES})
    ON CONFLICT (event_id) DO NOTHING
"""
_REMOVE: Final = "DELETE FROM audit_pendingentry WHERE event_id = ANY (%b)"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a batch: an array of the built-in type `oid` in binary form."""

    oid: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """`count` entries; the first column holds the event ids."""

    count: int
    columns: tuple[Column, ...]


def claim_pending(main: BaseDatabaseWrapper, *, entries: int, most_bytes: int) -> Batch:
    """Lock up to `entries` pending entries of `most_bytes` together (but one, if there is any).

    The locks last until the transaction of `main` ends.
    """
    with _cursor(main) as cursor:
        cursor.execute(_CLAIM, [entries, most_bytes], binary=True)
        result = cast("psycopg.pq.abc.PGresult", cursor.pgresult)
        *columns, count = (
            (result.ftype(index), result.get_value(0, index) or b"") for index in range(result.nfields)
        )
    return Batch(int.from_bytes(count[1], "big"), tuple(Column(*column) for column in columns))


def store_entries(trail: BaseDatabaseWrapper, batch: Batch) -> None:
    """Write the entries that the audit database does not have yet."""
    with _cursor(trail) as cursor:
        cursor.execute(_STORE, batch.columns)


def remove_pending(main: BaseDatabaseWrapper, batch: Batch) -> None:
    """Forget delivered entries: their plaintext must not stay behind."""
    with _cursor(main) as cursor:
        cursor.execute(_REMOVE, [batch.columns[0]])


class _ColumnDumper(Dumper):
    """Hands a Column back to the driver as it came, under the type it came with."""

    format = Format.BINARY

    def get_key(self, column: Column, _format: PyFormat) -> Any:
        return (Column, column.oid)

    def upgrade(self, column: Column, _format: PyFormat) -> Dumper:
        dumper = _ColumnDumper(Column)
        dumper.oid = column.oid
        return dumper

    def dump(self, column: Column) -> bytes:
        return column.data


def _cursor(connection: BaseDatabaseWrapper) -> psycopg.Cursor[Any]:
    """A cursor that leaves parameters to the server; Django's would write them into the statement."""
    connection.ensure_connection()
    cursor = psycopg.Cursor(connection.connection)
    cursor.adapters.register_dumper(Column, _ColumnDumper)
    return cursor
