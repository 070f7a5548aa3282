"""Somebody reads a list while fifty others log in without a pause, on a server that runs."""

import http.client
import statistics
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

import orjson
from django.conf import settings

from bench.granian_server import Server, serving
from bench.harness import OURS, Contender, Goal, Trial, WrongResult, expect
from bench.world import World
from tests.factories import PASSWORD, make_member

LOGINS, READS, WARMING = 50, 300, 100
LIST, TOKEN = "/api/v2/customers", "/api/v2/auth/token"
# What a reader may notice: so many times the calm answer.
GOAL = 25


class Storm:
    """So many clients that send the right password again and again; `statuses` counts the answers."""

    def __init__(self, port: int, body: bytes) -> None:
        self.statuses: Counter[int] = Counter()
        self._port, self._body = port, body
        self._lock = threading.Lock()

    @contextmanager
    def raging(self) -> Iterator["Storm"]:
        """Until the block ends; it begins once the gate is full."""
        over, full = threading.Event(), threading.Event()
        threads = [threading.Thread(target=self._hammer, args=(over, full)) for _ in range(LOGINS)]
        for thread in threads:
            thread.start()
        try:
            if not full.wait(30):
                raise WrongResult("no login was turned away")
            yield self
        finally:
            over.set()
            for thread in threads:
                thread.join()

    def _hammer(self, over: threading.Event, full: threading.Event) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        while not over.is_set():
            connection.request("POST", TOKEN, self._body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            with self._lock:
                self.statuses[answer.status] += 1
            if answer.status == 429:
                full.set()
                # A client that is told to come back in a second comes back too early all the same.
                over.wait(0.2)
        connection.close()


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """A page of customers, calm and amid the storm; every login is answered, by a pair or by 429."""
    member = make_member(world.ours, password=PASSWORD)
    body = orjson.dumps({"tenant": world.ours.slug, "username": member.username, "password": PASSWORD})
    with serving(world.access_token()) as server:
        storm = Storm(server.port, body)
        calm = _slowest_of_twenty(server)
        with storm.raging():
            stormy = _slowest_of_twenty(server)
        expect(set(storm.statuses), {200, 429}, "answers to logins")
        yield Trial(
            contenders=[
                Contender(OURS, lambda: _read(server), around=storm.raging, most_calls=READS),
                Contender("calm", lambda: _read(server), most_calls=READS),
            ],
            goals=[Goal("calm", "at most", GOAL)],
            facts={
                "p95 of the list": f"{calm * 1000:.1f} ms calm, {stormy * 1000:.1f} ms amid the storm",
                "logins": f"{storm.statuses[200]} let in, {storm.statuses[429]} told to come back",
                "hashes at once": f"{settings.HASHING_CONCURRENCY} in the worker",
            },
        )


def _slowest_of_twenty(server: Server) -> float:
    """The 95th percentile of the seconds that a read takes, once every thread has its connection."""
    for _ in range(WARMING):
        _read(server)
    spent = []
    for _ in range(READS):
        began = perf_counter()
        _read(server)
        spent.append(perf_counter() - began)
    return statistics.quantiles(spent, n=20)[-1]


def _read(server: Server) -> None:
    expect(server.get(LIST), 200, "status of the list")
