"""Issuing: who may, what it freezes, how its totals are accounted for, and what the trail says of it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse

from audit.workflows.relay import drain
from invoicing.models import Customer, Invoice
from tests.factories import ApiClient
from tests.invoicing.api.client import STANDARD, Invoices, Json, a_line, everything

pytestmark = pytest.mark.usefixtures("inside")


def test_a_draft_gets_the_next_number_and_its_parties(api: Invoices) -> None:
    first, draft = api.make(issue=True), api.make()
    answer = api.issue(draft["id"])
    assert answer.status_code == 200
    issued = api.data(answer)
    assert [int(made["number"].rsplit("-", 1)[1]) for made in (first, issued)] == [1, 2]
    assert issued["status"] == "issued"
    assert issued["totals"] == draft["totals"]
    assert (issued["seller"]["name"], issued["buyer"]["name"]) == ("Acme GmbH", "Globex Ltd")
    Customer.objects.update(name="Renamed")
    read = api.read(draft["id"])
    assert (read["buyer"], read["number"]) == (issued["buyer"], issued["number"])


def test_a_document_is_issued_once(api: Invoices) -> None:
    made = api.make(issue=True)
    before = everything()
    refused = api.issue(made["id"])
    assert (refused.status_code, api.code(refused)) == (409, "already-issued")
    assert everything() == before


def test_an_action_takes_no_input(api: Invoices) -> None:
    made = api.make()
    before = everything()
    refused = api.post(f"/{made['id']}/issue", {"number": "X-1"})
    assert (refused.status_code, api.pointers(refused)) == (400, ["/number"])
    assert everything() == before
    assert api.post(f"/{made['id']}/issue/", {}).status_code == 200


def test_a_draft_whose_customer_left_is_not_issued(api: Invoices) -> None:
    made = api.make()
    Customer.objects.update(is_active=False)
    before = everything()
    refused = api.issue(made["id"])
    assert (refused.status_code, api.pointers(refused)) == (400, ["/customer"])
    assert everything() == before


def test_a_document_is_not_due_before_it_is_issued(api: Invoices) -> None:
    made = api.make(due_date="2020-01-01")
    before = everything()
    for refused in (
        api.issue(made["id"]),
        api.post(body=api.body(due_date="2020-01-01", issue=True)),
        api.post(body=api.body(due_date="2026-11-01", issue_date="2026-11-02")),
    ):
        assert (refused.status_code, api.pointers(refused)) == (400, ["/due_date"])
    assert everything() == before


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_may_only_read_writes_nothing(
    api: Invoices, client_as: Callable[[str], ApiClient], role: str
) -> None:
    made = api.make()
    before = everything()
    reader = api.like(client_as(role))
    for refused in (
        reader.post(body=api.body()),
        reader.post(body=api.body(issue=True)),
        reader.issue(made["id"]),
        reader.patch({"version": 1, **made}, {"payment_terms": "X"}),
        reader.delete(made["id"], HTTP_IF_MATCH='"v1"'),
    ):
        assert (refused.status_code, api.code(refused)) == (403, "forbidden")
    assert everything() == before
    assert reader.read(made["id"]) == made
    assert reader.ids() == [made["id"]]
    assert reader.post("/calculate", {"currency": "EUR", "lines": [a_line()]}).status_code == 200


def test_drafting_does_not_include_issuing(
    api: Invoices, client_as: Callable[[str], ApiClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    from_now_on = {"editor": frozenset({"invoices.read", "invoices.write", "catalogue.read"})}
    drafter = api.like(client_as("editor"))
    monkeypatch.setattr("tenants.capabilities.BUILTIN_ROLES", from_now_on)
    made = drafter.make()
    before = everything()
    for refused in (drafter.post(body=api.body(issue=True)), drafter.issue(made["id"])):
        assert (refused.status_code, api.code(refused)) == (403, "forbidden")
    assert everything() == before


def test_every_amount_is_explained(api: Invoices) -> None:
    made = api.make(
        issue=True,
        lines=[a_line(allowances=[{"percent": "3"}]), a_line(tax={"category": "Z", "rate": "0"})],
        allowances=[{"percent": "10", "tax": STANDARD}],
        charges=[{"amount": "4", "tax": STANDARD}],
        rounding_amount="0.03",
    )
    steps = api.data(api.get(f"/{made['id']}/explain"))["steps"]
    results = {step["pointer"]: step["result"] for step in steps}
    apart = ("breakdown", "surcharges", "withholdings", "withheld_amount")
    totals = {f"/totals/{name}": value for name, value in made["totals"].items() if name not in apart}
    for n, row in enumerate(made["totals"]["breakdown"]):
        totals |= {f"/totals/breakdown/{n}/{name}": row[name] for name in ("taxable", "tax")}
    for kind in ("allowances", "charges"):
        totals |= {f"/{kind}/{n}/amount": item["amount"] for n, item in enumerate(made[kind])}
    for n, line in enumerate(made["lines"]):
        totals[f"/lines/{n}/net_amount"] = line["net_amount"]
    totals |= {"/lines/0/allowances/0/amount": "3.00", "/due_date": made["due_date"]}
    assert results == totals
    assert all(step["rule"] and step["term"] and step["formula"] for step in steps)


def test_the_history_tells_of_drafting_changing_and_issuing(api: Invoices) -> None:
    made = {"version": 1, **api.make()}
    api.changed(made, {"payment_terms": "Net 10"})
    number = api.data(api.issue(made["id"]))["number"]
    drain()
    data = api.data(api.get(f"/{made['id']}/history"))
    entries: list[Json] = data["items"] if api.version == "v1" else data["data"]
    assert [entry["operation"] for entry in entries] == ["insert", "update", "update"]
    assert entries[1]["diff"]["payment_terms"] == ["", "Net 10"]
    assert entries[2]["diff"]["number"] == [None, number]
    assert entries[0]["new_values"]["payable"] == "119.00"
    member = api.client.member
    assert member is not None
    assert {entry["modified_by"] for entry in entries} == {member.user.public_id}


def test_v2_pages_through_a_history(v2: Invoices) -> None:
    made = v2.make()
    v2.changed(made, {"payment_terms": "X"})
    v2.issue(made["id"])
    drain()
    seen: list[str] = []
    path = f"/{made['id']}/history?limit=1"
    cursor: Any = ""
    while cursor is not None:
        page = v2.data(v2.get(path + (f"&cursor={cursor}" if cursor else "")))
        seen += [entry["operation"] for entry in page["data"]]
        cursor = page["next_cursor"]
    assert seen == ["insert", "update", "update"]


def test_a_foreign_invoice_looks_missing_whatever_is_asked_of_it(api: Invoices, foreign: Invoices) -> None:
    theirs = foreign.make()
    never = "inv_" + "0" * 25 + "z"
    before = everything()
    questions: tuple[Callable[[str], HttpResponse], ...] = (
        lambda of: api.get(f"/{of}"),
        lambda of: api.get(f"/{of}/explain"),
        lambda of: api.get(f"/{of}/history"),
        lambda of: api.issue(of),
        lambda of: api.patch({"id": of, "version": 1}, {"payment_terms": "X"}),
        lambda of: api.delete(of, HTTP_IF_MATCH='"v1"'),
    )
    for asked in questions:
        answers = [asked(of) for of in (theirs["id"], never, "inv_x", "cus_" + "0" * 26)]
        assert [answer.status_code for answer in answers] == [404] * 4
        bodies = [_anonymous(answer.json()) for answer in answers]  # type: ignore[attr-defined]
        assert bodies == [bodies[0]] * 4
    assert everything() == before
    assert foreign.read(theirs["id"]) == theirs


@pytest.mark.parametrize("field", ["customer", "legal_entity", "series", "item"])
def test_a_foreign_id_in_a_body_leads_nowhere(api: Invoices, foreign: Invoices, field: str) -> None:
    theirs = foreign.make()
    theirs["item"] = "itm_" + "0" * 25 + "z"
    before = everything()
    changes: Json = {field: theirs[field]}
    pointer = f"/{field}"
    if field == "item":
        changes, pointer = {"lines": [a_line(), a_line(item=theirs["item"])]}, "/lines/1/item"
    refused = api.post(body=api.body(**changes))
    assert (refused.status_code, api.pointers(refused)) == (400, [pointer])
    assert everything() == before


def test_a_foreign_id_in_a_filter_finds_nothing(api: Invoices, foreign: Invoices) -> None:
    api.make()
    theirs = foreign.make()
    for field in ("customer", "legal_entity", "series"):
        assert api.ids(f"{field}={theirs[field]}") == []


def test_a_foreign_cursor_is_refused_like_a_forged_one(v2: Invoices, foreign: Invoices) -> None:
    for _ in range(2):
        v2.make()
        foreign.make()
    cursor = foreign.data(foreign.get("?limit=1"))["next_cursor"]
    answers = [v2.get(f"?cursor={value}") for value in (cursor, cursor[::-1], "x")]
    assert [(answer.status_code, v2.code(answer)) for answer in answers] == [(400, "invalid-cursor")] * 3
    assert v2.pointers(answers[0]) == ["cursor"]


def test_drafts_of_both_tenants_stay_apart(v2: Invoices, foreign: Invoices) -> None:
    ours, theirs = v2.make(), foreign.make()
    assert (v2.ids(), foreign.ids()) == ([ours["id"]], [theirs["id"]])
    assert [row.public_id for row in Invoice.objects.all()] == [ours["id"]]


def _anonymous(body: Json) -> Json:
    return {name: value for name, value in body.items() if name not in ("instance", "timestamp")}
