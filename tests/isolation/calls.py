"""Calls that try to reach another tenant: its ids in path, query, body and headers, its cursors and names.

Every call has a twin that differs in one thing only: where the call names something of the other tenant,
the twin names something that exists nowhere. Whoever can tell the two apart by the answer has learnt
something about the other tenant.
"""

import json
import random
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from tenants import ids
from tests.isolation.bodies import Bodies
from tests.isolation.seeds import ROLES, Side
from tests.isolation.surface import METHODS, Route

ANONYMOUS = "anonymous"
EVERYBODY = (*ROLES, ANONYMOUS)
_NAMING = ("tenant", "customer", "invoice", "id")
_FIELDS = (*_NAMING, "username", "password", "next", "name", "state")
_STRAY = ("tenant", "tenant_id", "customer", "q", "search", "ordering", "sort", "name", "status", "include")


@dataclass(frozen=True)
class Call:
    """A request of somebody of the attacking tenant; `sent` is everything it says about the other one.

    `own` means that its path names a record of the attacker.
    """

    route: Route
    method: str
    role: str
    url: str
    body: str | None
    headers: dict[str, str]
    sent: tuple[str, ...] = field(repr=False)
    own: bool = False

    @property
    def label(self) -> str:
        return f"{self.method.upper()} {self.route.template}"


class Named:
    """Names things of the other tenant, and remembers what it named."""

    def __init__(self, other: Side, chance: random.Random) -> None:
        self.other = other
        self.chance = chance
        self.sent: list[str] = []
        self.words = sorted(other.canaries.words)

    def id(self, name: str) -> str:
        """A public id that fits the parameter or prefix `name`."""
        if name in ("slug", "tenant"):
            return self.said(self.slug())
        prefix = self._prefix(name)
        return self.said(self.pick(prefix))

    def pick(self, prefix: str) -> str:
        return self.chance.choice(self.other.ids[prefix])

    def slug(self) -> str:
        return self.other.tenant.slug

    def word(self) -> str:
        return self.said(self.chance.choice(self.words))

    def cursor(self) -> str:
        return self.said(self.chance.choice(self.other.cursors or ["none"]))

    def said(self, text: str) -> str:
        self.sent.append(text)
        return text

    def _prefix(self, name: str) -> str:
        return prefix_for(name, self.other) or self.chance.choice(sorted(self.other.ids))


class Nowhere(Named):
    """Names in the same places what exists in no tenant."""

    def pick(self, prefix: str) -> str:
        self.chance.choice(self.other.ids[prefix])
        return ids.encode(prefix, ids.uuid7())

    def slug(self) -> str:
        return f"{self.other.tenant.slug[:-8]}ffffffff"

    def word(self) -> str:
        self.chance.choice(self.words)
        return self.said(f"cnryfff{self.chance.getrandbits(28):07x}")

    def cursor(self) -> str:
        real = self.chance.choice(self.other.cursors or ["none"])
        return self.said(real[:-4] + "AAAA")


def prefix_for(name: str, side: Side) -> str:
    """The public prefix that a parameter or member of this name takes; "" where the name does not tell."""
    if name in side.ids:
        return name
    wanted = name.removesuffix("_id").replace("_", "")
    exact = _PREFIXES.get(wanted)
    if exact in side.ids:
        return str(exact)
    like = (
        prefix
        for model, prefix in sorted(_PREFIXES.items())
        if prefix in side.ids and wanted and (wanted.endswith(model) or model.endswith(wanted))
    )
    return next(like, "")


_PREFIXES: dict[str, str] = {}


def learn_prefixes(models: Any) -> None:
    """Take down the prefixes of all models that have one."""
    for model in models:
        if hasattr(model, "public_prefix") and not model._meta.abstract:
            _PREFIXES[model._meta.model_name] = model.public_prefix


def draw(seed: int, route: Route, method: str, role: str, ours: Side, other: Side) -> tuple[Call, Call]:
    """A call and its twin, alike but for what is named; the same seed draws the same."""
    made = []
    for kind in (Named, Nowhere):
        chance = random.Random(seed)
        # What is named is drawn apart, so that the shape of both calls is the same.
        named = kind(other, random.Random(seed + 1))
        made.append(_Drawing(chance, named, ours, seed).call(route, method, role))
    return made[0], made[1]


