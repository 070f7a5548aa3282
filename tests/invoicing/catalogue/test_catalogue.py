"""Items and tax rates: numbers as they were written, taxes as EN 16931 admits them."""

from typing import Any

import pytest

from tests.invoicing.catalogue.kinds import BY_PATH, Api

ITEMS, RATES, ENTITIES = BY_PATH["items"], BY_PATH["tax-rates"], BY_PATH["legal-entities"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("10.0000", "10.0000"), (12, "12"), ("0.000000000000001", "0.000000000000001"), ("-0", "0"), ("0", "0")],
)
def test_a_price_keeps_every_digit(api: Api, given: object, kept: str) -> None:
    made = api.make(ITEMS, unit_price=given)
    assert made["unit_price"] == kept
    assert api.read(ITEMS, made["id"])["unit_price"] == kept


def test_a_price_is_spelled_as_it_was_last_written(api: Api) -> None:
    made = {"version": 1, **api.make(ITEMS, unit_price="12.5")}
    answer = api.patch(ITEMS, made, {"unit_price": "12.50"})
    assert api.data(answer)["unit_price"] == api.read(ITEMS, made["id"])["unit_price"] == "12.50"


@pytest.mark.parametrize(
    "price",
    [
        "NaN",
        "sNaN",
        "Infinity",
        "-Infinity",
        "1e309",
        "1E+2",
        10.5,
        "1_000",
        "١٢",
        "１２",
        " 5\n",
        "9" * 5000,
        "1." + "1" * 16,
        "-1",
        True,
        None,
        "",
        {"amount": "1"},
    ],
)
def test_what_is_no_price_is_refused(api: Api, price: object) -> None:
    answer = api.client.post(api.url("items"), {**ITEMS.body(), "unit_price": price})
    assert answer.status_code == 400, answer.content
    assert api.pointers(answer) == ["/unit_price"]
    assert api.rows(ITEMS) == []


@pytest.mark.parametrize(
    ("tax", "kept"),
    [
        ({"category": "S", "rate": "19.00"}, {"category": "S", "rate": "19"}),
        ({"category": "E"}, {"category": "E", "rate": "0"}),
        ({"category": "O", "rate": "0"}, {"category": "O", "rate": None}),
    ],
)
def test_a_tax_is_kept_in_its_one_spelling(api: Api, tax: dict[str, Any], kept: dict[str, Any]) -> None:
    assert api.make(ITEMS, tax=tax)["tax"] == kept
    rate = api.make(RATES, **{"rate": None, **tax})
    assert (rate["category"], rate["rate"]) == (kept["category"], kept["rate"])


@pytest.mark.parametrize(
    ("tax", "member"),
    [
        ({"category": "S"}, "rate"),
        ({"category": "S", "rate": "101"}, "rate"),
        ({"category": "S", "rate": "-1"}, "rate"),
        ({"category": "S", "rate": "1E+1"}, "rate"),
        ({"category": "S", "rate": 19.5}, "rate"),
        ({"category": "AE", "rate": "19"}, "rate"),
        ({"category": "Q", "rate": "19"}, "category"),
        ({"category": "s", "rate": "19"}, "category"),
        ({"rate": "19"}, "category"),
    ],
)
def test_a_tax_that_no_rule_admits_is_refused(api: Api, tax: dict[str, Any], member: str) -> None:
    refused = api.client.post(api.url("items"), {**ITEMS.body(), "tax": tax})
    assert (refused.status_code, api.pointers(refused)) == (400, [f"/tax/{member}"])
    refused = api.client.post(api.url("tax-rates"), {"name": "VAT", **tax})
    assert (refused.status_code, api.pointers(refused)) == (400, [f"/{member}"])
    assert api.rows(ITEMS) == api.rows(RATES) == []


def test_a_patch_reaches_into_the_tax(api: Api) -> None:
    made = {"version": 1, **api.make(ITEMS)}
    changed = api.data(api.patch(ITEMS, made, {"tax": {"rate": "7"}}))
    assert changed["tax"] == {"category": "S", "rate": "7"}
    current = {"version": 2, **changed}
    refused = api.patch(ITEMS, current, {"tax": {"category": "E"}})
    assert (refused.status_code, api.pointers(refused)) == (400, ["/tax/rate"])
    exempt = api.patch(ITEMS, current, {"tax": {"category": "E", "rate": None}})
    assert api.data(exempt)["tax"] == {"category": "E", "rate": "0"}


