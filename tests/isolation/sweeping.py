"""The isolation sweep (invariant 1): every endpoint is called with another tenant's ids, names and cursors.

What counts as a finding, each with the call that showed it:

- leak: an answer, header, log line, Redis key or file with a canary, a number or an id of the other
  tenant that the caller did not say itself;
- oracle: an answer that differs from that to the same call about something that exists nowhere;
- influence: an answer about one's own data that changed when the other tenant's data changed;
- write: a row of the other tenant that changed;
- broken: a 5xx.
"""

import random
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from django.apps import apps
from django.db import Error, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper
from django.test.utils import override_settings
from django_redis import get_redis_connection

from audit.workflows import relay
from tenants import jobs
from tenants.errors import DomainError
from tenants.statements.jobs import Task
from tests.factories import ApiClient, scope_of
from tests.isolation import calls, surface, watching
from tests.isolation.calls import ANONYMOUS, Call
from tests.isolation.seeds import Side, digest_of, make_side, populate, replenish, sign_in_to_pages

_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_READERS = ("admin", "auditor")
_UNSTEADY = frozenset({409, 412, 428, 429, 503})
_SHALLOW = frozenset({400, 401, 403, 405, 406, 415})


@dataclass
class Report:
    """What a sweep did and found."""

    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    endpoints: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    findings: list[str] = field(default_factory=list)

    def found(self, kind: str, where: str, what: str) -> None:
        self.findings.append(f"{kind}: {where}: {what}")

    @property
    def kinds(self) -> set[str]:
        return {finding.partition(":")[0] for finding in self.findings}

    @property
    def shallow(self) -> list[str]:
        """Endpoints that never answered beyond the first refusals: the sweep says little about them."""
        return sorted(
            name for name, seen in self.endpoints.items() if set(seen) <= _SHALLOW and 405 not in seen
        )


@dataclass(frozen=True)
class Answer:
    """One answer as text: status, headers and body together in `text`."""

    status: int
    body: str
    text: str


