"""Moves pending entries to the audit database: each exactly once, whatever dies in between.

The audit database commits first, then the main one forgets. Whoever is killed between the two leaves
entries that are delivered again and recognised by their event id.
"""

from collections.abc import Callable
from typing import Final

from django.db import connections, transaction

from audit.statements import delivery as statements

MAIN, TRAIL = "platform", "audit_platform"
BATCH: Final = 1000
BATCH_BYTES: Final = 32 * 1024 * 1024

Step = Callable[[str], None]


class TrailNotDurable(RuntimeError):
    """The audit database acknowledges commits it could lose; delivering to it could lose entries."""


def _ignore(step: str) -> None: ...


def deliver_batch(*, entries: int = BATCH, reached: Step = _ignore) -> int:
    """Deliver up to `entries` pending entries, oldest first; returns how many.

    `reached` is told each step as it is done (claimed, stored, removed, committed): an observer may
    count there, and a proof may die there. Raises django.db.Error or psycopg.Error when either
    database fails; nothing is lost then, and repeating is safe.
    """
    main, trail = connections[MAIN], connections[TRAIL]
    with transaction.atomic(using=MAIN):
        batch = statements.claim_pending(main, entries=entries, most_bytes=BATCH_BYTES)
        if not batch.count:
            return 0
        reached("claimed")
        statements.store_entries(trail, batch)
        reached("stored")
        statements.remove_pending(main, batch)
        reached("removed")
    reached("committed")
    return batch.count


def prepare_sessions() -> None:
    """Make sure that what the trail acknowledges stays, and that a hanging relay gives its locks back.

    To be called once per connection. Raises TrailNotDurable, or django.db.Error if one is down.
    """
    with connections[TRAIL].cursor() as cursor:
        cursor.execute("SELECT current_setting('synchronous_commit'), current_setting('fsync')")
        if "off" in cursor.fetchone():
            raise TrailNotDurable("synchronous_commit or fsync is off in the audit database")
        cursor.execute("SET statement_timeout = '30s'")
    with connections[MAIN].cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = '60s'")
