"""Sellers and buyers: their identifiers are checked by the rules of their countries, defaults are one."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from invoicing.models import LegalEntity
from invoicing.services.legal_entities import create_legal_entity
from tenants.models import Tenant
from tests.factories import scope_of
from tests.invoicing.catalogue.kinds import BY_PATH, Api, Json, Kind

CUSTOMERS, ENTITIES, SERIES = BY_PATH["customers"], BY_PATH["legal-entities"], BY_PATH["series"]


@pytest.mark.parametrize(
    ("country", "given", "kept"),
    [
        ("DE", "de 136.695.976", "DE136695976"),
        ("DE", "136695976", "DE136695976"),
        ("AT", "U13585627", "ATU13585627"),
        ("GR", "094259216", "EL094259216"),
        ("GR", "EL 094259216", "EL094259216"),
        ("NL", "DE136695976", "DE136695976"),
        ("US", "DE136695976", "DE136695976"),
        ("GB", "GB 980 7806 84", "GB980780684"),
        ("CH", "CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("NO", "NO 995 525 828 MVA", "NO995525828MVA"),
        ("US", "12-3456789", "123456789"),
    ],
)
def test_a_vat_id_is_kept_in_its_normal_spelling(api: Api, country: str, given: str, kept: str) -> None:
    assert api.make(CUSTOMERS, country=country, vat_id=given)["vat_id"] == kept


@pytest.mark.parametrize(
    ("pointer", "fault"),
    [
        ("/vat_id", {"vat_id": "DE123456789"}),
        ("/country", {"vat_id": "DE136695976", "country": "ZZ"}),
        ("/vat_id", {"vat_id": "GB980780685", "country": "GB"}),
        ("/vat_id", {"vat_id": "12/34?56"}),
        ("/country", {"country": "de"}),
        ("/country", {"country": "XK"}),
        ("/country", {"country": "UK"}),
        ("/country", {"country": ""}),
        ("/email", {"email": "nobody"}),
        ("/electronic_address_scheme", {"electronic_address": "5790000435975"}),
        ("/electronic_address", {"electronic_address_scheme": "0088"}),
        ("/electronic_address_scheme", {"electronic_address": "x", "electronic_address_scheme": "gln"}),
        ("/currency", {"currency": "eur"}),
        ("/currency", {"currency": "XAU"}),
        ("/language", {"language": "german"}),
        ("/payment_days", {"payment_days": -1}),
        ("/payment_days", {"payment_days": 100000}),
        ("/payment_days", {"payment_days": "30"}),
        ("/payment_days", {"payment_days": 2**70}),
        ("/due_rule/kind", {"due_rule": {"kind": "soon"}}),
        ("/due_rule/kind", {"due_rule": {"days": 3}}),
        ("/due_rule/day", {"due_rule": {"kind": "day_of_month"}}),
        ("/due_rule/months", {"due_rule": {"kind": "net", "months": 25}}),
    ],
)
def test_a_fault_is_named_where_it_stands_and_nothing_is_written(
    api: Api, pointer: str, fault: dict[str, Any]
) -> None:
    answer = api.client.post(api.url("customers"), {**CUSTOMERS.body(), **fault})
    assert answer.status_code == 400, answer.content
    assert api.pointers(answer) == [pointer]
    assert api.rows(CUSTOMERS) == []


def test_every_fault_is_named_at_once(api: Api) -> None:
    body = {"name": "A", "country": "QQ", "vat_id": "1?", "email": "a@b@c", "currency": "ABC"}
    answer = api.client.post(api.url("customers"), body)
    assert set(api.pointers(answer)) == {"/country", "/vat_id", "/email", "/currency"}


def test_bank_details_are_checked_and_normalised(api: Api) -> None:
    made = api.make(ENTITIES, iban="de89 3704 0044 0532 0130 00", bic="cobadeff xxx")
    assert (made["iban"], made["bic"]) == ("DE89370400440532013000", "COBADEFFXXX")
    refused = api.client.post(
        api.url("legal-entities"), {**ENTITIES.body(), "iban": "DE89370400440532013001", "bic": "COBA"}
    )
    assert (refused.status_code, set(api.pointers(refused))) == (400, {"/iban", "/bic"})


def test_null_resets_a_setting_to_its_default(api: Api) -> None:
    made = api.make(ENTITIES, currency="USD", payment_days=10, tax_rounding="line", phone="1")
    change = {"currency": None, "payment_days": None, "tax_rounding": None, "phone": None}
    changed = api.data(api.patch(ENTITIES, {"version": 1, **made}, change))
    assert (changed["currency"], changed["payment_days"], changed["tax_rounding"]) == ("EUR", 30, "category")
    assert not changed["phone"]


@pytest.mark.parametrize("kind", [CUSTOMERS, ENTITIES], ids=["customer", "legal entity"])
def test_payment_terms_are_kept_patched_and_reset(api: Api, kind: Kind) -> None:
    made = api.make(kind, due_rule={"kind": "end_of_month", "days": 10})
    shown = {"kind": "end_of_month", "days": 10, "months": 0, "day": None, "roll": "none"}
    assert made["due_rule"] == shown
    changed = api.data(
        api.patch(kind, {"version": 1, **made}, {"due_rule": {"days": 5, "roll": "following"}})
    )
    assert changed["due_rule"] == {**shown, "days": 5, "roll": "following"}
    refused = api.patch(kind, {"version": 2, **changed}, {"due_rule": {"day": 3}})
    assert (refused.status_code, api.pointers(refused)) == (400, ["/due_rule/day"])
    reset = api.data(api.patch(kind, {"version": 2, **changed}, {"due_rule": None}))
    assert reset["due_rule"] is None


def test_a_reference_is_one_customers_even_when_that_one_is_deactivated(api: Api, other: Api) -> None:
    first = api.make(CUSTOMERS, reference="C-1")
    api.client.delete(api.url(f"customers/{first['id']}"))
    refused = api.client.post(api.url("customers"), {**CUSTOMERS.body(), "reference": "C-1"})
    assert (refused.status_code, api.pointers(refused)) == (409, ["/reference"])
    second = api.make(CUSTOMERS)
    moved = api.patch(CUSTOMERS, {"version": 1, **second}, {"reference": "C-1"})
    assert (moved.status_code, api.pointers(moved)) == (409, ["/reference"])
    assert api.read(CUSTOMERS, second["id"]) == second
    assert other.make(CUSTOMERS, reference="C-1")["reference"] == "C-1"
    for _ in range(2):
        assert not api.make(CUSTOMERS, reference=None)["reference"]


def test_a_deactivated_customer_stays_on_its_documents_and_gets_no_new_ones(api: Api) -> None:
    customer = api.make(CUSTOMERS)
    line = {
        "description": "x",
        "quantity": "1",
        "unit_price": "1",
        "tax": {"category": "S", "rate": "19"},
    }
    body = {"customer": customer["id"], "currency": "EUR", "lines": [line], "issue": True}
    invoice = api.data(api.client.post(api.url("invoices"), body))
    api.client.delete(api.url(f"customers/{customer['id']}"))
    shown = api.data(api.client.get(api.url(f"invoices/{invoice['id']}")))
    named = shown["customer"]
    assert (named["id"] if api.version == "v1" else named) == customer["id"]
    assert shown["buyer"]["name"] == customer["name"]
    refused = api.client.post(api.url("invoices"), body)
    assert (refused.status_code, api.pointers(refused)) == (400, ["/customer"])


def test_a_legal_entity_comes_with_a_default_series_for_each_type(api: Api) -> None:
    made = api.make(ENTITIES)
    rows = api.rows(SERIES, f"legal_entity={made['id']}")
    assert [(row["code"], row["document_type"], row["pattern"], row["is_default"]) for row in rows] == [
        ("CN", "credit_note", "CN-{year}-{number:05}", True),
        ("INV", "invoice", "INV-{year}-{number:05}", True),
    ]


def defaults(api: Api) -> list[str]:
    return [row["id"] for row in api.rows(ENTITIES) if row["is_default"]]


def test_exactly_one_legal_entity_is_the_default(api: Api) -> None:
    (first,) = api.rows(ENTITIES)
    assert first["is_default"] is True
    second, third = api.make(ENTITIES), api.make(ENTITIES, is_default=True)
    assert second["is_default"] is False
    assert defaults(api) == [third["id"]]
    assert api.patch(ENTITIES, {"version": 1, **second}, {"is_default": True}).status_code == 200
    assert defaults(api) == [second["id"]]
    current = api.read(ENTITIES, second["id"])
    for value in (False, None):
        refused = api.patch(ENTITIES, {"version": 1, **current}, {"is_default": value})
        assert (refused.status_code, api.pointers(refused)) == (409, ["/is_default"])
    assert api.client.delete(api.url(f"legal-entities/{second['id']}")).status_code == 409
    assert defaults(api) == [second["id"]]


def test_the_last_legal_entity_may_go_and_is_the_default_again_when_it_is_back(api: Api) -> None:
    (only,) = api.rows(ENTITIES)
    url = api.url(f"legal-entities/{only['id']}")
    assert api.client.delete(url).status_code == 204
    assert defaults(api) == []
    assert api.data(api.client.post(f"{url}/reactivate"))["is_default"] is True


def test_one_of_many_first_legal_entities_becomes_the_default(globex: Tenant) -> None:
    def create(number: int) -> None:
        try:
            with scope_of(globex):
                create_legal_entity(name=f"Globex {number}", country="DE", is_default=number % 2 == 0)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(create, range(8)))
    with scope_of(globex):
        assert LegalEntity.objects.count() == 8
        assert LegalEntity.objects.filter(is_default=True).count() == 1


def test_of_many_customers_with_one_reference_one_is_made(v2: Api) -> None:
    def create(_: int) -> int:
        client = type(v2.client)()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {v2.client.access}")
        body: Json = {**CUSTOMERS.body(), "reference": "one"}
        try:
            return client.post(v2.url("customers"), body).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(create, range(6)))
    assert statuses == [201, 409, 409, 409, 409, 409]
