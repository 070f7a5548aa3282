"""Bank details take a right of their own: without it they appear in no answer and cannot be written."""

from dataclasses import dataclass
from typing import Any

import pytest

from audit.workflows import relay
from invoicing.models import Invoice, LegalEntity, Vendor
from tenants import capabilities
from tenants.http.guards import methods_of, routes
from tenants.models import Tenant
from tests.factories import ApiClient, client_of, make_member, scope_of
from tests.factories.invoicing import make_series
from tests.factories.people import make_role

OURS, THEIRS, BIC = "DE89370400440532013000", "FR1420041010050500013M02606", "COBADEFFXXX"
SECRETS = (OURS, THEIRS, BIC)
LINE = {
    "description": "Work",
    "quantity": "1",
    "unit_price": "100",
    "tax": {"category": "S", "rate": "19"},
}


@dataclass
class Books:
    """A tenant with bank details in every place there is; `ids` by the name of the path's parameter."""

    tenant: Tenant
    admin: ApiClient
    ids: dict[str, str]

    def client(self, role: str) -> ApiClient:
        return client_of(make_member(self.tenant, role=role))

    def gets(self, version: str) -> list[str]:
        """Every route of a version that can be read with the ids there are."""
        paths = []
        for route, view in routes():
            plain = route.rstrip("/").replace("<str:", "{").replace(">", "}")
            if plain.startswith(f"api/{version}/") and "GET" in methods_of(view):
                try:
                    paths.append(f"/{plain.format(**self.ids)}")
                except KeyError:
                    continue
        return paths


@pytest.fixture
def books(acme: Tenant, acme_client: ApiClient) -> Books:
    def made(path: str, body: Any) -> str:
        answer = acme_client.post(f"/api/v2/{path}", body)
        assert answer.status_code == 201, answer.content
        public_id: str = answer.json()["id"]
        return public_id

    accounts = [{"iban": THEIRS, "bic": None, "name": "Globex"}]
    party = {"name": "Globex", "country": "FR", "bank_accounts": accounts}
    seller = made("legal-entities", {"name": "Acme", "country": "DE", "iban": OURS, "bic": BIC})
    with scope_of(acme):
        make_series(LegalEntity.objects.get())
    customer, vendor = made("customers", party), made("vendors", party)
    draft = {"customer": customer, "currency": "EUR", "lines": [LINE]}
    made("invoices", draft)
    invoice = made("invoices", {**draft, "issue": True})
    relay.drain()
    ids = {
        "legal_entity_id": seller,
        "customer_id": customer,
        "vendor_id": vendor,
        "invoice_id": invoice,
    }
    return Books(acme, acme_client, ids)


def shows(client: ApiClient, path: str) -> set[str]:
    """The secrets in the answer to a read."""
    answer = client.get(path)
    text = answer.content.decode()
    assert answer.status_code < 500
    return {secret for secret in SECRETS if secret in text}


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_no_route_shows_a_viewer_bank_details(books: Books, version: str) -> None:
    viewer = books.client("viewer")
    paths = books.gets(version)
    assert len(paths) > 25
    assert {path: found for path in paths if (found := shows(viewer, path))} == {}


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("role", ["admin", "editor", "auditor"])
def test_who_may_see_them_does(books: Books, role: str, version: str) -> None:
    client = books.client(role)
    places = {
        "legal-entities": {OURS, BIC},
        f"legal-entities/{books.ids['legal_entity_id']}": {OURS, BIC},
        "customers": {THEIRS},
        f"customers/{books.ids['customer_id']}": {THEIRS},
        f"vendors/{books.ids['vendor_id']}": {THEIRS},
        f"invoices/{books.ids['invoice_id']}": {OURS, BIC},
        f"invoices/{books.ids['invoice_id']}/history": {OURS, BIC},
    }
    assert {path: shows(client, f"/api/{version}/{path}") for path in places} == places


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_trail_hides_them_from_a_reader_without_the_right(books: Books, version: str) -> None:
    role = make_role(books.tenant, capabilities.AUDIT_READ, capabilities.CATALOGUE_READ)
    reader = books.client(role.name)
    path = f"/api/{version}/audit/entries"
    assert "Globex" in reader.get(path).content.decode()
    assert shows(reader, path) == set()
    assert shows(books.client("auditor"), path) == set(SECRETS)


def test_a_hidden_field_is_left_out_and_not_null(books: Books) -> None:
    viewer = books.client("viewer")
    for version in ("v1", "v2"):
        shown = viewer.get(f"/api/{version}/legal-entities/{books.ids['legal_entity_id']}").json()
        shown = shown.get("data", shown)
        assert shown["name"] == "Acme"
        assert not {"iban", "bic", "bank_accounts"} & shown.keys()
        invoice = viewer.get(f"/api/{version}/invoices/{books.ids['invoice_id']}").json()
        invoice = invoice.get("data", invoice)
        assert invoice["seller"]["name"] == "Acme"
        assert not {"iban", "bic"} & invoice["seller"].keys()


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("accounts", [[{"iban": OURS}], [], None], ids=["set", "empty", "reset"])
def test_who_may_not_see_them_cannot_write_them(books: Books, version: str, accounts: Any) -> None:
    role = make_role(books.tenant, capabilities.CATALOGUE_READ, capabilities.CATALOGUE_WRITE)
    with scope_of(books.tenant):
        before = Vendor.objects.values().get()
    writer = books.client(role.name)
    path = f"/api/{version}/vendors/{books.ids['vendor_id']}"
    headers: Any = {"HTTP_IF_MATCH": '"v1"'} if version == "v2" else {}
    refused = writer.patch(path, {"bank_accounts": accounts}, **headers)
    assert refused.status_code == 403
    assert "bank_accounts" in refused.content.decode()
    with scope_of(books.tenant):
        assert Vendor.objects.values().get() == before
    assert writer.patch(path, {"city": "Lyon"}, **headers).status_code == 200
    with scope_of(books.tenant):
        assert Vendor.objects.get().bank_accounts == before["bank_accounts"]
    new = {"name": "New", "country": "DE"}
    assert writer.post(f"/api/{version}/vendors", new).status_code == 201
    stated = writer.post(f"/api/{version}/vendors", {**new, "bank_accounts": [{"iban": OURS}]})
    assert stated.status_code == 403


def test_who_may_not_see_them_still_issues_documents_that_bear_them(books: Books) -> None:
    rights = [capabilities.INVOICES_READ, capabilities.INVOICES_WRITE, capabilities.INVOICES_ISSUE]
    role = make_role(books.tenant, *rights)
    issuer = books.client(role.name)
    body = {"customer": books.ids["customer_id"], "currency": "EUR", "lines": [LINE], "issue": True}
    answer = issuer.post("/api/v2/invoices", body)
    assert answer.status_code == 201
    assert OURS not in answer.content.decode()
    credit = issuer.post(f"/api/v2/invoices/{answer.json()['id']}/credit", {"full": True, "issue": True})
    assert credit.status_code == 201
    with scope_of(books.tenant):
        sellers = [row.seller for row in Invoice.objects.filter(state="issued")]
    assert [seller["iban"] for seller in sellers if seller] == [OURS] * 3
