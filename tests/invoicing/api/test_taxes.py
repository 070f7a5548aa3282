"""Prices that include tax, surcharges, withholdings and reasons for no VAT, over HTTP in both versions."""

from typing import Any

import pytest

from invoicing.models import Customer, Invoice
from tenants.ids import decode
from tests.invoicing.api.client import STANDARD, Invoices, Json, a_line, everything

pytestmark = pytest.mark.usefixtures("inside")

GENERAL = {"category": "S", "rate": "21"}
IRPF = [{"code": "IRPF", "rate": "15"}]
REVERSE = {"category": "AE", "rate": "0"}


def with_vat_id(api: Invoices, vat_id: str = "FR39356000000") -> None:
    Customer.objects.filter(id=decode("cus", api.customer)).update(vat_id=vat_id)


def test_prices_that_include_tax_keep_the_total_that_was_entered(api: Invoices) -> None:
    lines = [a_line(unit_price="0.99"), a_line(unit_price="0.99"), a_line(unit_price="0.99")]
    made = api.make(lines=lines, prices_include_tax=True, issue=True)
    assert made["prices_include_tax"] is True
    assert [line["gross_amount"] for line in made["lines"]] == ["0.99"] * 3
    assert [line["net_amount"] for line in made["lines"]] == ["0.84", "0.83", "0.83"]
    totals = made["totals"]
    assert (totals["tax_exclusive"], totals["tax_total"], totals["tax_inclusive"]) == ("2.50", "0.47", "2.97")
    assert api.read(made["id"]) == made


def test_a_surcharge_and_a_withholding_are_rows_of_their_own(api: Invoices) -> None:
    lines = [
        a_line(unit_price="1000", tax=GENERAL, surcharge_rate="5.2", withholdings=IRPF),
        a_line(unit_price="50", tax=GENERAL),
    ]
    charge = {"amount": "10", "tax": GENERAL, "surcharge_rate": "5.2", "withholdings": IRPF}
    made = api.make(lines=lines, charges=[charge], issue=True)
    assert made["lines"][0]["surcharge_rate"] == "5.2"
    assert made["lines"][0]["withholdings"] == made["charges"][0]["withholdings"] == IRPF
    totals = made["totals"]
    assert totals["breakdown"] == [{"category": "S", "rate": "21", "taxable": "1060.00", "tax": "222.60"}]
    surcharge = {"category": "S", "rate": "21", "surcharge_rate": "5.2"}
    assert totals["surcharges"] == [{**surcharge, "taxable": "1010.00", "amount": "52.52"}]
    assert totals["withholdings"] == [
        {"code": "IRPF", "rate": "15", "taxable": "1010.00", "amount": "151.50"}
    ]
    assert (totals["tax_total"], totals["tax_inclusive"]) == ("275.12", "1335.12")
    assert (totals["withheld_amount"], totals["payable"]) == ("151.50", "1183.62")
    assert api.read(made["id"]) == made


def test_what_is_withheld_is_not_owed(api: Invoices) -> None:
    made = api.make(lines=[a_line(withholdings=[{"code": "IRPF", "rate": "100"}])], issue=True)
    assert (made["totals"]["tax_inclusive"], made["totals"]["payable"]) == ("119.00", "19.00")
    # All of it kept back, and prepaid the rest: nothing is left to be paid.
    body = {"prepaid_amount": "19", "lines": [a_line(withholdings=[{"code": "IRPF", "rate": "100"}])]}
    assert api.make(**body, issue=True)["payment_status"] == "paid"


