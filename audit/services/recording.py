"""Writes the events that the floor and the packages above publish."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from audit.statements import events as statements
from tenants.events import Event


def record_event(*, event: Event, refusal: bool) -> None:
    """Make the pending entry of `event`; the subscriber of tenants.events.

    Without a transaction the single statement is its own. Inside one, a success joins it; a refusal
    goes through a connection of its own, so that it stands whatever becomes of the transaction, even
    if that has failed already.
    """
    current = connections["default"]
    if refusal and current.in_atomic_block:
        with _connection_apart(current) as apart:
            _write(event, apart)
    else:
        _write(event, current)


def _write(event: Event, connection: BaseDatabaseWrapper) -> None:
    statements.record_event(
        connection,
        name=event.name,
        entity_type=event.entity_type,
        record_id=event.record_id,
        data=event.data,
    )


@contextmanager
def _connection_apart(connection: BaseDatabaseWrapper) -> Iterator[BaseDatabaseWrapper]:
    """A second connection of the same role, opened for one statement.

    Refusals inside a transaction are rare, so none is kept open for them. It never comes from a pool:
    threads that each hold a connection and wait for a second one would wait for each other.
    """
    apart: BaseDatabaseWrapper = connection.copy()
    apart.settings_dict["OPTIONS"].pop("pool", None)
    try:
        yield apart
    finally:
        apart.close()
