"""Clients of the ledger over HTTP, each with a connection of its own, to a server as in production."""

import asyncio
import logging
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

from tenants import ids
from tests.factories import client_of, make_member
from tests.factories.granian import granian
from tests.ledger.clients import RECENT, Figures, Office, total

Order = tuple[str, dict[str, Any]]


@dataclass
class Desk:
    """What clients know of one customer: ids of what was posted last."""

    customer: str
    invoices: deque[str] = field(default_factory=lambda: deque(maxlen=RECENT))
    payments: deque[str] = field(default_factory=lambda: deque(maxlen=RECENT))
    allocations: deque[str] = field(default_factory=lambda: deque(maxlen=RECENT))


@contextmanager
def serving(*, workers: int, threads: int) -> Iterator[str]:
    """So many worker processes, each with so many threads for requests and a connection for each of these.

    Yields the address of the API.
    """
    options = ("--workers", str(workers), "--blocking-threads", str(threads))
    with granian(*options, LOG_LEVEL="CRITICAL") as port:
        yield f"http://127.0.0.1:{port}/api/v2"


def measure(office: Office, url: str, clients: int, *, seed: int, seconds: float, warm: float) -> Figures:
    """What so many clients posted in `seconds`, each its next request when the last one was answered.

    `warm` seconds go before that do not count. Refusals by the rules are work done; any other answer is
    a failure.
    """
    # A line a request would be measured with them.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    token = client_of(make_member(office.tenant, role="admin")).access
    desks = [Desk(ids.encode("cus", customer)) for customer in office.customers]
    connections = httpx2.AsyncClient(
        base_url=url,
        headers={"Authorization": f"Bearer {token}"},
        limits=httpx2.Limits(max_connections=clients, max_keepalive_connections=clients),
        timeout=60,
        trust_env=False,
    )
    chances = [random.Random(seed * 100 + number) for number in range(clients)]
    return asyncio.run(_measure(connections, desks, chances, seconds, warm))


async def _measure(
    connections: httpx2.AsyncClient,
    desks: list[Desk],
    chances: list[random.Random],
    seconds: float,
    warm: float,
) -> Figures:
    async with connections:
        began = time.monotonic() + warm
        return total(
            await asyncio.gather(
                *(_be_client(connections, desks, chance, began, seconds) for chance in chances)
            )
        )


async def _be_client(
    connections: httpx2.AsyncClient, desks: list[Desk], chance: random.Random, began: float, seconds: float
) -> Figures:
    figures = Figures(Counter(), Counter(), Counter(), seconds)
    names, weights = zip(*((name, weight) for name, (_, weight) in OPERATIONS.items()), strict=True)
    while time.monotonic() < began + seconds:
        (name,) = chance.choices(names, weights)
        desk = chance.choice(desks)
        order = OPERATIONS[name][0](desk, chance)
        if order is None:
            continue
        path, body = order
        answer = await connections.post(path, json=body)
        if answer.status_code == 201:
            _remember(desk, name, answer.json())
        if not began <= time.monotonic() < began + seconds:
            continue
        if answer.status_code == 201:
            figures.done[name] += 1
        elif answer.status_code in (400, 409):
            figures.refused[answer.json()["code"]] += 1
        else:
            figures.failed[f"{answer.status_code} to {name}"] += 1
    return figures


def _remember(desk: Desk, name: str, found: dict[str, Any]) -> None:
    if name == "issue":
        desk.invoices.append(found["id"])
    elif name.startswith("receive"):
        desk.payments.append(found["id"])
    elif name == "allocate":
        desk.allocations.extend(row["id"] for row in found["data"])


def _money(chance: random.Random, most: int) -> dict[str, str]:
    return {"amount": f"{chance.randint(1, most)}.00", "currency": "EUR"}


def _issue(desk: Desk, chance: random.Random) -> Order:
    line = {
        "description": "Consulting",
        "quantity": "1",
        "unit_price": str(chance.randint(1, 500)),
        "tax": {"category": "S", "rate": "19"},
    }
    return "/invoices", {"customer": desk.customer, "currency": "EUR", "issue": True, "lines": [line]}


def _receive(desk: Desk, chance: random.Random) -> Order | None:
    if not desk.invoices:
        return None
    share = {"invoice": chance.choice(desk.invoices), "amount": _money(chance, 100)}
    hundred = {"amount": "100.00", "currency": "EUR"}
    return "/payments", {"customer": desk.customer, "amount": hundred, "allocations": [share]}


def _receive_on_account(desk: Desk, chance: random.Random) -> Order:
    return "/payments", {"customer": desk.customer, "amount": _money(chance, 900)}


def _allocate(desk: Desk, chance: random.Random) -> Order | None:
    if not desk.invoices or not desk.payments:
        return None
    invoices = chance.sample(list(desk.invoices), min(len(desk.invoices), chance.randint(1, 3)))
    shares = [{"invoice": invoice, "amount": _money(chance, 60)} for invoice in invoices]
    return f"/payments/{chance.choice(desk.payments)}/allocate", {"allocations": shares}


def _reverse_allocation(desk: Desk, chance: random.Random) -> Order | None:
    if not desk.allocations:
        return None
    return f"/allocations/{chance.choice(desk.allocations)}/reverse", {"reason": "taken back"}


def _of_a_payment(action: str, most: int, **more: str) -> Callable[[Desk, random.Random], Order | None]:
    def order(desk: Desk, chance: random.Random) -> Order | None:
        if not desk.payments:
            return None
        body = {"amount": _money(chance, most), "reason": "no funds", **more}
        return f"/payments/{chance.choice(desk.payments)}/{action}", body

    return order


def _write_off(desk: Desk, chance: random.Random) -> Order | None:
    if not desk.invoices:
        return None
    body = {"amount": _money(chance, 20), "reason": "small"}
    return f"/invoices/{chance.choice(desk.invoices)}/write-off", body


OPERATIONS: dict[str, tuple[Callable[[Desk, random.Random], Order | None], int]] = {
    "issue": (_issue, 21),
    "receive": (_receive, 16),
    "receive on account": (_receive_on_account, 8),
    "allocate": (_allocate, 28),
    "reverse allocation": (_reverse_allocation, 9),
    "refund": (_of_a_payment("refund", 50), 6),
    "write off": (_write_off, 7),
    "charge back": (_of_a_payment("return", 100, kind="chargeback"), 5),
}