def test_the_new_rows_are_calculated_and_explained_as_they_are_kept(api: Invoices) -> None:
    body = api.body(
        lines=[a_line(tax=GENERAL, surcharge_rate="5.2", withholdings=IRPF), a_line(tax=GENERAL)],
        prices_include_tax=True,
        issue=True,
    )
    made = api.make(**body)
    for name in ("customer", "issue"):
        del body[name]
    assert api.data(api.post("/calculate", body))["totals"] == made["totals"]
    steps = api.data(api.get(f"/{made['id']}/explain"))["steps"]
    results = {step["pointer"]: step["result"] for step in steps}
    wanted = {"/totals/withheld_amount": made["totals"]["withheld_amount"]}
    for kind in ("surcharges", "withholdings"):
        (row,) = made["totals"][kind]
        wanted |= {f"/totals/{kind}/0/{name}": row[name] for name in ("taxable", "amount")}
    for place, line in enumerate(made["lines"]):
        wanted |= {f"/lines/{place}/{name}": line[name] for name in ("net_amount", "gross_amount")}
    assert {pointer: results.get(pointer) for pointer in wanted} == wanted


def test_a_draft_changes_between_its_entry_modes(api: Invoices) -> None:
    drafted = api.make(lines=[a_line(unit_price="119")])
    changed = api.changed({"version": 1, **drafted}, {"prices_include_tax": True})
    assert changed["totals"]["tax_inclusive"] == "119.00"
    assert changed["lines"][0]["net_amount"] == "100.00"
    withheld = api.changed({"version": 2, **changed}, {"lines": [a_line(withholdings=IRPF)]})
    assert (withheld["totals"]["withheld_amount"], withheld["prices_include_tax"]) == ("12.60", True)
    back = api.changed({"version": 3, **withheld}, {"prices_include_tax": False})
    assert (back["totals"]["withheld_amount"], back["totals"]["payable"]) == ("15.00", "104.00")
    assert back["lines"][0]["gross_amount"] is None


def test_a_reverse_charge_says_so_on_the_issued_document(api: Invoices) -> None:
    with_vat_id(api)
    drafted = api.make(lines=[a_line(tax=REVERSE), a_line()])
    assert drafted["exemptions"] == []
    text = "Steuerschuldnerschaft des Leistungsempfängers"
    by_rule = [{"category": "AE", "code": "VATEX-EU-AE", "text": text}]
    assert api.data(api.issue(drafted["id"]))["exemptions"] == by_rule
    at_once = api.make(lines=[a_line(tax=REVERSE)], issue=True)
    assert at_once["exemptions"] == by_rule
    assert api.read(at_once["id"])["exemptions"] == by_rule
    calculated = api.post("/calculate", {"currency": "EUR", "lines": [a_line(tax=REVERSE)]})
    assert api.data(calculated)["exemptions"] == by_rule


def test_a_stated_reason_is_kept_and_goes_before_the_rule(api: Invoices) -> None:
    stated = {"category": "E", "code": "VATEX-EU-132-1I", "text": "Unterricht, § 4 Nr. 21 UStG"}
    made = api.make(lines=[a_line(tax={"category": "E", "rate": "0"})], exemptions=[stated])
    assert made["exemptions"] == [stated]
    assert api.data(api.issue(made["id"]))["exemptions"] == [stated]


@pytest.mark.parametrize("at_once", [True, False])
def test_a_reverse_charge_without_a_vat_id_of_the_buyer_is_not_issued(api: Invoices, at_once: bool) -> None:
    body = api.body(lines=[a_line(tax=REVERSE)], issue=at_once)
    drafted = None if at_once else api.make(**body)
    before = everything()
    refused = api.post(body=body) if drafted is None else api.issue(drafted["id"])
    assert refused.status_code == 400
    assert api.pointers(refused) == ["/customer"]
    assert everything() == before


def test_a_credit_note_repeats_why_its_invoice_bore_no_vat(api: Invoices) -> None:
    with_vat_id(api)
    stated = {"category": "AE", "code": "VATEX-EU-AE", "text": "Reverse charge, art. 196"}
    made = api.make(lines=[a_line(tax=REVERSE), a_line()], exemptions=[stated], issue=True)
    with_vat_id(api, "")
    untaxed, taxed = made["lines"]
    for line, wanted in ((untaxed, [stated]), (taxed, [])):
        answer = api.post(f"/{made['id']}/credit", {"lines": [{"line": line["id"]}], "issue": True})
        assert answer.status_code == 201, answer.content
        assert api.data(answer)["exemptions"] == wanted


