"""What lines leave open is taken from the catalogue: prices by currency and day, tax by customer and rate."""

from typing import Any

import pytest

from invoicing.models import ItemPrice
from tenants import ids
from tests.invoicing.catalogue.kinds import BY_PATH, Api, Json

ITEMS, CUSTOMERS, RATES = BY_PATH["items"], BY_PATH["customers"], BY_PATH["tax-rates"]


def a_price(api: Api, item: str, price: str, **stated: Any) -> Any:
    body = {"item": item, "currency": "USD", "unit_price": price, **stated}
    return api.client.post(api.url("item-prices"), body)


def a_document(api: Api, line: Json, **stated: Any) -> Any:
    customer = stated.pop("customer", None) or api.make(CUSTOMERS)["id"]
    body = {
        "customer": customer,
        "currency": "USD",
        "lines": [{"description": "x", "quantity": "2", **line}],
        **stated,
    }
    return api.client.post(api.url("invoices"), body)


def first_line(api: Api, answer: Any) -> Json:
    assert answer.status_code == 201, answer.content
    line: Json = api.data(answer)["lines"][0]
    return line


def rows(api: Api, query: str) -> list[Json]:
    data = api.data(api.client.get(api.url(f"item-prices?{query}")))
    found: list[Json] = data["items" if api.version == "v1" else "data"]
    return found


def test_a_price_is_kept_changed_taken_back_and_offered_again(api: Api, other: Api) -> None:
    item = api.make(ITEMS)["id"]
    made = api.data(a_price(api, item, "12.5000", valid_from="2026-01-01"))
    assert made["id"].startswith("prc_")
    assert (made["item"], made["unit_price"], made["valid_to"]) == (item, "12.5000", None)
    url = api.url(f"item-prices/{made['id']}")
    headers: Json = {"HTTP_IF_MATCH": '"v1"'} if api.version == "v2" else {}
    changed = api.client.patch(url, {"valid_to": "2026-12-31"}, **headers)
    assert api.data(changed)["valid_to"] == "2026-12-31"
    assert api.client.delete(url).status_code == 204
    assert rows(api, f"item={item}") == []
    assert api.data(api.client.post(f"{url}/reactivate"))["is_active"] is True
    assert [row["id"] for row in rows(api, "valid_on=2026-06-01&currency=USD")] == [made["id"]]
    assert rows(api, "valid_on=2025-06-01") == []
    assert other.client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("pointer", "fault"),
    [
        ("/currency", {"currency": "XXX"}),
        ("/unit_price", {"unit_price": "-1"}),
        ("/valid_to", {"valid_from": "2026-02-01", "valid_to": "2026-01-31"}),
        ("/item", {"item": ids.encode("itm", ids.uuid7())}),
    ],
)
@pytest.mark.usefixtures("inside")
def test_a_fault_of_a_price_is_named(api: Api, pointer: str, fault: Json) -> None:
    body = {"item": api.make(ITEMS)["id"], "currency": "USD", "unit_price": "1", **fault}
    answer = api.client.post(api.url("item-prices"), body)
    assert (answer.status_code, api.pointers(answer)) == (400, [pointer])
    assert not ItemPrice.all_objects.exists()


def test_no_two_prices_of_an_item_and_currency_hold_on_one_day(api: Api) -> None:
    item, another = api.make(ITEMS)["id"], api.make(ITEMS)["id"]
    first = api.data(a_price(api, item, "1", valid_from="2026-01-01", valid_to="2026-06-30"))
    overlapping: list[Json] = [
        {},
        {"valid_from": "2026-06-30"},
        {"valid_to": "2026-01-01"},
        {"valid_from": "2026-02-01", "valid_to": "2026-02-02"},
    ]
    for days in overlapping:
        refused = a_price(api, item, "2", **days)
        body = refused.json()
        assert (refused.status_code, body.get("code", body.get("error")).lower().replace("_", "-")) == (
            409,
            "validity-overlaps",
        )
    assert a_price(api, item, "2", valid_from="2026-07-01").status_code == 201
    assert a_price(api, item, "2", currency="EUR").status_code == 201
    assert a_price(api, another, "2").status_code == 201
    api.client.delete(api.url(f"item-prices/{first['id']}"))
    assert a_price(api, item, "3", valid_to="2026-06-30").status_code == 201
    assert api.client.post(api.url(f"item-prices/{first['id']}/reactivate")).status_code == 409


