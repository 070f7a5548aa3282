"""Lists: narrowed by every filter there is, walked by keys that do not shift, never larger than a page."""

import re
from typing import Any

import pytest

from invoicing.models import Customer, Invoice, LegalEntity
from tests.factories.invoicing import make_customer, make_legal_entity, make_series
from tests.invoicing.api.client import Invoices, Json, a_line

pytestmark = pytest.mark.usefixtures("inside")
# What each filter leaves of the shelf; "*" is all of it.
FILTERS = (
    ("status=issued", "old open settled credit special"),
    ("type=credit_note", "credit"),
    ("payment_status=paid", "settled"),
    ("payment_status=unpaid&status=issued", "old open credit special"),
    ("overdue=true", "old"),
    ("overdue=false&status=issued", "open settled credit special"),
    ("customer={customer}", "others"),
    ("legal_entity={legal_entity}", "seconds"),
    ("series={series}", "special"),
    ("currency=CHF", "francs"),
    ("issued_from=2026-06-01", "open credit special"),
    ("issued_to=2025-03-01", "old settled"),
    ("issued_from=2025-01-01&issued_to=2025-01-01", "old"),
    ("due_from=2099-01-01", "open credit special"),
    ("due_to=2025-02-01", "old"),
    ("min_total=1190", "dear"),
    ("min_total=1190.01", ""),
    ("max_total=118.99", ""),
    ("max_total=119.00&status=draft&currency=CHF", "francs"),
    ("q=initech", "others"),
    ("q=Initech 100%25_", "others"),
    ("q=%25", ""),
    ("q=_nitech", ""),
    ("q=SPECIAL-2026-0", "special"),
    ("q=CN-", "credit"),
    ("q=&status=", "*"),
    ("status=voided", ""),
)


@pytest.fixture
def shelf(api: Invoices) -> dict[str, str]:
    """Documents of every sort by name, as ids."""
    other = make_customer(name="Initech 100%_Ltd").public_id
    second = make_legal_entity(name="Second AG")
    series = make_series(LegalEntity.objects.get(is_default=True), code="SPECIAL").public_id
    bodies: dict[str, Json] = {
        "draft": {},
        "dated draft": {"issue_date": "2026-05-05"},
        "old": {"issue": True, "issue_date": "2025-01-01", "due_date": "2025-02-01"},
        "open": {"issue": True, "issue_date": "2026-06-01", "due_date": "2099-01-01"},
        "settled": {"issue": True, "issue_date": "2025-03-01", "prepaid_amount": "119.00"},
        "credit": {
            "issue": True,
            "issue_date": "2026-07-01",
            "due_date": "2099-01-01",
            "type": "credit_note",
        },
        "dear": {"lines": [a_line(unit_price="1000")]},
        "francs": {"currency": "CHF"},
        "others": {"customer": other},
        "seconds": {"legal_entity": second.public_id},
        "special": {"series": series, "issue": True, "issue_date": "2026-08-01", "due_date": "2099-01-01"},
    }
    made = {name: api.make(**body)["id"] for name, body in bodies.items()}
    return made | {"customer": other, "legal_entity": second.public_id, "series": series}


def test_every_filter_leaves_what_it_names_and_counts_it(api: Invoices, shelf: dict[str, str]) -> None:
    names = {value: name for name, value in shelf.items() if value.startswith("inv_")}
    size = "include=total&limit" if api.version == "v2" else "page_size"
    found, counted = {}, {}
    for query, _ in FILTERS:
        asked = query.format(**shelf)
        found[query] = {names[each] for each in api.ids(asked)}
        counted[query] = api.data(api.get(f"?{asked}&{size}=1"))["total"]
    expected = {
        query: set(names.values() if left == "*" else re.findall(r"dated draft|\w+", left))
        for query, left in FILTERS
    }
    assert found == expected
    assert counted == {query: len(left) for query, left in expected.items()}


def walk(api: Invoices, query: str) -> list[list[str]]:
    """The pages of a list of v2, by id."""
    pages: list[list[str]] = []
    cursor: Any = ""
    while cursor is not None:
        page = api.data(api.get(f"?{query}" + (f"&cursor={cursor}" if cursor else "")))
        pages.append([row["id"] for row in page["data"]])
        cursor = page["next_cursor"]
        assert page["has_more"] is (cursor is not None)
    return pages


