"""The dispatcher: a thread that claims jobs as they come and hands them to the job engine."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connections

from tenants.services import jobs as services
from tenants.statements import jobs as statements
from tenants.statements.jobs import CHANNEL, PLATFORM

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How much is in hand at a time, and how often the dispatcher looks; times in seconds.

    `in_hand` covers all tenants and bounds what a newcomer waits behind. `idle` is the longest sleep when
    nothing is due, as a wake-up may get lost; `refill` the pause while everything allowed is in hand.
    `dead_after` without a heartbeat a worker's jobs are taken back.
    """

    in_hand: int = 128
    per_tenant: int = 32
    idle: float = 1.0
    refill: float = 0.02
    dead_after: float = 30.0


class Dispatcher(threading.Thread):
    """Dispatches until `stop()`; any number of processes may. An error ends it and calls `failed`.

    It uses the connection `platform` of its own thread, for LISTEN as well.
    """

    def __init__(self, pace: Pace, *, failed: Callable[[], None]) -> None:
        super().__init__(name="dispatcher", daemon=True)
        self.pace = pace
        self.error: Exception | None = None
        self._failed = failed
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask it to end; `join()` waits a second at most."""
        self._stopping.set()

    def run(self) -> None:
        try:
            self._listen()
            self._dispatch_until_stopped()
        except Exception as error:
            # A lost database ends the process: the supervisor starts a new one, nothing was lost.
            logger.exception("the dispatcher stops")
            self.error = error
            self._failed()
        finally:
            connections[PLATFORM].close()

    def _dispatch_until_stopped(self) -> None:
        next_reclaim = 0.0
        while not self._stopping.is_set():
            if time.monotonic() >= next_reclaim:
                services.reclaim(dead_after=timedelta(seconds=self.pace.dead_after))
                next_reclaim = time.monotonic() + self.pace.dead_after / 3
            if services.dispatch(at_most=self.pace.in_hand, per_tenant=self.pace.per_tenant):
                self._stopping.wait(self.pace.refill)
            else:
                self._sleep()

    def _sleep(self) -> None:
        due = statements.seconds_until_due()
        if due is not None and due <= 0:
            self._stopping.wait(self.pace.refill)
            return
        self._wait_for_notice(self.pace.idle if due is None else min(due, self.pace.idle))

    def _listen(self) -> None:
        with connections[PLATFORM].cursor() as cursor:
            cursor.execute(f"listen {CHANNEL}")

    def _wait_for_notice(self, seconds: float) -> None:
        raw = connections[PLATFORM].connection
        for _ in raw.notifies(timeout=seconds, stop_after=1):
            pass
