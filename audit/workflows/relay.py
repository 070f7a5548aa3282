"""The relay: delivers for as long as it lives, and outlives either database.

It polls. A notification per change would make every business commit queue for one lock of the whole
database, to save a fraction of a second that nobody waits for.
"""

import logging
import threading
from typing import Final

import psycopg
from django.db import Error, connections

from audit.services import delivery

POLL_SECONDS: Final = 0.2
FIRST_RETRY_SECONDS: Final = 0.1
LONGEST_RETRY_SECONDS: Final = 5.0

log = logging.getLogger(__name__)


def run(*, stop: threading.Event, entries: int = delivery.BATCH, reached: delivery.Step | None = None) -> int:
    """Deliver until `stop` is set; returns how many entries this relay delivered.

    Any number of relays may run. A failing database is retried with growing pauses; the batch at hand
    is finished before it ends. Raises TrailNotDurable.
    """
    delivered, is_prepared, retry = 0, False, FIRST_RETRY_SECONDS
    watch = {} if reached is None else {"reached": reached}
    try:
        while not stop.is_set():
            try:
                if not is_prepared:
                    delivery.prepare_sessions()
                    is_prepared = True
                count = delivery.deliver_batch(entries=entries, **watch)
            # What hands the scope to a connection speaks to the driver below Django.
            except (Error, psycopg.Error) as error:
                log.warning("delivery failed, next try in %.1f s: %s", retry, error)
                _disconnect()
                is_prepared = False
                stop.wait(retry)
                retry = min(retry * 2, LONGEST_RETRY_SECONDS)
                continue
            delivered += count
            retry = FIRST_RETRY_SECONDS
            if count < entries:
                stop.wait(POLL_SECONDS)
    finally:
        _disconnect()
    return delivered


def drain() -> int:
    """Deliver everything that is pending now; returns how many entries. For tools and tests."""
    delivered = 0
    while count := delivery.deliver_batch():
        delivered += count
    return delivered


def _disconnect() -> None:
    for alias in (delivery.MAIN, delivery.TRAIL):
        connections[alias].close()
