"""Invariant 7: a key is one effect and one answer, though servers die between commit and answer."""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from invoicing.models import Invoice
from tests.databases import REPOSITORY
from tests.factories import client_of, make_member, make_tenant, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity

Answer = tuple[int, str, bytes]
PATIENCE = 60.0


@dataclass
class Caller:
    """Posts until it has an answer, as a careful client does; `counts` is shared by all of them."""

    port: int
    token: str
    counts: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, path: str, key: str, body: bytes) -> Answer:
        """Status, Location and body. Repeats the request when the connection breaks, and after a 409."""
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._try(path, key, body)
            if answer is None:
                self._count("broken_connections")
            elif answer[0] == 409:
                self._count("in_flight")
            else:
                return answer
            if time.monotonic() > deadline:
                return 0, "", b""
            time.sleep(0.03)

    def _try(self, path: str, key: str, body: bytes) -> Answer | None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {
            "Authorization": f"Bearer {self.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        try:
            connection.request("POST", path, body, headers)
            response = connection.getresponse()
            if "Content-Length" not in response.headers:
                # http.client takes headers that were cut off for complete ones.
                return None
            if "Idempotency-Replayed" in response.headers:
                self._count("replayed")
            return response.status, response.headers.get("Location", ""), response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _count(self, what: str) -> None:
        with self.lock:
            self.counts[what] += 1


def run(seed: int, *, keys: int = 1_000, callers: int = 16, percent: float = 2.0) -> dict[str, Any]:
    """Issue an invoice for each of `keys` keys, each asked for by `callers` at the same time.

    `percent` of the requests kill their server. Returns counts; right is 0 for `missing` and `double`
    effects, `gaps` in their numbers, keys with `several_answers`, and `unanswered` callers.
    """
    tenant = make_tenant("faults")
    member = make_member(tenant)
    with scope_of(tenant):
        make_legal_entity()
        customer = make_customer().public_id
    started = time.monotonic()
    command = [sys.executable, "-m", "tests.faults.server", str(seed), str(percent)]
    with subprocess.Popen(
        command, cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as server:
        assert server.stdout is not None
        caller = Caller(int(server.stdout.readline()), client_of(member).access)
        try:
            answers = [
                _ask(caller, callers, f"key-{seed}-{number}", _body(customer, number))
                for number in range(keys)
            ]
        finally:
            server.terminate()
            with suppress(subprocess.TimeoutExpired):
                server.wait(10)
            server.kill()
    with scope_of(tenant):
        effects = Invoice.objects.count()
        numbers = max(int(number[-5:]) for number in Invoice.objects.values_list("number", flat=True))
    return {
        "seed": seed,
        "keys": keys,
        "missing": max(0, keys - effects),
        "double": max(0, effects - keys),
        "gaps": numbers - effects,
        "several_answers": sum(len(set(each)) != 1 for each in answers),
        "unanswered": sum(status != 201 for each in answers for status, _, _ in each),
        **caller.counts,
        "seconds": round(time.monotonic() - started, 1),
    }


def _ask(caller: Caller, callers: int, key: str, body: bytes) -> list[Answer]:
    with ThreadPoolExecutor(callers) as pool:
        asked = [pool.submit(caller.post, "/api/v2/invoices", key, body) for _ in range(callers)]
        return [each.result() for each in asked]


def _body(customer: str, number: int) -> bytes:
    line = {
        "description": f"item {number}",
        "quantity": "1",
        "unit_code": "C62",
        "unit_price": "10",
        "tax": {"category": "S", "rate": "19"},
    }
    today = timezone.now().date().isoformat()
    document = {"customer": customer, "currency": "EUR", "issue": True, "issue_date": today, "lines": [line]}
    return json.dumps(document).encode()
