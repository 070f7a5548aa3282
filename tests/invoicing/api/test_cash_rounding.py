"""Cash rounding over HTTP in both versions: the legal entity's setting, and documents that are rounded."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from invoicing.models import Invoice, LegalEntity
from tests.invoicing.api.client import Invoices, Json, a_line, everything

pytestmark = pytest.mark.usefixtures("inside")

FREE = {"category": "Z", "rate": "0"}


def settings_of(api: Invoices, change: Any) -> Any:
    """The answer to a change of the tenant's legal entity."""
    LegalEntity.objects.update(vat_id="DE136695976")
    entity = LegalEntity.objects.get()
    headers: Json = {"HTTP_IF_MATCH": f'"v{entity.version}"'} if api.version == "v2" else {}
    url = f"/api/{api.version}/legal-entities/{entity.public_id}"
    return api.client.patch(url, {"cash_rounding": change}, **headers)


@pytest.fixture
def rounding(api: Invoices) -> Invoices:
    """The seller rounds euros to 0.05 and crowns to 1.00."""
    LegalEntity.objects.update(cash_rounding={"EUR": "0.05", "SEK": "1.00"})
    return api


def due(price: str, **changes: Any) -> Json:
    return {"lines": [a_line(unit_price=price, tax=FREE)], **changes}


def shown(document: Json) -> tuple[Any, ...]:
    names = ("cash_rounding", "cash_step", "rounding_amount")
    return (*(document[name] for name in names), document["totals"]["payable"])


def test_the_setting_is_kept_by_currency_merged_and_taken_away(api: Invoices) -> None:
    def kept(change: Any) -> Any:
        answer = settings_of(api, change)
        assert answer.status_code == 200, answer.content
        return api.data(answer)["cash_rounding"]

    assert kept({"CHF": "0.05", "SEK": 1}) == {"CHF": "0.05", "SEK": "1.00"}
    assert kept({"DKK": "0.5", "SEK": None}) == {"CHF": "0.05", "DKK": "0.50"}
    assert LegalEntity.objects.get().cash_rounding == {"CHF": "0.05", "DKK": "0.50"}
    assert kept({"DKK": None, "CHF": None}) is None
    assert kept({"CHF": "0.05"}) == {"CHF": "0.05"}
    assert kept(None) is None


def test_a_new_legal_entity_states_it(api: Invoices) -> None:
    url = f"/api/{api.version}/legal-entities"
    body = {"name": "Acme AB", "country": "SE", "currency": "SEK"}
    assert api.data(api.client.post(url, body))["cash_rounding"] is None
    made = api.data(api.client.post(url, {**body, "cash_rounding": {"SEK": "1", "EUR": None}}))
    assert made["cash_rounding"] == {"SEK": "1.00"}


@pytest.mark.parametrize(
    ("stated", "pointer"),
    [
        ({"CHF": "0"}, "/cash_rounding/CHF"),
        ({"CHF": "-0.05"}, "/cash_rounding/CHF"),
        ({"CHF": "0.025"}, "/cash_rounding/CHF"),
        ({"JPY": "0.5"}, "/cash_rounding/JPY"),
        ({"CHF": 0.05}, "/cash_rounding/CHF"),
        ({"QQQ": "1"}, "/cash_rounding"),
        (["CHF"], "/cash_rounding"),
    ],
)
def test_a_step_that_cannot_be_paid_is_refused(api: Invoices, stated: Any, pointer: str) -> None:
    answer = settings_of(api, stated)
    assert answer.status_code in (400, 422), answer.content
    assert api.pointers(answer) == [pointer]
    assert LegalEntity.objects.get().cash_rounding is None


def test_what_is_payable_is_rounded_calculated_drafted_and_issued(rounding: Invoices) -> None:
    api = rounding
    wanted = (None, "0.05", "-0.02", "10.00")
    calculated = api.post("/calculate", {"currency": "EUR", **due("10.02")})
    assert shown(api.data(calculated)) == wanted
    drafted = api.make(**due("10.02"))
    assert shown(drafted) == wanted
    assert api.read(drafted["id"]) == drafted
    issued = api.data(api.issue(drafted["id"]))
    assert shown(issued) == wanted
    at_once = api.make(**due("10.02"), issue=True)
    assert shown(at_once) == wanted
    assert api.read(at_once["id"]) == at_once
    crowns = api.make(**due("99.50", currency="SEK"))
    assert shown(crowns) == (None, "1.00", "0.50", "100.00")


def test_a_credit_note_of_its_own_is_rounded_too(rounding: Invoices) -> None:
    made = rounding.make(**due("10.03", type="credit_note"), issue=True)
    assert shown(made) == (None, "0.05", "0.02", "10.05")


