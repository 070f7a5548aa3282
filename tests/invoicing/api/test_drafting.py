"""A draft says what was stated and what follows from it, in both versions."""

import pytest

from invoicing.models import Item, LegalEntity, Series
from tests.factories import ApiClient, unique
from tests.invoicing.api.client import STANDARD, Invoices, Json, a_line, customer_id, everything

pytestmark = pytest.mark.usefixtures("inside")
REDUCED = {"category": "S", "rate": "7"}
NOTHING: Json = {"percent": None, "base_amount": None, "reason": None, "reason_code": None}


def test_a_draft_reads_as_it_was_answered(api: Invoices) -> None:
    made = api.make(payment_terms="Net 30\ndays", due_date="2026-12-24")
    assert api.read(made["id"]) == made
    assert (made["status"], made["payment_status"], made["number"]) == ("draft", "unpaid", None)
    assert (made["issue_date"], made["due_date"]) == (None, "2026-12-24")
    assert (made["seller"], made["buyer"], made["issued_at"]) == (None, None, None)
    assert made["payment_terms"] == "Net 30\ndays"
    assert customer_id(made) == api.customer
    assert made["lines"][0]["id"].startswith("iln_")


def test_a_draft_answers_its_totals_breakdown_and_line_nets(api: Invoices) -> None:
    made = api.make(
        lines=[
            a_line(
                quantity="3",
                unit_price="10.0000",
                allowances=[{"amount": "1.00", "reason": "goodwill", "reason_code": "95"}],
                charges=[{"percent": "10", "base_amount": "5.00"}],
            ),
            a_line(quantity="0.75", unit_price="0.333333333333333", base_quantity="0.5", tax=REDUCED),
        ],
        allowances=[{"percent": "50", "tax": STANDARD}],
        charges=[{"amount": 2, "tax": REDUCED}],
        prepaid_amount="4.00",
        rounding_amount="0.01",
    )
    assert [line["net_amount"] for line in made["lines"]] == ["29.50", "0.50"]
    assert made["lines"][0]["allowances"] == [
        {**NOTHING, "amount": "1.00", "reason": "goodwill", "reason_code": "95"}
    ]
    assert made["lines"][0]["charges"] == [
        {**NOTHING, "amount": "0.50", "percent": "10", "base_amount": "5.00"}
    ]
    assert made["lines"][1]["unit_price"] == "0.333333333333333"
    alone: dict[str, object] = {"surcharge_rate": None, "withholdings": []}
    assert made["allowances"] == [{**NOTHING, **alone, "amount": "14.75", "percent": "50", "tax": STANDARD}]
    assert made["charges"] == [{**NOTHING, **alone, "amount": "2.00", "tax": REDUCED}]
    assert made["totals"] == {
        "sum_of_lines": "30.00",
        "allowance_total": "14.75",
        "charge_total": "2.00",
        "tax_exclusive": "17.25",
        "tax_total": "2.98",
        "tax_inclusive": "20.23",
        "withheld_amount": "0.00",
        "payable": "16.24",
        "surcharges": [],
        "withholdings": [],
        "breakdown": [
            {"category": "S", "rate": "19", "taxable": "14.75", "tax": "2.80"},
            {"category": "S", "rate": "7", "taxable": "2.50", "tax": "0.18"},
        ],
    }


def test_calculate_answers_the_totals_of_a_draft_and_writes_nothing(api: Invoices) -> None:
    body = api.body(lines=[a_line(quantity="7", unit_price="3.335")], rounding_amount="-0.02")
    drafted = api.make(**body)
    before = everything()
    del body["customer"]
    calculated = api.post("/calculate", body)
    assert calculated.status_code == 200
    data = api.data(calculated)
    assert everything() == before
    assert data["totals"] == drafted["totals"]
    assert data["rounding_amount"] == "-0.02"
    named = {"id": drafted["lines"][0]["id"], "corrects": None}
    assert [{**line, **named} for line in data["lines"]] == drafted["lines"]


def test_calculate_needs_no_seller(acme_client: ApiClient) -> None:
    api = Invoices(acme_client, "v2", "")
    answer = api.post("/calculate", {"currency": "JPY", "lines": [a_line(unit_price="10.5")]})
    assert api.data(answer)["totals"]["payable"] == "13"


def test_tax_is_rounded_as_the_legal_entity_says(api: Invoices) -> None:
    lines = [a_line(unit_price="0.03")] * 3
    per_category = api.make(lines=lines)["totals"]["tax_total"]
    LegalEntity.objects.update(tax_rounding="line")
    assert (per_category, api.make(lines=lines)["totals"]["tax_total"]) == ("0.02", "0.03")


def test_what_may_be_left_out_may_be_null(api: Invoices) -> None:
    plain = api.make(lines=[a_line(base_quantity=None, unit_code=None, item=None)], due_date=None)
    nulls = {"prepaid_amount": None, "rounding_amount": None, "payment_terms": None, "tax_currency": None}
    made = api.make(legal_entity=None, series=None, issue_date=None, **nulls)
    assert made["totals"] == plain["totals"]
    assert (plain["lines"][0]["base_quantity"], plain["lines"][0]["unit_code"]) == ("1", "C62")
    assert (made["prepaid_amount"], made["rounding_amount"], made["payment_terms"]) == ("0.00", "0.00", "")


def test_a_line_may_name_an_item_of_the_catalogue(api: Invoices) -> None:
    seller = LegalEntity.objects.get()
    item = Item.objects.create(
        tenant_id=seller.tenant_id,
        code=unique("I"),
        name="Hour",
        unit_price="1",
        currency="EUR",
        tax_category="S",
        tax_rate="19",
    )
    assert api.make(lines=[a_line(item=item.public_id)])["lines"][0]["item"] == item.public_id


def test_a_credit_note_states_positive_amounts_in_a_series_of_its_own(api: Invoices) -> None:
    made = api.make(type="credit_note", issue=True)
    assert made["type"] == "credit_note"
    assert made["totals"]["payable"] == "119.00"
    assert made["number"].startswith("CN-")
    assert Series.objects.get(code="CN").public_id == made["series"]
    before = everything()
    refused = api.post(body=api.body(type="credit_note", lines=[a_line(quantity="-1")]))
    assert (refused.status_code, api.pointers(refused)) == (400, ["/lines/0/quantity"])
    assert everything() == before


def test_v2_tells_where_the_new_document_is(v2: Invoices) -> None:
    answer = v2.post("/", v2.body())
    made = v2.data(answer)
    assert answer.headers["Location"] == v2.url(f"/{made['id']}")
    assert answer.headers["ETag"] == '"v1"'


@pytest.mark.parametrize(
    "field",
    ["id", "number", "status", "state", "tenant_id", "totals", "seller", "version", "is_staff", "issued_at"],
)
def test_what_is_not_the_callers_to_set_is_refused(api: Invoices, field: str) -> None:
    made = api.make()
    before = everything()
    refused = api.post(body=api.body(**{field: "X"}))
    assert (refused.status_code, api.pointers(refused)) == (400, [f"/{field}"])
    for value in ("X", None):
        refused = api.patch({"version": 1, **made}, {field: value})
        assert (refused.status_code, api.pointers(refused)) == (400, [f"/{field}"])
    line = a_line(net_amount="1.00")
    refused = api.post(body=api.body(lines=[line]))
    assert (refused.status_code, api.pointers(refused)) == (400, ["/lines/0/net_amount"])
    assert everything() == before