def test_a_line_takes_the_price_of_its_currency_that_holds_on_the_date_of_issue(api: Api) -> None:
    item = api.make(ITEMS)["id"]
    a_price(api, item, "10", valid_to="2026-06-30")
    a_price(api, item, "12", valid_from="2026-07-01")
    for day, price in (("2026-06-30", "10"), ("2026-07-01", "12")):
        line = first_line(api, a_document(api, {"item": item}, issue_date=day))
        assert (line["unit_price"], line["net_amount"]) == (price, f"{2 * int(price)}.00")
        assert line["tax"] == {"category": "S", "rate": "19", "tax_rate": None}
    stated = first_line(api, a_document(api, {"item": item, "unit_price": "7"}, issue_date="2026-07-01"))
    assert stated["unit_price"] == "7"
    own = first_line(api, a_document(api, {"item": item}, currency="EUR"))
    assert own["unit_price"] == "10.0000"
    line_in = {"description": "x", "quantity": "2", "item": item}
    body = {"currency": "USD", "issue_date": "2026-07-01", "lines": [line_in]}
    calculated = api.client.post(api.url("invoices/calculate"), body)
    assert api.data(calculated)["lines"][0]["unit_price"] == "12"


def test_without_a_price_that_holds_the_line_is_refused(api: Api, other: Api) -> None:
    item = api.make(ITEMS)["id"]
    a_price(api, item, "10", valid_from="2026-07-01")
    refusals: list[tuple[Json, str]] = [
        ({"item": item}, "/lines/0/unit_price"),
        ({"tax": {"category": "S", "rate": "19"}}, "/lines/0/unit_price"),
        ({"unit_price": "1"}, "/lines/0/tax"),
        ({"item": other.make(ITEMS)["id"]}, "/lines/0/item"),
    ]
    for line, pointer in refusals:
        refused = a_document(api, line, issue_date="2026-06-30")
        assert (refused.status_code, api.pointers(refused)) == (400, [pointer]), refused.content
    gross = a_document(api, {"item": item}, issue_date="2026-07-01", prices_include_tax=True)
    assert api.pointers(gross) == ["/lines/0/unit_price"]


@pytest.mark.parametrize(
    ("treatment", "tax"),
    [
        ("domestic", {"category": "S", "rate": "19"}),
        ("reverse_charge", {"category": "AE", "rate": "0"}),
        ("intra_community", {"category": "K", "rate": "0"}),
        ("export", {"category": "G", "rate": "0"}),
        ("exempt", {"category": "E", "rate": "0"}),
    ],
)
def test_a_customers_tax_treatment_decides_where_a_line_states_no_tax(
    api: Api, treatment: str, tax: Json
) -> None:
    customer = api.make(CUSTOMERS, tax_treatment=treatment)["id"]
    item = api.make(ITEMS)["id"]
    taken = first_line(api, a_document(api, {"item": item}, customer=customer, currency="EUR"))
    assert taken["tax"] == {**tax, "tax_rate": None}
    stated = {"item": item, "tax": {"category": "Z", "rate": "0"}}
    kept = first_line(api, a_document(api, stated, customer=customer, currency="EUR"))
    assert kept["tax"]["category"] == "Z"


def test_a_rate_that_is_named_holds_on_the_date_of_issue(api: Api, other: Api) -> None:
    rate = api.make(RATES, rate="16", valid_from="2020-07-01", valid_to="2020-12-31")["id"]
    line = {"unit_price": "100", "tax": {"tax_rate": rate}}
    for day in ("2020-07-01", "2020-12-31"):
        assert first_line(api, a_document(api, line, issue_date=day))["tax"]["rate"] == "16"
    for day in ("2020-06-30", "2021-01-01"):
        refused = a_document(api, line, issue_date=day)
        assert (refused.status_code, api.pointers(refused)) == (400, ["/lines/0/tax/tax_rate"])
    foreign = {"unit_price": "1", "tax": {"tax_rate": other.make(RATES)["id"]}}
    assert api.pointers(a_document(api, foreign)) == ["/lines/0/tax/tax_rate"]
    for tax in ({"rate": "19"}, {}, {"category": "S", "rate": "19", "tax_rate": rate}):
        refused = a_document(api, {"unit_price": "1", "tax": tax})
        assert refused.status_code == 400
        assert api.pointers(refused)[0].startswith("/lines/0/tax")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"valid_to": "2020-12-31"}, "does not hold on"),
        ({"rate": "20"}, "was changed since"),
        (None, "no such tax rate"),
    ],
)
def test_a_rate_that_ended_since_the_draft_is_not_issued(api: Api, change: Json | None, words: str) -> None:
    rate = api.make(RATES, rate="16")
    line = {"unit_price": "100", "tax": {"tax_rate": rate["id"]}}
    answer = a_document(api, line)
    assert first_line(api, answer)["tax"] == {"category": "S", "rate": "16", "tax_rate": rate["id"]}
    draft = api.url(f"invoices/{api.data(answer)['id']}")
    if change is None:
        api.client.delete(api.url(f"tax-rates/{rate['id']}"))
    else:
        api.patch(RATES, rate, change)
    refused = api.client.post(f"{draft}/issue")
    assert (refused.status_code, api.pointers(refused)) == (400, ["/lines/0/tax/tax_rate"])
    assert words in refused.content.decode()
    assert api.data(api.client.get(draft))["status"] == "draft"
    named = {"category": "S", "rate": "16"}
    lines = [{"description": "x", "quantity": "2", "unit_price": "100", "tax": named}]
    etag: Json = {"HTTP_IF_MATCH": '"v1"'} if api.version == "v2" else {}
    assert api.client.patch(draft, {"lines": lines}, **etag).status_code == 200
    assert api.client.post(f"{draft}/issue").status_code == 200


