"""Credit notes, cancelling, voiding and certificates over HTTP, in both versions."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from invoicing.domain.record import InvoiceRecord
from invoicing.models import Invoice, LegalEntity
from tenants.ids import encode
from tenants.models import Tenant
from tests.factories import ApiClient
from tests.factories.people import make_key, program_with
from tests.invoicing.api.client import Json

pytestmark = pytest.mark.usefixtures("inside")


@dataclass
class Api:
    """One client in one version; answers are unwrapped from v1's envelope."""

    client: ApiClient
    version: str

    def get(self, path: str) -> Json:
        answer = self.client.get(f"/api/{self.version}/{path}")
        assert answer.status_code == 200, answer.content
        return self.data(answer)

    def post(self, path: str, body: Json | None = None, **headers: str) -> Any:
        url = f"/api/{self.version}/{path}"
        return self.client.post(url, body or {}, content_type="application/json", headers=headers)

    def data(self, answer: Any) -> Json:
        body: Json = answer.json()
        return body["data"] if self.version == "v1" else body

    def refused(self, answer: Any) -> tuple[int, str]:
        body = answer.json()
        code = body["error"].lower().replace("_", "-") if self.version == "v1" else body["code"]
        return answer.status_code, code


@pytest.fixture(params=["v1", "v2"])
def api(request: pytest.FixtureRequest, acme_client: ApiClient) -> Api:
    return Api(acme_client, request.param)


@pytest.fixture
def of(invoice: InvoiceRecord) -> str:
    """The path of an issued invoice of 10 pieces at 33.33 and one at 50."""
    return f"invoices/{encode('inv', invoice.id)}"


def piece(invoice: InvoiceRecord, **asked: str) -> Json:
    return {"line": encode("iln", invoice.lines[0].id), **asked}


def test_an_invoice_is_credited_piece_by_piece(api: Api, of: str, invoice: InvoiceRecord) -> None:
    body = {"lines": [piece(invoice, quantity="4")], "reason": "came back", "issue": True}
    answer = api.post(f"{of}/credit", body)
    assert answer.status_code == 201
    note = api.data(answer)
    assert (note["type"], note["status"], note["reason"]) == ("credit_note", "issued", "came back")
    assert note["corrects"]["number"] == invoice.number
    assert note["lines"][0]["corrects"] == encode("iln", invoice.lines[0].id)
    assert note["totals"]["tax_exclusive"] == "133.32"
    left = api.get(f"{of}/creditable")
    assert (left["lines"][0]["quantity"], left["lines"][0]["net_amount"]) == ("6", "199.98")
    assert left["totals"]["breakdown"] == [
        {"category": "S", "rate": "19", "taxable": "249.98", "tax": "47.50"}
    ]
    assert [one["number"] for one in left["credit_notes"]] == [note["number"]]
    cancelled = api.post(f"{of}/cancel", {"reason": "all of it"})
    assert cancelled.status_code == 201
    assert api.get(f"{of}/creditable")["totals"]["tax_inclusive"] == "0.00"
    assert api.get(of)["payment_status"] == "paid"
    assert api.refused(api.post(f"{of}/cancel")) == (409, "nothing-left")


def test_credit_notes_have_a_list_and_a_place_of_their_own(api: Api, of: str) -> None:
    inv = of.removeprefix("invoices/")
    draft = api.data(api.post("credit-notes", {"corrects": inv, "amount": "20"}))
    assert draft["status"] == "draft"
    assert draft["totals"]["payable"] == "20.00"
    issued = api.data(api.post(f"credit-notes/{draft['id']}/issue"))
    assert issued["totals"] == draft["totals"]
    assert api.get(f"credit-notes/{draft['id']}")["number"] == issued["number"]
    listed = api.get(f"credit-notes?corrects={inv}")
    rows = listed["items"] if api.version == "v1" else listed["data"]
    assert [row["id"] for row in rows] == [draft["id"]]
    missing = api.client.get(f"/api/{api.version}/credit-notes/{inv}")
    assert missing.status_code == 404
    assert api.post(f"credit-notes/{inv}/issue").status_code == 404


def test_a_price_is_corrected(api: Api, of: str, invoice: InvoiceRecord) -> None:
    note = api.data(api.post(f"{of}/credit", {"lines": [piece(invoice, unit_price="30")]}))
    line = note["lines"][0]
    assert (line["quantity"], line["unit_price"], line["net_amount"]) == ("10", "3.33", "33.30")
    refused = api.post(f"{of}/credit", {"lines": [piece(invoice, unit_price="33.34")]})
    assert api.refused(refused) == (400, "price-not-lower")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "invalid-input"),
        ({"full": True, "amount": "1"}, 400, "invalid-input"),
        ({"full": False}, 400, "invalid-input"),
        ({"lines": []}, 400, "invalid-input"),
        ({"amount": "0"}, 400, "invalid-input"),
        ({"amount": "-1"}, 400, "invalid-input"),
        ({"amount": "1.001"}, 400, "invalid-input"),
        ({"amount": "456.14"}, 409, "exceeds-what-is-left"),
        ({"amount": 1.5}, 400, "invalid-input"),
        ({"lines": [{"line": "iln_01jd8m3v9qexc8f3y2w5k7r4ta"}]}, 400, "invalid-input"),
        ({"full": True, "number": "X"}, 400, "invalid-input"),
        ({"full": True, "issue_date": "2020-01-01", "issue": True}, 400, "before-what-it-corrects"),
    ],
)
def test_what_cannot_be_credited_is_refused_and_nothing_is_written(
    api: Api, of: str, body: Json, status: int, code: str
) -> None:
    assert api.refused(api.post(f"{of}/credit", body)) == (status, code)
    assert Invoice.objects.filter(type="credit_note").count() == 0


