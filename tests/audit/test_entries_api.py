"""`audit/entries` in both versions, and the history of one record."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test.utils import CaptureQueriesContext

from audit.selectors import history_of
from audit.workflows import relay
from invoicing.models import Item
from tenants.models import Tenant
from tests.audit.trail import an_item
from tests.factories import ApiClient, scope_of


@pytest.fixture
def item(acme: Tenant, globex: Tenant) -> Item:
    """An item of acme that was created, raised in price and deactivated; globex has one too."""
    with scope_of(globex, request_id="theirs"):
        an_item(globex).save()
    with scope_of(acme, request_id="made"):
        saved = an_item(acme, "10.00")
        saved.save()
    with scope_of(acme, request_id="raised"):
        Item.all_objects.filter(id=saved.id).update(unit_price=Decimal("12.50"), tax_rate=5)
    with scope_of(acme, request_id="ended"):
        Item.all_objects.filter(id=saved.id).update(is_active=False)
    relay.drain()
    return saved


def _list(client: ApiClient, **parameters: Any) -> Any:
    response = client.get("/api/v2/audit/entries", parameters)
    assert response.status_code == 200, response.content
    return response.json()


def test_an_entry_says_who_changed_what(acme: Tenant, acme_client: ApiClient, item: Item) -> None:
    entry = _list(acme_client, record=item.public_id)["data"][1]
    assert entry["operation"] == "update"
    assert entry["entity_type"] == "invoicing.item"
    assert entry["record_id"] == item.public_id
    assert entry["tenant"] == acme.public_id
    assert entry["request_id"] == "raised"
    assert entry["modified_by"].startswith("usr_")
    assert entry["id"].startswith("evt_")
    assert entry["diff"] == {"unit_price": ["10.00", "12.50"], "tax_rate": [None, "5"]}
    assert entry["old_values"]["unit_price"] == "10.00"
    assert entry["new_values"]["is_active"] is True
    assert entry["created_at"] <= entry["completed_at"]


@pytest.mark.usefixtures("item")
def test_the_newest_entry_comes_first_and_a_creation_shows_all_columns(acme_client: ApiClient) -> None:
    entries = _list(acme_client, entity_type="invoicing.item")["data"]
    assert [entry["request_id"] for entry in entries] == ["ended", "raised", "made"]
    assert entries[0]["diff"] == {"is_active": [True, False]}
    assert entries[2]["old_values"] is None
    assert entries[2]["diff"]["unit_price"] == [None, "10.00"]
    assert set(entries[2]["diff"]) == set(entries[2]["new_values"])


def test_entries_are_found_by_each_filter(acme_client: ApiClient, item: Item) -> None:
    first = _list(acme_client, request_id="made")["data"][0]
    ended = _list(acme_client, request_id="ended")["data"][0]
    assert len(_list(acme_client, actor=first["modified_by"])["data"]) == 1
    assert len(_list(acme_client, operation="insert", entity_type="invoicing.item")["data"]) == 1
    assert len(_list(acme_client, record=str(item.id))["data"]) == 3
    since = {"from": ended["created_at"], "entity_type": "invoicing.item"}
    assert [entry["request_id"] for entry in _list(acme_client, **since)["data"]] == ["ended"]
    until = {"to": ended["created_at"], "entity_type": "invoicing.item"}
    assert [entry["request_id"] for entry in _list(acme_client, **until)["data"]] == ["raised", "made"]


@pytest.mark.usefixtures("item")
def test_cursors_walk_the_whole_list_once(acme_client: ApiClient) -> None:
    everything = [entry["id"] for entry in _list(acme_client)["data"]]
    walked: list[str] = []
    parameters: dict[str, Any] = {"limit": 2, "include": "total"}
    while True:
        page = _list(acme_client, **parameters)
        assert page["total"] == len(everything)
        walked += [entry["id"] for entry in page["data"]]
        if not page["has_more"]:
            break
        parameters["cursor"] = page["next_cursor"]
    assert walked == everything


def test_the_first_version_has_pages(acme_client: ApiClient, item: Item) -> None:
    parameters: dict[str, Any] = {"page": 2, "page_size": 2, "record": item.public_id}
    response = acme_client.get("/api/v1/audit/entries", parameters)
    body = response.json()
    assert body["success"] is True
    assert (body["data"]["total"], body["data"]["pages"]) == (3, 2)
    assert [entry["request_id"] for entry in body["data"]["items"]] == ["made"]
    assert body["data"]["items"][0]["new_values"]["unit_price"] == "10.00"


def test_another_tenants_entries_do_not_exist(globex_client: ApiClient, acme: Tenant, item: Item) -> None:
    for parameters in ({"record": item.public_id}, {"request_id": "made"}, {"actor": "usr_x"}):
        assert _list(globex_client, **parameters, include="total") == {
            "data": [],
            "next_cursor": None,
            "has_more": False,
            "total": 0,
        }
    tenants = {entry["tenant"] for entry in _list(globex_client, limit=200)["data"]}
    assert acme.public_id not in tenants


@pytest.mark.usefixtures("item")
def test_another_tenants_cursor_is_refused(acme_client: ApiClient, globex_client: ApiClient) -> None:
    cursor = _list(acme_client, limit=1)["next_cursor"]
    refused = globex_client.get("/api/v2/audit/entries", {"cursor": cursor})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid-cursor")


@pytest.mark.parametrize(
    ("role", "status"), [("admin", 200), ("auditor", 200), ("editor", 403), ("viewer", 403)]
)
def test_only_those_who_may_audit_read_the_trail(client_as: Any, role: str, status: int) -> None:
    client = client_as(role)
    for version in ("v1", "v2"):
        assert client.get(f"/api/{version}/audit/entries").status_code == status


def test_nobody_reads_it_without_a_login() -> None:
    assert ApiClient().get("/api/v2/audit/entries").status_code == 401


@pytest.mark.parametrize("query", ["from=yesterday", "from=2026-01-01T00:00:00", "colour=red", "cursor=x"])
def test_questions_it_does_not_understand_are_refused(acme_client: ApiClient, query: str) -> None:
    assert acme_client.get(f"/api/v2/audit/entries?{query}").status_code == 400


def test_a_history_is_read_oldest_first_and_in_parts(acme: Tenant, globex: Tenant, item: Item) -> None:
    with scope_of(acme):
        history = history_of(entity_type="invoicing.item", record_id=item.id)
        assert [record.request_id for record in history] == ["made", "raised", "ended"]
        rest = history_of(entity_type="invoicing.item", record_id=item.id, after=history[0].sequence, limit=1)
        assert [record.request_id for record in rest] == ["raised"]
    with scope_of(globex):
        assert history_of(entity_type="invoicing.item", record_id=item.id) == []


@pytest.mark.usefixtures("item")
def test_a_page_costs_one_statement_in_the_audit_database_however_long(acme_client: ApiClient) -> None:
    for limit in (1, 5):
        with CaptureQueriesContext(connections["audit"]) as queries:
            _list(acme_client, limit=limit)
        assert len(queries) == 1


def test_an_entry_arrives_within_moments(acme: Tenant, item: Item) -> None:
    with scope_of(acme):
        for record in history_of(entity_type="invoicing.item", record_id=item.id):
            assert timedelta(0) <= record.completed_at - record.created_at < timedelta(minutes=1)
