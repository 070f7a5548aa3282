"""Invariants 2 and 14: relays and either database die while invoices are issued."""

import random
import time
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psycopg
from django.db import Error, connections

from config import processes
from config.embedded import Servers
from invoicing.models import Invoice
from invoicing.services.creating import create_invoice
from invoicing.services.issuing import issue_invoice
from tenants.models import Tenant
from tests.factories import make_tenant, scope_of
from tests.factories.invoicing import a_draft, a_line, make_customer, make_legal_entity
from tests.faults.comparing import compare
from tests.faults.relays import Relays

TARGETS = ("relay", "main", "audit")


@dataclass
class Office:
    """A tenant whose clients issue invoices until told to stop; `issued` is what was acknowledged."""

    tenant: Tenant
    customer: UUID
    issued: list[UUID] = field(default_factory=list)
    failures: int = 0

    def work(self, wanted: int, seed: int) -> None:
        """One client: half of its invoices are drafted first and issued in a second transaction."""
        chance = random.Random(seed)
        try:
            while len(self.issued) < wanted:
                try:
                    self.issued.append(self._issue(chance))
                # A client of a dead database learns of it in one of these ways, and tries again.
                except (Error, psycopg.Error):
                    self.failures += 1
                    connections.close_all()
                    time.sleep(0.05)
        finally:
            connections.close_all()

    def _issue(self, chance: random.Random) -> UUID:
        lines = [a_line(str(chance.randint(1, 9)), f"{chance.randint(1, 99)}.90") for _ in range(3)]
        with scope_of(self.tenant):
            at_once = chance.random() < 0.5
            record = create_invoice(draft=a_draft(self.customer, lines=lines), issue=at_once)
            if not at_once:
                issue_invoice(invoice_id=record.id)
        return record.id


class Killers:
    """Kill and start again in the background: the clients go on. Leaving waits until all are up again."""

    def __init__(self, servers: Servers, relays: Relays) -> None:
        self._servers, self._relays = servers, relays
        # One thread a target: a cluster cannot be killed again before it has been started.
        self._pools = {target: ThreadPoolExecutor(1) for target in TARGETS}
        self._kills: list[Future[None]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            pool.shutdown()
        for one in self._kills:
            one.result()

    def kill(self, target: str) -> None:
        self._kills.append(self._pools[target].submit(self._kill, target))

    def _kill(self, target: str) -> None:
        if target == "relay":
            self._relays.kill_one()
        else:
            self._servers.clusters[target].kill()
            self._servers.clusters[target].start()


def run(
    seed: int, *, servers: Servers, invoices: int = 1000, offices: int = 2, clients: int = 4, kills: int = 5
) -> dict[str, Any]:
    """Issue `invoices` for `offices` tenants with `clients` threads each, and kill `kills` times or more.

    Each of relay, main and audit database is killed at least once (SIGKILL) at a moment the seed
    chooses; besides, relays die by themselves at named points. Returns counts; right is 0 for missing,
    duplicate, phantom, lost (acknowledged and not there), gaps (in the numbers) and undelivered (60 s
    after the last restart).
    """
    chance = random.Random(seed)
    firms = [_open_office(seed) for _ in range(offices)]
    targets = [*TARGETS, *(chance.choice(TARGETS) for _ in range(max(0, kills - len(TARGETS))))]
    chance.shuffle(targets)
    moments = sorted(chance.sample(range(invoices // 20, invoices * 9 // 10), len(targets)))
    started = time.monotonic()
    with Relays(2, chance) as relays:
        with ThreadPoolExecutor(offices * clients) as pool, Killers(servers, relays) as killers:
            work = [
                pool.submit(firm.work, invoices // offices, chance.getrandbits(32))
                for firm in firms
                for _ in range(clients)
            ]
            while not all(one.done() for one in work):
                relays.replace_the_dead()
                if moments and sum(len(firm.issued) for firm in firms) >= moments[0]:
                    moments.pop(0)
                    killers.kill(targets[len(moments)])
                time.sleep(0.02)
            for target in targets[: len(moments)]:
                killers.kill(target)
            for one in work:
                one.result()
        finished = time.monotonic()
        connections.close_all()
        is_settled = processes.wait_until(lambda: _settled(relays, firms), 60)
        settled = time.monotonic()
    counts: Counter[str] = Counter()
    for firm in firms:
        counts.update(compare(firm.tenant.id))
        counts.update(_check_numbers(firm))
    connections.close_all()
    return {
        "seed": seed,
        "acknowledged": sum(len(firm.issued) for firm in firms),
        "failures": sum(firm.failures for firm in firms),
        "kills": len(targets),
        "relay_deaths": relays.deaths,
        "seconds": round(finished - started, 1),
        "settled_after": round(settled - finished, 1),
        **{
            name: counts[name]
            for name in ("rows", "entries", "missing", "duplicate", "phantom", "lost", "gaps")
        },
        "undelivered": 0 if is_settled else sum(_pending(firm) for firm in firms),
    }


def _open_office(seed: int) -> Office:
    tenant = make_tenant(f"trail-{seed}")
    with scope_of(tenant):
        make_legal_entity()
        return Office(tenant, make_customer().id)


def _settled(relays: Relays, firms: list[Office]) -> bool:
    relays.replace_the_dead(mortal=False)
    try:
        return not any(_pending(firm) for firm in firms)
    except (Error, psycopg.Error):
        connections.close_all()
        return False


def _pending(firm: Office) -> int:
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit_pendingentry WHERE tenant_id = %s", [firm.tenant.id])
        return int(cursor.fetchone()[0])


def _check_numbers(firm: Office) -> dict[str, int]:
    with scope_of(firm.tenant):
        there = dict(Invoice.objects.filter(state="issued").values_list("id", "sequence"))
    sequences = sorted(there.values())
    return {
        "lost": sum(invoice_id not in there for invoice_id in firm.issued),
        "gaps": sum(number != place for place, number in enumerate(sequences, start=1)),
    }