class Sweep:
    """Two tenants full of canaries, and everything one of them can try on the other.

    `urlconf` replaces the URL tree and `only` keeps the routes that begin so: for planted leaks.
    """

    def __init__(self, *, seed: int = 0, urlconf: str | None = None, only: str = "/") -> None:
        calls.learn_prefixes(apps.get_models())
        self.seed = seed
        self.urlconf = urlconf
        self.routes = tuple(one for one in surface.routes(urlconf) if one.template.startswith(only))
        self.report = Report()
        self.ours, self.theirs = make_side("acme"), make_side("globex")
        self._warm_up()

    def run(self, count: int) -> Report:
        """Make at least `count` calls, each endpoint and method in turn, then look everywhere."""
        before = digest_of(self.theirs)
        chance = random.Random(self.seed)
        pairs = calls.every_pair(self.routes)
        with self._tree(), watching.watching_logs() as log:
            while self.report.calls < count:
                replenish(self.ours)
                chance.shuffle(pairs)
                for route, method in pairs:
                    role = chance.choice(calls.EVERYBODY)
                    self._try(
                        calls.draw(chance.getrandbits(48), route, method, role, self.ours, self.theirs), log
                    )
                pairs = calls.pairs_worth_repeating(self.routes) or pairs
            self._run_jobs(log)
        self._compare_rows(before)
        self._look_around()
        return self.report

    def run_influence(self) -> Report:
        """Read everything of ours, change a great deal of theirs, and read again: nothing may differ."""
        for role in _READERS:
            self.ours.client(role)
        relay.drain()
        with self._tree():
            first = dict(self._own_readings())
            populate(self.theirs)
            second = dict(self._own_readings())
        for url, answer in first.items():
            if second[url] != answer:
                self.report.found("influence", url, _difference(answer, second[url]))
        return self.report

    def run_interleaved(self, count: int, *, threads: int = 4) -> Report:
        """Both tenants call in turn from several threads over a pool of two connections."""
        lock, done = threading.Lock(), Counter[str]()

        def work(number: int) -> None:
            chance = random.Random(self.seed + number)
            sides = [self.ours, self.theirs]
            while done["calls"] < count:
                ours, other = sides[done["calls"] % 2], sides[1 - done["calls"] % 2]
                route = chance.choice(self.routes)
                call, _ = calls.draw(chance.getrandbits(48), route, "get", "admin", ours, other)
                client = ours.client("admin")
                answer = self._ask(_like(client, signed_in=True), call)
                connections.close_all()
                with lock:
                    done["calls"] += 1
                    self._count(call, answer)
                    self._search(call, answer.text, other)

        for side in (self.ours, self.theirs):
            side.renew("admin")
            side.client("admin")
        with self._tree(), _two_connections(), ThreadPoolExecutor(threads) as pool:
            list(pool.map(work, range(threads)))
        return self.report

    def _warm_up(self) -> None:
        """The other tenant uses the product: its answers fill the caches, its cursors exist."""
        with self._tree():
            for route in self.routes:
                if route.parameters or "get" not in route.methods:
                    continue
                for query in ("", "?limit=1", "?page_size=1"):
                    answer = _answer_of(self.theirs.client("admin").get(route.template + query))
                    self.theirs.cursors += _cursors_in(answer.body)
        if not self.theirs.cursors:
            self.theirs.cursors = ["bm9uZQ"]

    def _try(self, pair: tuple[Call, Call], log: watching.LogWatch) -> None:
        answers = []
        for call in pair:
            client = self._client(call.role)
            answer = self._ask(client, call)
            answers.append(answer)
            self._count(call, answer)
            self._search(call, answer.text, self.theirs)
            self._search(call, log.take(), self.theirs, place="log of ")
            if answer.status == 401 and call.role != ANONYMOUS:
                self.ours.renew(call.role)
        real, unreal = answers
        if {real.status, unreal.status} & _UNSTEADY or 401 in (real.status, unreal.status):
            return
        if pair[0].own and pair[0].method == "delete":
            # What the first of the two removed the second cannot find.
            return
        told = [f"{a.status} {calls.comparable(a.body, c)}" for a, c in zip(answers, pair, strict=True)]
        both_fine = real.status < 300 and unreal.status < 300
        if not both_fine and told[0] != told[1]:
            self.report.found(
                "oracle", pair[0].label, f"{pair[0].role}: {_difference(*told)} [{pair[0].url}]"
            )

    def _client(self, role: str) -> ApiClient:
        # A new one for each call: a notice left for the next page must not tell two calls apart.
        login = self.ours.client("admin" if role == ANONYMOUS else role)
        return _like(login, signed_in=role != ANONYMOUS)

    def _ask(self, client: ApiClient, call: Call) -> Answer:
        extra: dict[str, Any] = {
            f"HTTP_{name.upper().replace('-', '_')}": value for name, value in call.headers.items()
        }
        if call.body is not None:
            form = not call.body.startswith(("{", "["))
            kind = "application/x-www-form-urlencoded" if form else "application/json"
            extra |= {"data": call.body, "content_type": kind}
        return _answer_of(client.generic(call.method.upper(), call.url, **extra))

    def _count(self, call: Call, answer: Answer) -> None:
        self.report.calls += 1
        self.report.statuses[answer.status] += 1
        self.report.endpoints[call.label][answer.status] += 1
        if answer.status >= 500 and answer.status != 503:
            self.report.found("broken", call.label, f"{answer.status} {call.url} {call.body}")

    def _search(self, call: Call, text: str, other: Side, *, place: str = "") -> None:
        if seen := self._foreign(text, other, call.sent):
            self.report.found("leak", f"{place}{call.label}", f"{call.role}: {sorted(seen)[:3]} [{call.url}]")

    def _foreign(self, text: str, other: Side, sent: Iterable[str] = ()) -> set[str]:
        known = {str(each) for each in other.known}
        return other.canaries.seen_in(text, sent=sent) - known

    def _own_readings(self) -> Iterator[tuple[str, str]]:
        get_redis_connection("default").flushdb()
        for route in self.routes:
            if "get" not in route.methods or getattr(route.view, "public", False):
                continue
            for role in _READERS:
                path = route.path(**{name: _own_id(self.ours, name) for name in route.parameters})
                for query in ("", "?include=total", "?limit=3", "?page_size=3&page=2"):
                    call = Call(route, "get", role, path + query, None, {}, (), own=True)
                    answer = self._ask(self.ours.client(role), call)
                    yield f"{role} {path}{query}", f"{answer.status} {calls.timeless(answer.body)}"

    def _run_jobs(self, log: watching.LogWatch) -> None:
        """Each handler in our scope, with their ids for arguments."""
        for name in surface.job_names():
            for prefix, known in sorted(self.theirs.ids.items()):
                self._run_job(name, {"public": known[0], "plain": str(calls.id_of(known[0]))}, prefix, log)

    def _run_job(self, name: str, spellings: dict[str, str], prefix: str, log: watching.LogWatch) -> None:
        handler = jobs.handler_of(name)
        for spelling in spellings.values():
            arguments = {
                each: spelling for each in handler.call.__annotations__ if each not in ("context", "return")
            }
            context = jobs.JobContext(_task(self.ours), name)
            try:
                with scope_of(self.ours.tenant, member=self.ours.members["admin"]), transaction.atomic():
                    outcome = repr(handler.call(context, **arguments))
            except (DomainError, Error, TypeError, ValueError, LookupError, RuntimeError) as error:
                outcome = repr(error)
            self.report.calls += 1
            if seen := self._foreign(f"{outcome} {log.take()}", self.theirs, spellings.values()):
                self.report.found("leak", f"job {name}", f"{prefix}: {sorted(seen)[:3]}")

    def _compare_rows(self, before: dict[str, str]) -> None:
        after = digest_of(self.theirs)
        for table in sorted(before):
            if after[table] != before[table]:
                self.report.found("write", table, "rows of the other tenant changed")

    def _look_around(self) -> None:
        # Words that were sent in a filter may be part of a cache key, and reveal nothing there.
        def seen(text: str) -> set[str]:
            return self._foreign(text, self.theirs)

        for finding in (
            *watching.leaks_in_redis(self.theirs, seen),
            *watching.leaks_in_files(self.theirs, seen),
        ):
            self.report.found("leak", "at rest", finding)

    @contextmanager
    def _tree(self) -> Iterator[None]:
        # A proper password hash takes half a second, and says nothing here.
        with override_settings(ROOT_URLCONF=self.urlconf or "config.urls", PASSWORD_HASHERS=_HASHERS):
            yield