@pytest.mark.parametrize(
    ("pointer", "fault"),
    [
        ("/currency", {"currency": "eur"}),
        ("/currency", {"currency": "EURO"}),
        ("/unit_code", {"unit_code": "hour"}),
        ("/unit_code", {"unit_code": "h"}),
        ("/code", {"code": ""}),
        ("/code", {"code": "a\nb"}),
        ("/code", {"code": "x" * 51}),
        ("/name", {"name": "a\u202eb"}),
        ("/name", {"name": "a\u0000b"}),
        ("/name", {"name": "a\u200bb"}),
        ("/name", {"name": 5}),
        ("/name", {"name": "   "}),
        ("/tax", {"tax": "S"}),
        ("/tenant_id", {"tenant_id": "x"}),
        ("/is_active", {"is_active": False}),
        ("/id", {"id": "itm_00000000000000000000000000"}),
    ],
)
def test_bad_input_is_named_where_it_stands(api: Api, pointer: str, fault: dict[str, Any]) -> None:
    answer = api.client.post(api.url("items"), {**ITEMS.body(), **fault})
    assert answer.status_code == 400, answer.content
    assert api.pointers(answer) == [pointer]
    assert api.rows(ITEMS) == []


@pytest.mark.parametrize("body", [b"[]", b"5", b"null", b"", b"{", b'{"code":1,"code":2}', b"{}{}", b"\xff"])
def test_a_body_that_is_no_object_is_refused(api: Api, body: bytes) -> None:
    made = {"version": 1, **api.make(ITEMS)}
    for method, path in (("post", "items"), ("patch", f"items/{made['id']}")):
        answer = getattr(api.client, method)(
            api.url(path), body, content_type="application/json", HTTP_IF_MATCH='"v1"'
        )
        assert answer.status_code == 400, answer.content
    assert [row["id"] for row in api.rows(ITEMS)] == [made["id"]]


def test_another_kind_of_body_is_refused(api: Api) -> None:
    answer = api.client.post(api.url("items"), "code=1", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 415


def test_names_are_kept_in_nfc(api: Api) -> None:
    assert api.make(ITEMS, name="Cafe\u0301")["name"] == "Caf\u00e9"


def test_a_price_is_in_the_sellers_currency_unless_it_says_another(api: Api) -> None:
    body = ITEMS.body()
    del body["currency"]
    assert api.data(api.client.post(api.url("items"), body))["currency"] == "EUR"
    api.make(ENTITIES, currency="CHF", is_default=True)
    body["code"] += "2"
    assert api.data(api.client.post(api.url("items"), body))["currency"] == "CHF"


def test_a_code_is_one_items(api: Api, other: Api) -> None:
    first = api.make(ITEMS)
    refused = api.client.post(api.url("items"), {**ITEMS.body(), "code": first["code"]})
    assert (refused.status_code, api.pointers(refused)) == (409, ["/code"])
    assert other.make(ITEMS, code=first["code"])["code"] == first["code"]


@pytest.mark.parametrize(
    ("pointer", "fault"),
    [
        ("/valid_to", {"valid_from": "2026-02-01", "valid_to": "2026-01-31"}),
        ("/valid_from", {"valid_from": "2025-02-29"}),
        ("/valid_from", {"valid_from": "0000-01-01"}),
        ("/valid_from", {"valid_from": "٢٠٢٦-٠١-٠١"}),
        ("/valid_from", {"valid_from": "20260101"}),
        ("/country", {"country": "EU"}),
    ],
)
def test_a_rate_holds_from_a_day_to_a_day_somewhere(api: Api, pointer: str, fault: dict[str, Any]) -> None:
    answer = api.client.post(api.url("tax-rates"), {**RATES.body(), **fault})
    assert answer.status_code == 400, answer.content
    assert api.pointers(answer) == [pointer]
    made = api.make(RATES, valid_from="2026-01-01", valid_to="2026-01-01", country="DE")
    assert (made["valid_from"], made["valid_to"]) == ("2026-01-01", "2026-01-01")
