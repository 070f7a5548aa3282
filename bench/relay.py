"""The audit relay as a process of its own, as in production, and how to wait for it or hold it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.db import connections

from bench.harness import WrongResult

REPOSITORY = Path(__file__).resolve().parent.parent
_processes: list[subprocess.Popen[bytes]] = []


@contextmanager
def running() -> Iterator[None]:
    """The relay delivers as long as the block lasts."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    process = subprocess.Popen([sys.executable, "manage.py", "relay"], cwd=REPOSITORY, env=environment)
    _processes.append(process)
    try:
        yield
    finally:
        _processes.remove(process)
        process.terminate()
        process.wait(timeout=30)


@contextmanager
def drained() -> Iterator[None]:
    """Begin and end with an empty outbox, so that nobody pays for what another has left to the relay."""
    wait()
    yield
    wait()


@contextmanager
def held() -> Iterator[None]:
    """As `drained`, with the relay standing still inside: where the triggers alone are measured."""
    wait()
    for process in _processes:
        process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        for process in _processes:
            process.send_signal(signal.SIGCONT)
    wait()


def wait(seconds: float = 600.0) -> None:
    """Wait until every audit entry is delivered. Raises WrongResult if the relay does not keep up."""
    deadline = time.monotonic() + seconds
    while _is_pending():
        if time.monotonic() > deadline:
            raise WrongResult("the relay does not deliver")
        time.sleep(0.02)


def delivered(tenant_id: UUID) -> int:
    """How many entries of a tenant the trail has, once the relay has delivered them."""
    wait()
    with connections["audit_owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_entry WHERE tenant_id = %s", [tenant_id])
        return int(cursor.fetchone()[0])


def _is_pending() -> bool:
    with connections["platform"].cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM audit_pendingentry)")
        return bool(cursor.fetchone()[0])
