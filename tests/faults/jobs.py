"""Invariant 12: a committed job takes effect once and none is lost, whatever is killed."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections, transaction

from config import processes
from tenants import jobs
from tenants.models import Job, JobState, OutgoingMail, Tenant
from tests.factories import make_tenant, scope_of
from tests.faults import handlers
from tests.faults.fleet import Fleet

JOB = handlers.LEAVE_TRACE
ROLLED_BACK = "rolled back"


class Undone(Exception):
    """Ends a transaction that must not leave a job."""


def run(
    seed: int, *, tenants: int = 5, each: int = 200, workers: int = 4, kills: int = 8, limit: float = 300.0
) -> dict[str, Any]:
    """Run `tenants` × `each` jobs while `kills` workers are SIGKILLed at random points of the work.

    Returns counts; right is 0 for `lost`, `double`, `phantom` (effects of transactions that were rolled
    back) and `unfinished`.
    """
    chance = random.Random(seed)
    owners = [make_tenant("faults") for _ in range(tenants)]
    texts = [f"job {number}" for number in range(each)]
    kill_after = sorted(chance.sample(range(tenants * each), kills), reverse=True)
    with Fleet(workers) as fleet, ThreadPoolExecutor(1) as clients:
        started = time.monotonic()
        asking = clients.submit(_ask, owners, texts, random.Random(seed))

        def done() -> bool:
            ended = sum(_ended(owner) for owner in owners)
            if kill_after and ended >= kill_after[-1]:
                kill_after.pop()
                fleet.kill_one(chance)
            return ended == tenants * each or (asking.done() and asking.exception() is not None)

        processes.wait_until(done, limit)
        asking.result()
        seconds = time.monotonic() - started
    counts: Counter[str] = Counter()
    for owner in owners:
        counts.update(_compare(owner, texts))
    figures = {name: counts[name] for name in ("lost", "double", "phantom", "unfinished", "retried")}
    return {
        "seed": seed,
        "jobs": tenants * each,
        "kills": fleet.kills,
        "seconds": round(seconds, 1),
        **figures,
    }


def _ended(owner: Tenant) -> int:
    with scope_of(owner):
        return Job.objects.filter(state__in=(JobState.SUCCEEDED, JobState.FAILED)).count()


def _ask(owners: Sequence[Tenant], texts: Sequence[str], chance: random.Random) -> None:
    """Ask for everybody's jobs in a random order, one transaction each, while the workers run."""
    wanted = [(owner, text) for owner in owners for text in texts]
    chance.shuffle(wanted)
    for place, (owner, text) in enumerate(wanted):
        with scope_of(owner):
            jobs.defer(JOB, args={"text": text, "milliseconds": chance.randrange(100)})
            if place % 10 == 0:
                _ask_and_undo()
    connections.close_all()


def _ask_and_undo() -> None:
    try:
        with transaction.atomic():
            jobs.defer(JOB, args={"text": ROLLED_BACK})
            raise Undone
    except Undone:
        pass


def _compare(owner: Tenant, texts: Sequence[str]) -> dict[str, int]:
    with scope_of(owner):
        traces = Counter(OutgoingMail.objects.values_list("subject", flat=True))
        states = Counter(Job.objects.values_list("state", flat=True))
        return {
            "lost": sum(traces[text] == 0 for text in texts) + states[JobState.FAILED],
            "double": sum(traces[text] > 1 for text in texts),
            "phantom": traces[ROLLED_BACK],
            "unfinished": states[JobState.WAITING] + states[JobState.RUNNING],
            "retried": Job.objects.filter(attempts__gt=1).count(),
        }
