"""What concerns all legal entities: refused to whoever is held to some, or counted over all of them."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from invoicing.models import Customer, LegalEntity, PeriodLock
from invoicing.statements.credit_limits import balance_of
from tenants import ids
from tenants.models import Invitation, Membership, Tenant
from tenants.services import members
from tests.factories import PASSWORD, ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity, make_vendor
from tests.factories.ledger import make_issued, make_payment
from tests.factories.people import token_of

LINE = {"description": "Work", "quantity": "1", "tax": {"category": "Z", "rate": "0"}}


@dataclass
class Firm:
    """A tenant whose default legal entity is the first of two, and an administrator held to one."""

    tenant: Tenant
    first: LegalEntity
    second: LegalEntity
    held: Membership

    @property
    def client(self) -> ApiClient:
        return client_of(self.held)

    def hold_to(self, entity: LegalEntity) -> None:
        with scope_of(self.tenant):
            members.update_member(membership_id=self.held.id, legal_entities=[entity.id])


@pytest.fixture
def firm() -> Firm:
    tenant = make_tenant("firm")
    with scope_of(tenant):
        make_member(tenant, role="admin")
        made = Firm(
            tenant,
            make_legal_entity(name="First GmbH"),
            make_legal_entity(name="Second AG"),
            make_member(tenant, role="admin"),
        )
    made.hold_to(made.first)
    return made


def limited() -> UUID:
    made: Customer = make_customer(credit_limit=Decimal(100), credit_limit_currency="EUR")
    return made.id


def issue(firm: Firm, version: str, customer: UUID, price: str) -> Any:
    body = {
        "customer": ids.encode("cus", customer),
        "currency": "EUR",
        "lines": [{**LINE, "unit_price": price}],
        "issue": True,
    }
    return firm.client.post(f"/api/{version}/invoices", body)


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", ["customers", "vendors"])
def test_who_is_held_merges_no_parties(firm: Firm, version: str, kind: str) -> None:
    make = make_customer if kind == "customers" else make_vendor
    with scope_of(firm.tenant):
        one, other = make(), make()
    path = f"/api/{version}/{kind}/{one.public_id}/merge"
    body = {"into": other.public_id}
    refused = firm.client.post(path, body, HTTP_IF_MATCH='"v1"')
    assert refused.status_code == 403, refused.content
    with scope_of(firm.tenant):
        assert type(one).objects.get(id=one.id).merged_into_id is None
    merged = client_of(make_member(firm.tenant, role="admin")).post(path, body, HTTP_IF_MATCH='"v1"')
    assert merged.status_code == 200, merged.content


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_who_is_held_closes_the_books_of_their_own_legal_entity_alone(firm: Firm, version: str) -> None:
    path, day = f"/api/{version}/period-locks", (timezone.localdate() - timedelta(days=40)).isoformat()
    foreign = firm.client.post(path, {"closed_through": day, "legal_entity": firm.second.public_id})
    assert foreign.status_code == 400
    assert "legal_entity" in foreign.content.decode()
    firm.hold_to(firm.second)
    by_default = firm.client.post(path, {"closed_through": day})
    assert by_default.status_code == 400
    own = firm.client.post(path, {"closed_through": day, "legal_entity": firm.second.public_id})
    assert own.status_code == 201, own.content
    with scope_of(firm.tenant):
        assert [lock.legal_entity_id for lock in PeriodLock.objects.all()] == [firm.second.id]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_credit_limit_counts_what_is_owed_to_the_other_legal_entities(firm: Firm, version: str) -> None:
    with scope_of(firm.tenant):
        customer = limited()
        make_issued(customer, "90", legal_entity=firm.second.id)
        make_payment(customer, "20", legal_entity_id=firm.second.id)
    assert issue(firm, version, customer, "30").status_code == 201
    refused = issue(firm, version, customer, "0.01")
    assert refused.status_code == 409, refused.content
    text = refused.content.decode()
    assert "credit-limit-exceeded" in text.replace("_", "-").lower()
    assert "100.01" not in text


def test_the_balance_is_of_the_tenant_alone(firm: Firm, acme: Tenant) -> None:
    with scope_of(firm.tenant):
        customer = limited()
        make_issued(customer, "90")
        asked: dict[str, Any] = {"customers": [customer], "currency": "EUR"}
        assert balance_of(**asked) == 90
    with scope_of(acme):
        assert balance_of(**asked) == 0


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_invitation_holds_a_member_from_the_first_moment(firm: Firm, version: str) -> None:
    admin, path = client_of(make_member(firm.tenant, role="admin")), f"/api/{version}/invitations"
    invited = {"email": "grace@example.com", "role": "editor", "legal_entities": [firm.second.public_id]}
    unknown = admin.post(path, {**invited, "legal_entities": [ids.encode("le", ids.uuid7())]})
    assert unknown.status_code == 400
    assert "legal_entities" in unknown.content.decode()
    made = admin.post(path, invited)
    assert made.status_code == 201, made.content
    assert firm.second.public_id in made.content.decode()
    with scope_of(firm.tenant):
        token = token_of(firm.tenant, Invitation.objects.get())
    body = {"token": token, "name": "Grace", "username": "grace", "password": PASSWORD}
    assert ApiClient().post(f"{path}/accept", body).status_code == 201
    with scope_of(firm.tenant):
        member = Membership.objects.select_related("tenant").get(username="grace")
    assert member.legal_entities == [firm.second.id]
    shown = client_of(member).get("/api/v2/legal-entities").content.decode()
    assert firm.second.public_id in shown
    assert firm.first.public_id not in shown