def test_issuing_a_credit_note_takes_the_right_to_issue(
    client_as: Callable[[str], ApiClient], api: Api, of: str
) -> None:
    viewer = Api(client_as("viewer"), api.version)
    assert viewer.refused(viewer.post(f"{of}/credit", {"full": True}))[0] == 403
    editor = Api(client_as("editor"), api.version)
    assert editor.post(f"{of}/credit", {"full": True, "issue": True}).status_code == 201
    assert editor.post(f"{of}/void", {"reason": "x"}).status_code == 403


def test_voiding_says_the_way_out(api: Api, of: str) -> None:
    refused = api.post(f"{of}/void", {"reason": "wrong customer"})
    assert api.refused(refused) == (409, "voiding-not-allowed")
    assert "credit note" in refused.json()["detail" if api.version == "v2" else "message"]
    LegalEntity.objects.update(may_void=True)
    assert api.post(f"{of}/void").status_code == 400
    voided = api.data(api.post(f"{of}/void", {"reason": "wrong customer"}))
    assert voided["status"] == "voided"
    assert api.refused(api.post(f"{of}/cancel")) == (409, "already-voided")


def test_a_legal_entity_says_whether_it_voids(api: Api, invoice: InvoiceRecord) -> None:
    LegalEntity.objects.update(vat_id="DE136695976")
    path = f"legal-entities/{encode('le', invoice.legal_entity)}"
    assert api.get(path)["may_void"] is False
    patch = api.client.patch(
        f"/api/{api.version}/{path}",
        {"may_void": True},
        content_type="application/json",
        headers={"If-Match": '"v1"'},
    )
    assert api.data(patch)["may_void"] is True


def test_a_series_is_certified(api: Api, of: str, invoice: InvoiceRecord, buyer: UUID) -> None:
    del buyer
    path = f"series/{encode('ser', invoice.series)}/certificate"
    certificate = api.get(path)
    assert (certificate["last"], certificate["contiguous"], certificate["faults"]) == (1, True, [])
    rows = certificate["items"] if api.version == "v1" else certificate["data"]
    assert [(row["sequence"], row["id"], row["status"]) for row in rows] == [
        (1, of.removeprefix("invoices/"), "issued")
    ]
    assert len(certificate["digest"]) == 64
    assert api.get(f"{path}?period=1999")["last"] == 0
    bad = api.client.get(f"/api/{api.version}/{path}?period=yesterday")
    assert bad.status_code == 400


def test_a_long_certificate_comes_in_pages(acme_client: ApiClient, invoice: InvoiceRecord) -> None:
    again = {"customer": encode("cus", invoice.customer), "currency": "EUR", "issue": True}
    line = {
        "description": "x",
        "quantity": "1",
        "unit_price": "1",
        "tax": {"category": "S", "rate": "19"},
    }
    for _ in range(4):
        made = acme_client.post(
            "/api/v2/invoices", {**again, "lines": [line]}, content_type="application/json"
        )
        assert made.status_code == 201
    path = f"/api/v2/series/{encode('ser', invoice.series)}/certificate?limit=2"
    pages = [acme_client.get(path).json()]
    while pages[-1]["has_more"]:
        pages.append(acme_client.get(f"{path}&cursor={pages[-1]['next_cursor']}").json())
    assert [[row["sequence"] for row in page["data"]] for page in pages] == [[1, 2], [3, 4], [5]]
    assert len({page["digest"] for page in pages}) == 1


def test_the_account_of_a_credit_note_shows_the_residual(api: Api, of: str, invoice: InvoiceRecord) -> None:
    for quantity in ("3", "3"):
        api.post(f"{of}/credit", {"lines": [piece(invoice, quantity=quantity)], "issue": True})
    note = api.data(api.post(f"{of}/cancel"))
    steps = api.get(f"invoices/{note['id']}/explain")["steps"]
    by_pointer = {step["pointer"]: step for step in steps}
    tax = by_pointer["/totals/breakdown/0/tax"]
    assert "the last one takes the residual" in tax["formula"]
    assert tax["result"] == note["totals"]["breakdown"][0]["tax"]
    assert tax["inputs"]["left of it after"] == "0.00"
    assert by_pointer["/totals/payable"]["result"] == note["totals"]["payable"]
    assert {f"/lines/{n}/net_amount" for n, _ in enumerate(note["lines"])} <= set(by_pointer)


def test_the_same_credit_twice_has_one_effect(api: Api, of: str) -> None:
    key = {"Idempotency-Key": "credit-once"}
    first, second = (api.post(f"{of}/credit", {"amount": "1", "issue": True}, **key) for _ in range(2))
    assert first.json() == second.json()
    assert Invoice.objects.filter(type="credit_note").count() == 1


def test_drafting_a_credit_note_does_not_include_issuing_it(acme: Tenant, api: Api, of: str) -> None:
    key = make_key(acme, scopes=["invoices.read", "invoices.write"])
    drafter = Api(program_with(key), api.version)
    assert drafter.post(f"{of}/credit", {"amount": "1"}).status_code == 201
    inv = of.removeprefix("invoices/")
    for refused in (
        drafter.post(f"{of}/credit", {"amount": "1", "issue": True}),
        drafter.post("credit-notes", {"corrects": inv, "amount": "1", "issue": True}),
        drafter.post(f"{of}/cancel"),
    ):
        assert refused.status_code == 403
    assert not Invoice.objects.filter(type="credit_note", state="issued").exists()