class _Drawing:
    def __init__(self, chance: random.Random, named: Named, ours: Side, seed: int) -> None:
        self.chance, self.named, self.ours, self.seed = chance, named, ours, seed
        # A call that succeeds shows more than one that is refused for the first foreign reference.
        self.is_own_body = chance.random() < 0.35

    def call(self, route: Route, method: str, role: str) -> Call:
        operation = route.operations.get(method, {})
        # Through our own record one gets to rules behind the look-up; the rest still names the other's.
        own_path = bool(route.parameters) and self.chance.random() < 0.4
        path = route.path(**{name: self._path_id(name, own=own_path) for name in route.parameters})
        query = self._query(operation)
        body = self._body(operation) if method in ("post", "put", "patch") else None
        url = f"{path}?{urlencode(query)}" if query else path
        return Call(route, method, role, url, body, self._headers(method), tuple(self.named.sent), own_path)

    def _path_id(self, name: str, *, own: bool) -> str:
        if not own:
            return self.named.id(name)
        prefix = self.named._prefix(name)
        return self.chance.choice(self.ours.ids[prefix])

    def _query(self, operation: dict[str, Any]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        bodies = Bodies(self.chance, self.named.id, self.named.word)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] != "query" or self.chance.random() < 0.5:
                continue
            name = parameter["name"]
            if name == "cursor":
                if self.chance.random() < 0.3:
                    values[name] = self.named.cursor()
                continue
            values[name] = bodies.value(parameter.get("schema", {}), name)
        if self.chance.random() < 0.1:
            name = self.chance.choice(_STRAY)
            values[name] = self.named.id(name) if self.chance.random() < 0.5 else self.named.word()
        return values

    def _body(self, operation: dict[str, Any]) -> str | None:
        content = operation.get("requestBody", {}).get("content", {})
        schema = next((one.get("schema", {}) for one in content.values()), None)
        if schema is None:
            return self._form() if not operation else None if self.chance.random() < 0.8 else "{}"
        # Free text becomes part of our own rows, so it must be our own words.
        bodies = Bodies(self.chance, self._any_id, self._own_word)
        examples = [one["value"] for media in content.values() for one in media.get("examples", {}).values()]
        if examples and self.chance.random() < 0.4:
            value = self._with_ids(self.chance.choice(examples))
        else:
            value = bodies.value(schema)
        if isinstance(value, dict) and self.chance.random() < 0.1:
            value[self.chance.choice(("tenant_id", "tenant", "id"))] = self.named.id("ten")
        return json.dumps(value)

    def _form(self) -> str:
        """What a page's form might send; pages are not in the schema."""
        names = self.chance.sample(_FIELDS, k=4)
        return urlencode(
            {name: self.named.id(name) if name in _NAMING else self._own_word() for name in names}
        )

    def _with_ids(self, example: Any) -> Any:
        """A documented example with the ids in it replaced."""
        return json.loads(_PUBLIC.sub(lambda found: self._any_id(found[1]), json.dumps(example)))

    def _any_id(self, name: str) -> str:
        if name not in ("slug", "tenant", "ten") and (self.is_own_body or self.chance.random() < 0.4):
            return self.chance.choice(self.ours.ids[self.named._prefix(name)])
        return self.named.id(name)

    def _own_word(self) -> str:
        return f"word{self.chance.getrandbits(40):010x}"

    def _headers(self, method: str) -> dict[str, str]:
        headers: dict[str, str] = {}
        if self.chance.random() < 0.2:
            name = self.chance.choice(
                ("X-Tenant-ID", "X-Tenant", "Tenant-ID", "X-Organization-Id", "X-Account-Id")
            )
            headers[name] = self.named.id(self.chance.choice(("ten", "slug")))
        if method == "post" and self.chance.random() < 0.2:
            headers["Idempotency-Key"] = self.named.word()
        if method in ("put", "patch", "delete", "post") and self.chance.random() < 0.6:
            headers["If-Match"] = self.chance.choice(('"1"', "*", '"2"', '"v1"'))
        return headers


_PUBLIC = re.compile(r"\b([a-z]{2,8})_[0-7][0-9a-hjkmnp-tv-z]{25}")
_ID = re.compile(
    r"[a-z]{2,8}_[0-7][0-9a-hjkmnp-tv-z]{25}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?")
CURSOR = re.compile(r'"next_cursor":\s*"([^"]+)"')
# CSRF tokens: so long that nothing else looks like them.
_DRAWN = re.compile(r"\b[A-Za-z0-9]{64}\b")
_MADE_UP = re.compile(r"cnry[0-9a-f]{10}")


def comparable(answer: str, call: Call) -> str:
    """An answer without what differs between two equal requests: ids, times, and what the caller sent."""
    for text in sorted({*call.sent, call.url.partition("?")[0]}, key=len, reverse=True):
        answer = answer.replace(text, "<sent>")
    return _MADE_UP.sub("<sent>", timeless(_ID.sub("<sent>", answer)))


def timeless(answer: str) -> str:
    """An answer without what differs each time: times, what is drawn anew for each page, and cursors.

    The cursor of a report names the moment as of which it was asked for.
    """
    return _DRAWN.sub("<drawn>", _TIME.sub("<time>", CURSOR.sub('"next_cursor":"<cursor>"', answer)))


def every_pair(routes: tuple[Route, ...]) -> list[tuple[Route, str]]:
    """Each route with each method it takes, and one it does not."""
    pairs = [(route, method) for route in routes for method in route.methods]
    return pairs + [
        (route, next(method for method in METHODS if method not in route.methods))
        for route in routes
        if len(route.methods) < len(METHODS)
    ]


def pairs_worth_repeating(routes: tuple[Route, ...]) -> list[tuple[Route, str]]:
    """Each route with each method it takes, but for pages that know no caller: they have nothing to tell."""
    return [
        (route, method)
        for route in routes
        for method in route.methods
        if method not in ("get", "head", "options") or getattr(route.view, "authentication_classes", True)
    ]


def id_of(text: str) -> UUID:
    """The UUID in a public id."""
    return ids.decode(text.partition("_")[0], text)