def test_undated_drafts_come_first_then_the_newest_dates_and_ties_by_id(v2: Invoices) -> None:
    dates = ["2026-01-01", None, "2026-01-02", "2026-01-01", None, "2026-01-02", "2026-01-01"]
    made = [(day, v2.make(issue_date=day)["id"]) for day in dates]
    undated = [each for day, each in reversed(made) if day is None]
    dated = sorted(((day, each) for day, each in made if day), reverse=True)
    expected = undated + [each for _, each in dated]
    assert v2.ids() == expected
    for limit in (1, 2, 3):
        assert [each for page in walk(v2, f"limit={limit}") for each in page] == expected


def test_what_is_added_between_pages_shifts_nothing(v2: Invoices) -> None:
    made = [v2.make(issue_date=day)["id"] for day in ("2026-01-03", "2026-01-02", None, "2026-01-01")]
    expected = [made[2], made[0], made[1], made[3]]
    seen: list[str] = []
    cursor: Any = ""
    while cursor is not None:
        page = v2.data(v2.get("?limit=1" + (f"&cursor={cursor}" if cursor else "")))
        seen += [row["id"] for row in page["data"]]
        cursor = page["next_cursor"]
        v2.make()
        if len(seen) > 1:
            v2.make(issue_date="2027-01-01")
    assert seen == expected


def test_a_page_holds_200_at_most(api: Invoices) -> None:
    for query in ("limit=1000000000", "limit=201") if api.version == "v2" else ("page_size=1000000000",):
        answer = api.get(f"?{query}")
        assert answer.status_code == 200
        data = api.data(answer)
        assert data.get("page_size", 200) == 200


@pytest.mark.parametrize(
    "query",
    [
        "page_size=0",
        "page_size=-1",
        "page_size=1e3",
        "page_size=９",
        "page_size=" + "9" * 5000,
        "limit=0",
        "limit=x",
        "ordering=tenant_id",
        "ordering=-number",
        "tenant_id=1",
        "customer__name=x",
        "status=lost",
        "overdue=yes",
        "customer=cus_x",
        "customer=inv_01jd8m3v9qexc8f3y2w5k7r4ta",
        "currency=eur",
        "issued_from=2026-02-29",
        "issued_from=0000-01-01",
        "issued_from=２０２６-01-01",
        "min_total=1e3",
        "min_total=NaN",
        "max_total=1_000",
        "q=%00",
        "q=a%E2%80%AEb",
        "q=" + "x" * 201,
        "status=draft&status=issued",
        "include=count",
        "expand=tenant",
    ],
)
def test_what_is_not_listed_or_not_of_its_type_is_refused(api: Invoices, query: str) -> None:
    name = query.partition("=")[0]
    answer = api.get(f"?{query}")
    assert answer.status_code == 400
    assert [pointer.lstrip("/") for pointer in api.pointers(answer)] == [name]


def test_v1_counts_pages(v1: Invoices) -> None:
    for _ in range(5):
        v1.make()
    data = v1.data(v1.get("?page=2&page_size=2"))
    assert (data["total"], data["page"], data["page_size"], data["pages"]) == (5, 2, 2, 3)
    assert [row["id"] for row in data["items"]] == v1.ids()[2:4]
    assert v1.data(v1.get("?page=4&page_size=2"))["items"] == []


def test_v1_nests_the_customer_and_v2_names_it_unless_asked(v1: Invoices, v2: Invoices) -> None:
    made = v2.make()
    nested = v1.data(v1.get())["items"][0]["customer"]
    assert nested == v1.read(made["id"])["customer"]
    assert set(nested) == {"id", "name", "reference", "vat_id", "country"}
    assert v2.data(v2.get())["data"][0]["customer"] == v2.customer
    for expanded in (
        v2.data(v2.get("?expand=customer"))["data"][0],
        v2.data(v2.get(f"/{made['id']}?expand=customer")),
    ):
        assert expanded["customer"] == nested
    assert v2.get(f"/{made['id']}?expand=payments,seller").status_code == 400
    Customer.objects.update(name="Renamed")
    again = v2.get(f"/{made['id']}?expand=customer", HTTP_IF_NONE_MATCH='"v1"')
    assert v2.data(again)["customer"]["name"] == "Renamed"


def test_a_row_says_what_the_document_says(api: Invoices) -> None:
    made = api.make(issue=True)
    data = api.data(api.get())
    row = (data["items"] if api.version == "v1" else data["data"])[0]
    shared = row.keys() & made.keys() - {"totals"}
    assert {name: row[name] for name in shared} == {name: made[name] for name in shared}
    totals = row["totals"] if api.version == "v2" else row
    for name in ("tax_exclusive", "tax_total", "tax_inclusive", "payable"):
        assert totals[name] == made["totals"][name]
    assert row["overdue"] is False


def test_an_empty_list_is_a_list(api: Invoices) -> None:
    assert Invoice.objects.count() == 0
    assert api.ids() == []
