"""What the server itself says about a connection, asked below Django."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import Trace

_SETTINGS = (
    "SELECT current_setting('app.tenant_id', true), current_setting('app.actor', true),"
    " current_setting('app.request_id', true), current_setting('application_name')"
)


@dataclass(frozen=True)
class Settings:
    """The session's settings as the policies and triggers read them; unset and empty are the same."""

    tenant_id: str
    actor: str
    request_id: str
    application_name: str


def raw(wrapper: BaseDatabaseWrapper = connection) -> "psycopg.Connection[Any]":
    """The driver's connection, opened if need be."""
    wrapper.ensure_connection()
    opened: psycopg.Connection[Any] | None = wrapper.connection
    assert opened is not None
    return opened


def settings_of(wrapper: BaseDatabaseWrapper = connection) -> Settings:
    """What the server holds at this moment; nothing of ours runs before the question."""
    row = raw(wrapper).execute(_SETTINGS).fetchone()
    assert row is not None
    return Settings(*(value or "" for value in row))


@contextmanager
def counted_round_trips(wrapper: BaseDatabaseWrapper = connection) -> Iterator[list[str]]:
    """Collect what the client library sends for execution meanwhile, transaction control included."""
    sent: list[str] = []
    pgconn = raw(wrapper).pgconn
    with tempfile.NamedTemporaryFile("r", encoding="utf-8") as file:
        with open(file.name, "a", encoding="utf-8") as target:  # noqa: PTH123
            pgconn.trace(target.fileno())
            pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
            try:
                yield sent
            finally:
                pgconn.untrace()
        for line in file.read().splitlines():
            direction, _, kind, *rest = line.split("\t")
            if direction == "F" and kind in ("Query", "Execute"):
                sent.append(" ".join(rest))