def test_a_credit_note_gives_back_surcharge_and_withholding(api: Invoices) -> None:
    line = a_line(quantity="3", unit_price="33.33", tax=GENERAL, surcharge_rate="5.2", withholdings=IRPF)
    made = api.make(lines=[line], issue=True)
    parts = [_credit(api, made, {"lines": [{"line": made["lines"][0]["id"], "quantity": "1"}]})]
    left = api.data(api.get(f"/{made['id']}/creditable"))["totals"]
    parts += [_credit(api, made, {})]
    for name in ("withheld_amount", "payable", "surcharges", "withholdings"):
        assert left[name] == parts[1]["totals"][name], name
    for name in ("tax_total", "tax_inclusive", "withheld_amount", "payable"):
        cents = [int(part["totals"][name].replace(".", "")) for part in parts]
        assert sum(cents) == int(made["totals"][name].replace(".", "")), name
    steps = api.data(api.get(f"/{parts[1]['id']}/explain"))["steps"]
    results = {step["pointer"]: step["result"] for step in steps}
    for name in ("tax_total", "tax_inclusive", "withheld_amount", "payable"):
        assert results[f"/totals/{name}"] == parts[1]["totals"][name], name
    for kind in ("surcharges", "withholdings"):
        assert results[f"/totals/{kind}/0/amount"] == parts[1]["totals"][kind][0]["amount"]
    assert api.read(made["id"])["payment_status"] == "paid"
    kept = Invoice.objects.get(id=decode("inv", made["id"]))
    assert kept.settled_amount == kept.payable


def _credit(api: Invoices, invoice: Json, asked: Json) -> Json:
    path = "credit" if asked else "cancel"
    answer = api.post(f"/{invoice['id']}/{path}", {**asked, "issue": True} if asked else {})
    assert answer.status_code == 201, answer.content
    return api.data(answer)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"lines": [a_line(surcharge_rate="0")]}, "/lines/0/surcharge_rate"),
        ({"lines": [a_line(surcharge_rate="101")]}, "/lines/0/surcharge_rate"),
        ({"lines": [a_line(surcharge_rate=5.2)]}, "/lines/0/surcharge_rate"),
        ({"lines": [a_line(tax=REVERSE, surcharge_rate="5.2")]}, "/lines/0/surcharge_rate"),
        ({"lines": [a_line(withholdings=[{"code": "irpf", "rate": "15"}])]}, "/lines/0/withholdings/0/code"),
        ({"lines": [a_line(withholdings=IRPF * 2)]}, "/lines/0/withholdings/1/code"),
        ({"lines": [a_line(withholdings=[{"code": "IRPF", "rate": "-1"}])]}, "/lines/0/withholdings/0/rate"),
        (
            {"charges": [{"amount": "1", "tax": STANDARD, "surcharge_rate": "0"}]},
            "/charges/0/surcharge_rate",
        ),
        ({"prices_include_tax": "yes"}, "/prices_include_tax"),
        ({"exemptions": [{"category": "S", "text": "x"}]}, "/exemptions/0/category"),
        ({"exemptions": [{"category": "E", "text": "a\u202eb"}]}, "/exemptions/0/text"),
        ({"exemptions": [{"category": "E", "text": "x", "code": "vatex 1"}]}, "/exemptions/0/code"),
    ],
)
def test_bad_taxes_are_refused_with_their_place(api: Invoices, changes: Json, pointer: str) -> None:
    before = everything()
    body: Any = api.body(**changes)
    refused = api.post(body=body)
    assert refused.status_code == 400
    assert api.pointers(refused) == [pointer]
    assert everything() == before