def test_prepaid_and_withheld_come_off_before_it_is_rounded(rounding: Invoices) -> None:
    held = a_line(unit_price="100.33", tax=FREE, withholdings=[{"code": "IRPF", "rate": "15"}])
    made = rounding.make(lines=[held], prepaid_amount="10.01")
    assert shown(made) == (None, "0.05", "-0.02", "75.25")
    paid = rounding.make(**due("10.02", prepaid_amount="10"), issue=True)
    assert (paid["totals"]["payable"], paid["payment_status"]) == ("0.00", "paid")


def test_a_document_asks_for_it_or_against_it(rounding: Invoices) -> None:
    assert shown(rounding.make(**due("10.02", cash_rounding=True))) == (True, "0.05", "-0.02", "10.00")
    exact = rounding.make(**due("10.02", cash_rounding=False, rounding_amount="0.01"))
    assert shown(exact) == (False, None, "0.01", "10.03")
    assert rounding.read(exact["id"]) == exact
    assert shown(rounding.make(**due("10.02", currency="USD"))) == (None, None, "0.00", "10.02")


@pytest.mark.parametrize(
    ("stated", "pointer"),
    [
        ({"cash_rounding": True, "currency": "USD"}, "/cash_rounding"),
        ({"cash_rounding": True, "rounding_amount": "0.01"}, "/rounding_amount"),
        ({"rounding_amount": "0.01"}, "/rounding_amount"),
        ({"cash_rounding": "yes"}, "/cash_rounding"),
    ],
)
def test_a_contradiction_is_refused_and_nothing_is_kept(
    rounding: Invoices, stated: Json, pointer: str
) -> None:
    api, before = rounding, everything()
    body = api.body(**due("10.02", **stated))
    answers = [api.post(body=body), api.post(body={**body, "issue": True})]
    del body["customer"]
    for answer in [*answers, api.post("/calculate", body)]:
        assert answer.status_code in (400, 422), answer.content
        assert api.pointers(answer) == [pointer]
    assert everything() == before


def test_a_draft_is_rounded_anew_when_it_changes(rounding: Invoices) -> None:
    api = rounding
    drafted = {"version": 1, **api.make(**due("10.02"))}
    changed = api.changed(drafted, {"lines": [a_line(unit_price="20.03", tax=FREE)]})
    assert shown(changed) == (None, "0.05", "0.02", "20.05")
    refused = api.patch({"version": 2, **changed}, {"rounding_amount": "0.01"})
    assert api.pointers(refused) == ["/rounding_amount"]
    exact = api.changed({"version": 2, **changed}, {"cash_rounding": False})
    assert shown(exact) == (False, None, "0.00", "20.03")
    asked = api.changed({"version": 3, **exact}, {"cash_rounding": True, "currency": "SEK"})
    assert shown(asked) == (True, "1.00", "-0.03", "20.00")
    LegalEntity.objects.update(cash_rounding=None)
    assert api.pointers(api.patch({"version": 4, **asked}, {"payment_terms": "now"})) == ["/cash_rounding"]


def test_what_was_drafted_is_issued_whatever_the_setting_is_by_then(rounding: Invoices) -> None:
    drafted = rounding.make(**due("10.02"))
    LegalEntity.objects.update(cash_rounding={"EUR": "1.00"})
    issued = rounding.data(rounding.issue(drafted["id"]))
    assert shown(issued) == (None, "0.05", "-0.02", "10.00")
    steps = rounding.data(rounding.get(f"/{drafted['id']}/explain"))["steps"]
    (step,) = [step for step in steps if step["term"] == "BT-114"]
    assert (step["rule"], step["result"]) == ("cash rounding to 0.05", "-0.02")


def test_a_credit_of_all_returns_the_rounding_and_one_of_a_part_is_not_rounded(rounding: Invoices) -> None:
    api = rounding
    lines = [a_line(unit_price="6.01", tax=FREE), a_line(unit_price="4.02", tax=FREE)]
    whole = api.make(lines=lines, issue=True)
    assert shown(whole) == (None, "0.05", "0.02", "10.05")
    returned = api.data(api.post(f"/{whole['id']}/cancel", {}))
    assert shown(returned) == (None, None, "0.02", "10.05")
    other = api.make(lines=lines, issue=True)
    part = {"lines": [{"line": other["lines"][0]["id"]}], "issue": True}
    first = api.data(api.post(f"/{other['id']}/credit", part))
    rest = api.data(api.post(f"/{other['id']}/cancel", {}))
    assert [shown(note)[2:] for note in (first, rest)] == [("0.00", "6.01"), ("0.02", "4.04")]
    assert api.read(other["id"])["payment_status"] == "paid"


def test_cash_rounding_costs_no_statement(api: Invoices) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            api.make(**due("10.02"), issue=True)
        return len(captured)

    statements()
    exact = statements()
    LegalEntity.objects.update(cash_rounding={"EUR": "0.05"})
    assert statements() == exact


def test_the_database_keeps_payable_a_multiple_of_the_step(rounding: Invoices) -> None:
    rounding.make(**due("10.02"))
    with pytest.raises(IntegrityError, match="invoicing_invoice_cash_step"), transaction.atomic():
        Invoice.objects.update(cash_step="0.30")
