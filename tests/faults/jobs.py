"""Invariant 12: a committed job takes effect once and none is lost, whatever is killed."""

import random
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from config import processes
from tenants import jobs
from tenants.models import Job, JobState, OutgoingMail, Tenant
from tests.factories import make_tenant, scope_of
from tests.faults.fleet import Fleet

JOB = "tests.leave_trace"
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
    kill_below = sorted(chance.sample(range(1, tenants * each), kills))
    with Fleet(workers) as fleet:
        started = time.monotonic()
        for owner in owners:
            _ask(owner, texts, chance)

        def done() -> bool:
            left = sum(unfinished(owner) for owner in owners)
            if kill_below and left <= kill_below[-1]:
                kill_below.pop()
                fleet.kill_one(chance)
            return left == 0

        processes.wait_until(done, limit)
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


def unfinished(owner: Tenant) -> int:
    """Jobs of the tenant that are neither done nor dead letters."""
    with scope_of(owner):
        return Job.objects.filter(state__in=(JobState.WAITING, JobState.RUNNING)).count()


def _ask(owner: Tenant, texts: Sequence[str], chance: random.Random) -> None:
    with scope_of(owner):
        for place, text in enumerate(texts):
            jobs.defer(JOB, args={"text": text, "milliseconds": chance.randrange(30)})
            if place % 10 == 0:
                _ask_and_undo()


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
