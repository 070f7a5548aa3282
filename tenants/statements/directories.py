"""Asking a directory about one person at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import psycopg
from django.db import OperationalError, connection

from tenants.scope import require_tenant_id

# The lock is the server session's, as no transaction may span a call to a directory. One statement: the
# timeout is gone with it, and the database's clock says when the turn was asked for and when it came.
_TAKE = """
SELECT set_config('lock_timeout', %s, true), clock_timestamp(), pg_advisory_lock(%s), clock_timestamp()
"""
_LEAVE = "SELECT pg_advisory_unlock(%s)"


class TurnTimedOut(Exception):
    """Somebody else has been asking the directory about this person for too long."""


@dataclass(frozen=True, slots=True)
class Turn:
    """When the turn was asked for and when it came, by the database's clock."""

    asked_at: datetime
    began_at: datetime


@contextmanager
def turn_of(identity_id: UUID, *, patience: float) -> Iterator[Turn]:
    """Wait for one's turn to ask about this person, `patience` seconds at most. Raises TurnTimedOut.

    In no transaction. The lock goes with the connection if the process dies.
    """
    key = _key(identity_id)
    try:
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, (f"{int(patience * 1000)}ms", key))
            _, asked_at, _, began_at = cursor.fetchone()
    except OperationalError as error:
        if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
            raise TurnTimedOut from error
        raise
    try:
        yield Turn(asked_at, began_at)
    finally:
        with connection.cursor() as cursor:
            cursor.execute(_LEAVE, (key,))


def _key(identity_id: UUID) -> int:
    whole = f"directory\0{require_tenant_id()}\0{identity_id}"
    return int.from_bytes(blake2b(whole.encode(), digest_size=8).digest(), "big", signed=True)