def _like(client: ApiClient, *, signed_in: bool) -> ApiClient:
    """A client on the same handler (a new one looks through all static files), with or without the login."""
    other = ApiClient()
    other.handler = client.handler
    other.raise_request_exception = False
    if signed_in and client.member is not None:
        other.carry(client.member, access=client.access, refresh=client.refresh)
        sign_in_to_pages(other)
    return other


def _answer_of(response: Any) -> Answer:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    body = content.decode("utf-8", "replace")
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
    return Answer(response.status_code, body, f"{headers}\n{response.cookies}\n{body}")


def _cursors_in(body: str) -> list[str]:
    return calls.CURSOR.findall(body)


def _own_id(side: Side, name: str) -> str:
    prefix = calls.prefix_for(name, side) or next(iter(side.ids))
    return side.ids[prefix][0]


def _task(side: Side) -> Task:
    return Task(
        tenant=side.tenant.id,
        job=calls.id_of(side.ids["job"][0]),
        attempt=1,
        actor=f"usr_{side.members['admin'].public_id.partition('_')[2]}",
        request="sweep",
    )


def _difference(one: str, other: str) -> str:
    place = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    start = max(0, place - 30)
    return f"…{one[start : place + 90]!r} against …{other[start : place + 90]!r}"


@contextmanager
def _two_connections() -> Iterator[None]:
    """`default` on a pool of two connections."""
    settings = connections.settings["default"]
    before = {**settings, "OPTIONS": dict(settings["OPTIONS"])}
    connections.close_all()
    settings["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 2, "timeout": 30}
    settings["CONN_MAX_AGE"] = 0
    try:
        yield
    finally:
        connections.close_all()
        cast(DatabaseWrapper, connections["default"]).close_pool()
        settings.clear()
        settings.update(before)
