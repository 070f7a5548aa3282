"""Period locks as clients of either version see them."""

from typing import Any

import pytest

from invoicing.models import Customer, Invoice
from tenants.models import Tenant
from tests.factories import ApiClient, client_of, make_member, scope_of
from tests.factories.ledger import days_ago
from tests.invoicing.api.client import a_line

pytestmark = pytest.mark.usefixtures("buyer")
CLOSED, OPEN = days_ago(30).isoformat(), days_ago(29).isoformat()


@pytest.fixture(params=["v1", "v2"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def url(version: str) -> str:
    return f"/api/{version}/period-locks"


def data_of(answer: Any) -> Any:
    body = answer.json()
    return body["data"] if body.get("success") else body


def refusal_of(answer: Any) -> str:
    body = answer.json()
    return str(body.get("code") or body.get("error"))


def test_a_period_is_closed_read_listed_and_opened_again(acme_client: ApiClient, url: str) -> None:
    made = acme_client.post(url, {"closed_through": CLOSED, "note": "filed"}, content_type="application/json")
    assert made.status_code == 201
    lock = data_of(made)
    assert (lock["closed_through"], lock["open_from"], lock["note"]) == (CLOSED, OPEN, "filed")
    assert data_of(acme_client.get(f"{url}/{lock['id']}")) == lock
    listed = data_of(acme_client.get(f"{url}?in_force=true&legal_entity={lock['legal_entity']}"))
    assert listed.get("items", listed.get("data", listed)) == [lock]
    released = data_of(
        acme_client.post(f"{url}/{lock['id']}/release", {"reason": "late"}, content_type="application/json")
    )
    assert released["released_at"] is not None
    assert released["release_reason"] == "late"
    emptied = data_of(acme_client.get(f"{url}?in_force=true"))
    assert emptied.get("items", emptied.get("data", emptied)) == []


def test_a_late_document_is_a_conflict_that_names_the_open_day(
    acme: Tenant, acme_client: ApiClient, url: str, version: str
) -> None:
    acme_client.post(url, {"closed_through": CLOSED}, content_type="application/json")
    body = {
        "customer": _customer(acme),
        "currency": "EUR",
        "issue": True,
        "issue_date": CLOSED,
        "lines": [a_line()],
    }
    answer = acme_client.post(f"/api/{version}/invoices", body, content_type="application/json")
    assert answer.status_code == 409
    assert refusal_of(answer).lower().replace("_", "-") == "period-closed"
    assert OPEN in answer.content.decode()
    with scope_of(acme):
        assert not Invoice.objects.exists()


def test_opening_again_takes_a_reason(acme_client: ApiClient, url: str) -> None:
    lock = data_of(acme_client.post(url, {"closed_through": CLOSED}, content_type="application/json"))
    answer = acme_client.post(f"{url}/{lock['id']}/release", {}, content_type="application/json")
    assert answer.status_code == 400
    assert data_of(acme_client.get(f"{url}/{lock['id']}"))["released_at"] is None


def test_an_editor_issues_but_does_not_close(acme: Tenant, url: str) -> None:
    editor = client_of(make_member(acme, role="editor"))
    answer = editor.post(url, {"closed_through": CLOSED}, content_type="application/json")
    assert answer.status_code == 403
    assert data_of(editor.get(url))["total" if "v1" in url else "data"] in (0, [])


def _customer(acme: Tenant) -> str:
    with scope_of(acme):
        return str(Customer.objects.get().public_id)