def test_a_change_that_says_nothing_of_lines_leaves_their_tax_alone(api: Api) -> None:
    rate = api.make(RATES, rate="16")
    line = {"unit_price": "100", "tax": {"tax_rate": rate["id"]}}
    taken_off = {"amount": "20", "tax": {"category": "S", "rate": "16"}, "reason": "loyalty"}
    made = api.data(a_document(api, line, allowances=[taken_off]))
    draft = api.url(f"invoices/{made['id']}")
    api.patch(RATES, rate, {"rate": "20"})
    etag: Json = {"HTTP_IF_MATCH": '"v1"'} if api.version == "v2" else {}
    changed = api.data(api.client.patch(draft, {"payment_terms": "At once"}, **etag))
    assert changed["payment_terms"] == "At once"
    assert changed["lines"][0]["tax"] == {"category": "S", "rate": "16", "tax_rate": rate["id"]}
    assert changed["totals"] == made["totals"]
    refused = api.client.post(f"{draft}/issue")
    assert (refused.status_code, api.pointers(refused)) == (400, ["/lines/0/tax/tax_rate"])
    etag = {"HTTP_IF_MATCH": '"v2"'} if api.version == "v2" else {}
    lines = [{"description": "x", "quantity": "2", **line}]
    anew = api.data(api.client.patch(draft, {"lines": lines, "allowances": []}, **etag))
    assert anew["lines"][0]["tax"] == {"category": "S", "rate": "20", "tax_rate": rate["id"]}
    assert api.client.post(f"{draft}/issue").status_code == 200


def test_a_draft_whose_rate_is_gone_can_still_be_changed(api: Api) -> None:
    rate = api.make(RATES, rate="16")
    line = {"unit_price": "100", "tax": {"tax_rate": rate["id"]}}
    draft = api.url(f"invoices/{api.data(a_document(api, line))['id']}")
    api.client.delete(api.url(f"tax-rates/{rate['id']}"))
    etag: Json = {"HTTP_IF_MATCH": '"v1"'} if api.version == "v2" else {}
    assert api.client.patch(draft, {"payment_terms": "At once"}, **etag).status_code == 200


def test_what_is_credited_is_taxed_as_it_was_invoiced(api: Api) -> None:
    rate = api.make(RATES, rate="16")
    line = {"unit_price": "100", "tax": {"tax_rate": rate["id"]}}
    invoice = api.data(a_document(api, line, issue=True))
    api.patch(RATES, rate, {"valid_to": "2020-12-31"})
    note = api.client.post(api.url(f"invoices/{invoice['id']}/credit"), {"full": True, "issue": True})
    assert note.status_code == 201, note.content
    assert api.data(note)["totals"]["tax_total"] == invoice["totals"]["tax_total"]
    assert api.data(note)["lines"][0]["tax"] == {"category": "S", "rate": "16", "tax_rate": None}


def test_no_two_rates_of_a_name_and_jurisdiction_hold_on_one_day(api: Api) -> None:
    named = {"name": "Standard", "country": "ES", "rate": "21"}
    first = api.make(RATES, **named, valid_to="2026-06-30")
    refused = api.client.post(api.url("tax-rates"), {**RATES.body(), **named, "valid_from": "2026-06-30"})
    assert refused.status_code == 409
    second = api.make(RATES, **named, valid_from="2026-07-01")
    assert api.patch(RATES, {"version": 1, **second}, {"valid_from": "2026-06-01"}).status_code == 409
    assert api.make(RATES, **named, region="Canarias")["region"] == "Canarias"
    api.client.delete(api.url(f"tax-rates/{first['id']}"))
    api.make(RATES, **named, valid_to="2026-06-30")
    assert api.client.post(api.url(f"tax-rates/{first['id']}/reactivate")).status_code == 409
    nowhere = api.client.post(api.url("tax-rates"), {**RATES.body(), "region": "Canarias"})
    assert (nowhere.status_code, api.pointers(nowhere)) == (400, ["/country"])
