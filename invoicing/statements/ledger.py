"""Posting to the ledger: one statement writes the rows of a posting and moves the sums they change."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from django.db import connection, models

from invoicing.models import Allocation, Refund, Reversal, WriteOff


class Moment(NamedTuple):
    """The present under the tenant's ledger lock, and which day that is to the tenant."""

    now: datetime
    today: date


class PaymentMove(NamedTuple):
    """What a posting adds to the sums of a payment; `reopened_on` where something came back to it."""

    id: UUID
    allocated: Decimal = Decimal(0)
    refunded: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    reopened_on: date | None = None


class DocumentMove(NamedTuple):
    """What a posting adds to what is settled of a document, without its sign."""

    id: UUID
    settled: Decimal
    reopened_on: date | None = None


class DocumentState(NamedTuple):
    """Where a posting left a document."""

    id: UUID
    payment_state: str


Posted = Allocation | Refund | WriteOff | Reversal

_JOIN = """
SELECT moment, (moment AT TIME ZONE t.time_zone)::date
FROM tenants_tenant t, invoicing_ledger_moment() AS moment WHERE t.id = %s
"""

# The polite wait first, which holds nobody up: so the lock alone is asked for when it is soon to be had, and
# a posting that hangs stops who closes a period, not the tenant.
_AWAIT = """
SELECT invoicing_await_postings(%(tenant)s, make_interval(secs => %(seconds)s)),
       set_config('lock_timeout', %(milliseconds)s || 'ms', true)
"""
_HOLD = "SELECT pg_advisory_xact_lock(hashtextextended('ledger:' || %(tenant)s::text, 0))"
PATIENCE_SECONDS = 10.0
QUEUE_MILLISECONDS = 1000


def join_ledger(*, tenant_id: UUID) -> Moment:
    """Take part in the tenant's postings until the transaction ends: a report waits for that.

    The lock is shared by all who post; only who closes a period takes it alone, for a moment.
    """
    with connection.cursor() as cursor:
        cursor.execute(_JOIN, [tenant_id])
        return Moment(*cursor.fetchone())


def hold_ledger(*, tenant_id: UUID) -> None:
    """Wait until nobody takes part in the tenant's postings, and keep everybody out until the end.

    Raises OperationalError where a posting takes longer than PATIENCE_SECONDS, or where the lock is not to
    be had within QUEUE_MILLISECONDS, the longest that others are held up by the wait.
    """
    values: dict[str, Any] = {
        "tenant": tenant_id,
        "seconds": PATIENCE_SECONDS,
        "milliseconds": QUEUE_MILLISECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(_AWAIT, values)
        cursor.execute(_HOLD, values)


# The parts of a statement stand in the order in which they are written here: sources, then documents by id.
_INSERT = """{name} AS (
    INSERT INTO {table} ({columns}, tenant_id, created_at, updated_at)
    SELECT {columns}, %(tenant)s, now(), now()
    FROM json_to_recordset(%({name})s::json) AS row ({typed})
    RETURNING id, recorded_at
)"""
_PAYMENTS = """payments AS (
    UPDATE invoicing_payment p
    SET allocated_amount = p.allocated_amount + m.allocated, refunded_amount = p.refunded_amount + m.refunded,
        returned_amount = p.returned_amount + m.returned,
        reopened_on = greatest(p.reopened_on, m.reopened_on), version = p.version + 1, updated_at = now()
    FROM json_to_recordset(%(payments)s::json)
         AS m (id uuid, allocated numeric, refunded numeric, returned numeric, reopened_on date)
    WHERE p.tenant_id = %(tenant)s AND p.id = m.id
)"""
_DOCUMENTS = """documents AS (
    UPDATE invoicing_invoice i
    SET settled_amount = moved.settled, reopened_on = greatest(i.reopened_on, moved.reopened_on),
        payment_state = CASE moved.settled WHEN i.payable THEN 'paid' WHEN 0 THEN 'unpaid'
                                           ELSE 'partially_paid' END,
        version = i.version + 1, updated_at = now()
    FROM (
        SELECT d.id, d.settled_amount + m.settled * sign(d.payable) AS settled, m.reopened_on
        FROM json_to_recordset(%(documents)s::json) AS m (id uuid, settled numeric, reopened_on date)
        JOIN invoicing_invoice d ON d.tenant_id = %(tenant)s AND d.id = m.id
    ) AS moved
    WHERE i.tenant_id = %(tenant)s AND i.id = moved.id
    RETURNING i.id, i.payment_state
)"""
_NOT_STATED = frozenset({"tenant", "created_at", "updated_at", "recorded_at"})
_SQL_TYPES = {
    models.UUIDField: "uuid",
    models.ForeignKey: "uuid",
    models.DateField: "date",
    models.DecimalField: "numeric",
}


def post(
    *,
    tenant_id: UUID,
    rows: Sequence[Posted],
    payments: Sequence[PaymentMove] = (),
    documents: Sequence[DocumentMove] = (),
) -> list[DocumentState]:
    """Write the rows of one posting and move the sums of the payments and documents it touches.

    The caller holds the locks of all of them and names each once. The rows learn when they were
    recorded; the states the documents are in from now on are returned. One statement.
    """
    parts: list[str] = []
    values: dict[str, Any] = {"tenant": tenant_id}
    recorded: list[str] = []
    for model in (Allocation, Refund, WriteOff, Reversal):
        written = [row for row in rows if isinstance(row, model)]
        if not written:
            continue
        name = model._meta.model_name or ""
        parts.append(_insert_of(model))
        values[name] = _json([_values_of(row) for row in written])
        recorded.append(f"SELECT id, recorded_at, NULL::text FROM {name}")
    if payments:
        parts.append(_PAYMENTS)
        values["payments"] = _json([move._asdict() for move in payments])
    if documents:
        parts.append(_DOCUMENTS)
        values["documents"] = _json([move._asdict() for move in documents])
        recorded.append("SELECT id, NULL, payment_state FROM documents")
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(parts)} {' UNION ALL '.join(recorded)}", values)
        answers = cursor.fetchall()
    moments = {row_id: moment for row_id, moment, _ in answers}
    for row in rows:
        row.recorded_at = moments[row.id]
        row._state.adding = False
    return [DocumentState(row_id, state) for row_id, _, state in answers if state is not None]


def _insert_of(model: type[models.Model]) -> str:
    columns = _columns_of(model)
    return _INSERT.format(
        name=model._meta.model_name,
        table=model._meta.db_table,
        columns=", ".join(columns),
        typed=", ".join(f"{column} {kind}" for column, kind in columns.items()),
    )


def _columns_of(model: type[models.Model]) -> dict[str, str]:
    """The columns a posting states, with their types; the rest is the statement's and the database's."""
    return {
        str(field.column): next(
            (name for kind, name in _SQL_TYPES.items() if isinstance(field, kind)), "text"
        )
        for field in model._meta.concrete_fields
        if field.name not in ("tenant", "created_at", "updated_at", "recorded_at")
    }


def _values_of(row: Posted) -> dict[str, Any]:
    return {column: getattr(row, column) for column in _columns_of(type(row))}


def _as_text(value: object) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{type(value).__name__} is no column")


def _json(value: object) -> str:
    return msgspec.json.encode(value, enc_hook=_as_text).decode()
