"""Lists: whole, in order, narrowed by what is listed, and as costly for two hundred rows as for two."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.invoicing.catalogue.kinds import BY_PATH, Api, Kind

CUSTOMERS = BY_PATH["customers"]


def test_v2_walks_a_list_by_cursors_in_either_direction(v2: Api, kind: Kind) -> None:
    for _ in range(7):
        v2.make(kind)
    for ordering in (kind.label, f"-{kind.label}", "created_at", "-created_at"):
        whole = [row["id"] for row in v2.rows(kind, f"ordering={ordering}")]
        walked: list[str] = []
        query = f"ordering={ordering}&limit=2&include=total"
        cursor = ""
        while True:
            data = v2.client.get(v2.url(f"{kind.path}?{query}{cursor}")).json()
            walked += [row["id"] for row in data["data"]]
            assert data["total"] == len(whole)
            assert data["has_more"] is (data["next_cursor"] is not None)
            if not data["has_more"]:
                break
            cursor = f"&cursor={data['next_cursor']}"
        assert walked == whole
        assert len(set(walked)) == len(walked) >= 7


def test_rows_of_one_name_are_told_apart_by_their_ids(v2: Api) -> None:
    made = [v2.make(CUSTOMERS, name="Twin")["id"] for _ in range(3)]
    seen, cursor = [], ""
    for _ in range(3):
        data = v2.client.get(v2.url(f"customers?limit=1{cursor}")).json()
        seen += [row["id"] for row in data["data"]]
        cursor = f"&cursor={data['next_cursor']}"
    assert seen == made


def test_v1_pages_by_number(v2: Api) -> None:
    v1 = Api(v2.client, "v1")
    made = sorted(v1.make(CUSTOMERS)["name"] for _ in range(5))
    data = v1.data(v1.client.get(v1.url("customers?page=2&page_size=2")))
    assert [row["name"] for row in data["items"]] == made[2:4]
    assert (data["total"], data["page"], data["page_size"], data["pages"]) == (5, 2, 2, 3)


@pytest.mark.parametrize(
    ("path", "query", "found"),
    [
        ("customers", "q=glo", ["Globex", "GLOBAL 100%"]),
        ("customers", "q=GLOBAL 100%25", ["GLOBAL 100%"]),
        ("customers", "q=%25", []),
        ("customers", "q=lobex", []),
        ("customers", "country=FR", ["Globex"]),
        ("customers", "currency=USD", ["GLOBAL 100%"]),
        ("customers", "reference=R-1", ["Globex"]),
    ],
)
def test_customers_are_narrowed(api: Api, path: str, query: str, found: list[str]) -> None:
    api.make(CUSTOMERS, name="Globex", country="FR", reference="R-1")
    api.make(CUSTOMERS, name="GLOBAL 100%", country="US", currency="USD")
    api.make(CUSTOMERS, name="Initech", country="US")
    assert sorted(row["name"] for row in api.rows(BY_PATH[path], query)) == sorted(found)


def test_tax_rates_are_narrowed_by_the_day_they_hold(api: Api) -> None:
    rates = BY_PATH["tax-rates"]
    api.make(rates, name="always")
    api.make(rates, name="second half of 2020", valid_from="2020-07-01", valid_to="2020-12-31")
    assert len(api.rows(rates, "valid_on=2020-12-31")) == 2
    assert [row["name"] for row in api.rows(rates, "valid_on=2021-01-01")] == ["always"]
    assert [row["name"] for row in api.rows(rates, "valid_on=2020-06-30")] == ["always"]


def test_series_are_narrowed_by_seller_and_type(api: Api) -> None:
    series, entities = BY_PATH["series"], BY_PATH["legal-entities"]
    second = api.make(entities)
    rows = api.rows(series, f"legal_entity={second['id']}&document_type=credit_note")
    assert [(row["code"], row["legal_entity"]) for row in rows] == [("CN", second["id"])]


def test_items_are_narrowed(api: Api) -> None:
    items = BY_PATH["items"]
    api.make(items, code="A-1", name="Anvil", currency="USD")
    api.make(items, code="B-1", name="Bolt", tax={"category": "E"})
    assert [row["code"] for row in api.rows(items, "currency=USD&q=anv")] == ["A-1"]
    assert [row["code"] for row in api.rows(items, "tax_category=E")] == ["B-1"]
    assert [row["code"] for row in api.rows(items, "code=B-1")] == ["B-1"]
    assert [row["code"] for row in api.rows(items, "ordering=-name")] == ["B-1", "A-1"]


@pytest.mark.parametrize(
    "query",
    [
        "tenant_id=1",
        "ordering=tenant_id",
        "ordering=id",
        "vat_id=x",
        "q=%00",
        "q=a&q=b",
        "include_inactive=yes",
    ],
)
def test_what_is_not_listed_is_refused(api: Api, kind: Kind, query: str) -> None:
    answer = api.client.get(api.url(f"{kind.path}?{query}"))
    assert answer.status_code == 400
    assert len(answer.json()["errors" if api.version == "v2" else "fields"]) == 1


def test_a_cursor_of_another_list_ordering_or_tenant_is_refused(v2: Api, globex_client: object) -> None:
    for _ in range(2):
        v2.make(CUSTOMERS)
    cursor = v2.client.get(v2.url("customers?limit=1")).json()["next_cursor"]
    for path in (f"legal-entities?cursor={cursor}", f"customers?ordering=-name&cursor={cursor}"):
        assert v2.client.get(v2.url(path)).status_code == 400
    foreign = v2.like(globex_client)  # type: ignore[arg-type]
    assert foreign.client.get(v2.url(f"customers?cursor={cursor}")).status_code == 400


def test_a_list_costs_the_same_statements_for_two_rows_and_for_twenty(api: Api, kind: Kind) -> None:
    counts = []
    for more in (2, 18):
        for _ in range(more):
            api.make(kind)
        api.rows(kind)
        with CaptureQueriesContext(connection) as queries:
            assert len(api.rows(kind)) >= more
        counts.append(len(queries))
    assert counts[0] == counts[1] == (1 if api.version == "v2" else 2)
