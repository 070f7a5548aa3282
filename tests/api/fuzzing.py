"""Requests made from the OpenAPI documents, and what their answers must be (invariant 15).

Each operation is called with data of its schema and with data that is not, about half of the ids replaced
by ids of records that exist, so that calls get beyond the first refusal. No answer may be a 5xx, and each
must be as documented: status, media type, headers and shape.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import schemathesis
import yaml
from django.core.handlers.wsgi import WSGIHandler
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CheckFunction, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.generation.case import Case
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.schemas import document
from tests.factories import ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity

Operation = APIOperation[Any, Any, Any, Any]
AnyCase = Case[Any]
APPLICATION, BASE = WSGIHandler(), "http://testserver"
CHECKS: list[CheckFunction] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
ID = re.compile(r"([a-z]{2,8})_[0-7][0-9a-hjkmnp-tv-z]{25}")
_NAMED = {
    "invoice_id": "inv",
    "customer_id": "cus",
    "item_id": "itm",
    "legal_entity_id": "le",
    "series_id": "ser",
    "tax_rate_id": "tax",
    "session_id": "ses",
    "job_id": "job",
}
# What is checked beyond its form: without values that exist no call would get past the rules.
_PLAUSIBLE: dict[str, Any] = {
    "currency": "EUR",
    "tax_currency": None,
    "country": "FR",
    "tax": {"category": "S", "rate": "19"},
    "category": "S",
    "rate": "19",
    "quantity": "3",
    "unit_price": "10.0001",
    "amount": "1.00",
    "base_amount": "5",
    "prepaid_amount": "1",
    "rounding_amount": "0.01",
    "issue_date": "2026-05-05",
    "item": None,
    "series": None,
    "reason": "because",
    "description": "Work",
    "name": "Somebody",
    "unit_code": "C62",
    "payment_terms": "Net 10",
    "payment_days": 10,
    "base_quantity": "1",
    "percent": "10",
    "due_date": None,
    "vat_id": None,
    "iban": None,
    "bic": None,
    "language": "fr",
    "electronic_address": None,
    "electronic_address_scheme": None,
    "pattern": "F-{year}-{number:05}",
    "reset": "year",
    "time_zone": "Europe/Paris",
    "valid_to": None,
    "type": "invoice",
    "document_type": "invoice",
}
_LISTS = ("customers", "items", "legal-entities", "series", "tax-rates", "invoices", "auth/sessions")


@dataclass
class Report:
    """What was asked and what was wrong with the answers, each fault once with a call that shows it."""

    calls: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    reached: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, int]] = field(default_factory=Counter)
    findings: dict[str, str] = field(default_factory=dict)

    def add(self, other: "Report") -> None:
        """Take the figures of another run in."""
        self.calls += other.calls
        self.statuses += other.statuses
        self.reached += other.reached
        self.refused += other.refused
        self.findings = {**other.findings, **self.findings}


class World:
    """A tenant with records of every kind, and somebody who may do everything."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.tenant = make_tenant("fuzz")
        with scope_of(self.tenant):
            make_legal_entity()
            self.customer = make_customer().public_id
        self.log_in()
        self.ids: dict[str, list[str]] = {"cus": [self.customer]}
        self._stock()

    def log_in(self) -> None:
        """A new session: calls end the one at hand now and then."""
        self.client: ApiClient = client_of(make_member(self.tenant))

    def known(self, prefix: str) -> str | None:
        """An id of a record that exists, or did."""
        known = self.ids.get(prefix)
        return self.chance.choice(known) if known else None

    def _stock(self) -> None:
        tax = {"category": "S", "rate": "19"}
        self.client.post("/api/v2/tax-rates", {"name": "Standard", **tax})
        item = {"code": "I", "name": "Hour", "unit_price": "10", "tax": tax}
        self.client.post("/api/v2/items", item)
        line = {"description": "Work", "quantity": "1", "unit_price": "10", "tax": tax}
        body = {"customer": self.customer, "currency": "EUR", "lines": [line]}
        for issue in (False, False, False, True):
            made = self.client.post("/api/v2/invoices", {**body, "issue": issue})
            assert made.status_code == 201, made.content
        for path in _LISTS:
            answer = self.client.get(f"/api/v2/{path}")
            assert answer.status_code == 200, answer.content
            for match in ID.finditer(answer.content.decode()):
                self.ids.setdefault(match[1], []).append(match[0])


@cache
def operations(version: str) -> list[Operation]:
    """The operations of a version, by its OpenAPI document."""
    described = yaml.safe_load(document(version))
    # Every call is one of somebody who is logged in: of calls that are not, 401 is all there is to say.
    del described["components"]["securitySchemes"]
    for methods in described["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    schema = schemathesis.openapi.from_dict(described)
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


def fuzz(version: str, *, examples: int, seed_number: int) -> Report:
    """Call every operation with `examples` cases of either mode; the same seed, the same cases."""
    report, world = Report(), World(random.Random(seed_number))
    for operation in operations(version):
        for mode in MODES:
            _fuzz_operation(operation, mode, world, report, examples, seed_number)
    return report


def _fuzz_operation(
    operation: Operation,
    mode: GenerationMode,
    world: World,
    report: Report,
    examples: int,
    seed_number: int,
) -> None:
    @seed(seed_number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: AnyCase) -> None:
        _ask(case, world, report)

    # An operation without parameters has nothing to be wrong about.
    with suppress(Unsatisfiable):
        ask()


def _ask(case: AnyCase, world: World, report: Report) -> None:
    if world.chance.random() < 0.6:
        _use_known_ids(case, world)
    response = case.call(
        app=APPLICATION, base_url=BASE, headers={"Authorization": f"Bearer {world.client.access}"}
    )
    report.calls += 1
    report.statuses[response.status_code] += 1
    label = case.operation.label
    if response.status_code < 300:
        report.reached[label] += 1
    else:
        report.refused[label, response.status_code] += 1
    if response.status_code == 401 or label.endswith("/auth/logout-everywhere"):
        world.log_in()
    try:
        case.validate_response(response, checks=CHECKS)
    except FailureGroup as failures:
        for failure in failures.exceptions:
            name = f"{case.operation.label}: {type(failure).__name__} {failure}".strip()[:400]
            report.findings.setdefault(name, case.as_curl_command()[:1500])


def _use_known_ids(case: AnyCase, world: World) -> None:
    for name in case.path_parameters:
        if (known := world.known(_NAMED.get(name, ""))) is not None:
            case.path_parameters[name] = known
    if isinstance(case.body, dict | list):
        plausible = _PLAUSIBLE if world.chance.random() < 0.7 else {}
        case.body = _made_plausible(case.body, world, plausible)
    if case.method in ("PATCH", "DELETE") and case.headers is not None and world.chance.random() < 0.7:
        case.headers["If-Match"] = f'"v{world.chance.choice([1, 1, 1, 2])}"'


def _made_plausible(value: Any, world: World, plausible: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {
            name: plausible[name]
            if plausible.get(name, inner) != inner and not isinstance(inner, list)
            else _made_plausible(inner, world, plausible)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_made_plausible(inner, world, plausible) for inner in value]
    if isinstance(value, str) and (match := ID.fullmatch(value)):
        return world.known(match[1]) or value
    return value


def unreached(version: str, report: Report) -> Iterator[str]:
    """Operations that never answered 2xx: the cases do not get to their heart."""
    return (each.label for each in operations(version) if not report.reached[each.label])
