"""A member held to a legal entity finds nothing of the tenant's others, through no route and no statement."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, models
from django.utils import timezone

from invoicing.domain.credit_request import Asked, CreditKind
from invoicing.domain.ledger import ReversalKind
from invoicing.models import Allocation, LegalEntity, Series
from invoicing.money import Money
from invoicing.services import crediting, period_locks, receiving, refunding, returning, writing_off
from invoicing.services.crediting import Credit
from tenants import capabilities, ids, scope
from tenants.actors import Actor
from tenants.http.guards import methods_of, routes
from tenants.models import Membership, Tenant, TenantModel
from tenants.selectors.members import held_to
from tenants.services import members
from tests.factories import ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity
from tests.factories.ledger import make_issued, share
from tests.factories.people import make_key
from tests.isolation import layers
from tests.isolation.layers import Layer

# The models whose rows belong to a legal entity, and the parameters that name them.
PARAMETERS = {
    "legal_entity_id": "LegalEntity",
    "series_id": "Series",
    "invoice_id": "Invoice",
    "payment_id": "Payment",
    "allocation_id": "Allocation",
    "write_off_id": "WriteOff",
    "period_lock_id": "PeriodLock",
}


@dataclass
class Books:
    """The books of one legal entity: a row in every table that belongs to one; `marks` betray them."""

    entity: LegalEntity
    rows: dict[str, list[UUID]] = field(default_factory=dict)
    marks: set[str] = field(default_factory=set)

    def id_of(self, model: str) -> str:
        """The public id of the first row of a kind."""
        prefix = apps.get_model("invoicing", model).public_prefix
        return ids.encode(prefix, self.rows[model][0])


@dataclass
class House:
    """A tenant with two legal entities, and an editor who is held to the first."""

    tenant: Tenant
    ours: Books
    theirs: Books
    held: Membership
    customer: str

    def client(self) -> ApiClient:
        return client_of(self.held)


def held_models() -> list[type[TenantModel]]:
    """Every model that belongs to a legal entity, directly or through what it belongs to."""
    found: set[type[models.Model]] = {LegalEntity}
    every = [one for one in apps.get_app_config("invoicing").get_models() if issubclass(one, TenantModel)]
    while True:
        more = {
            one
            for one in every
            if one not in found
            and any(
                isinstance(key, models.ForeignKey) and key.related_model in found for key in one._meta.fields
            )
        }
        if not more:
            return sorted((one for one in every if one in found), key=lambda one: one.__name__)
        found |= more


def keep_books(name: str, customer: UUID) -> Books:
    """Rows of every kind in the name of a new legal entity; the caller acts in the tenant."""
    before = {model: set(model.all_objects.values_list("id", flat=True)) for model in held_models()}
    entity = make_legal_entity(name=name, may_void=True)
    stated: dict[str, Any] = {"legal_entity": entity.id}
    today = timezone.localdate()
    closed = today - timedelta(days=400)
    period_locks.lock_period(closed_through=closed, legal_entity_id=entity.id, note=name)
    first, second, third = (make_issued(customer, "100", **stated) for _ in range(3))
    paid = receiving.receive_payment(
        customer_id=customer,
        money=Money(Decimal(90), "EUR"),
        reference=f"paid {name}",
        legal_entity_id=entity.id,
        shares=[share(first, "10")],
    )
    refunding.refund_payment(payment_id=paid.id, money=Money(Decimal(1), "EUR"), reason=name)
    returning.return_payment(
        payment_id=paid.id, kind=ReversalKind.RETURN, reason=name, money=Money(Decimal(1), "EUR")
    )
    writing_off.write_off_invoice(invoice_id=second.id, reason=name, money=Money(Decimal(2), "EUR"))
    crediting.credit_invoice(invoice_id=third.id, credit=Credit(Asked(CreditKind.FULL), name), issue=True)
    books = Books(entity)
    for model, known in before.items():
        made = set(model.all_objects.values_list("id", flat=True)) - known
        books.rows[model.__name__] = sorted(made)
        prefix = model.public_prefix
        books.marks |= {ids.encode(prefix, one) for one in made} | {str(one) for one in made}
    books.marks |= {name}
    return books


def build() -> House:
    tenant = make_tenant("held")
    with scope_of(tenant):
        customer = make_customer().id
        ours = keep_books("Ours GmbH", customer)
        theirs = keep_books("Canary Islands AG", customer)
        member = make_member(tenant, role="editor")
        members.update_member(membership_id=member.id, legal_entities=[ours.entity.id])
    return House(tenant, ours, theirs, member, ids.encode("cus", customer))


@pytest.fixture(scope="module")
def house() -> House:
    return build()


@contextmanager
def acting_held(house: House) -> Iterator[None]:
    with scope_of(house.tenant, member=house.held) as entered:
        actor = replace(entered.actor, legal_entities=frozenset([house.ours.entity.id]))
        with scope.enter(replace(entered, actor=actor)):
            yield


def calls(house: House, methods: set[str]) -> Iterator[tuple[str, str, bool]]:
    """Routes of both versions as (method, path, whether a row of the other legal entity is named)."""
    named = {parameter: house.theirs.id_of(model) for parameter, model in PARAMETERS.items()}
    named["customer_id"] = house.customer
    for route, view in routes():
        path = "/" + route.rstrip("/").replace("<str:", "{").replace(">", "}")
        if not path.startswith("/api/"):
            continue
        for method in methods & set(methods_of(view)):
            try:
                yield method, path.format(**named), any(f"{{{name}}}" in path for name in PARAMETERS)
            except KeyError:
                continue


def leaks(house: House) -> list[str]:
    """What a held member reads of the other legal entity, by asking every route there is."""
    client, found = house.client(), []
    for method, path, names in calls(house, {"GET"}):
        day = timezone.localdate()
        queries = [
            "",
            f"?legal_entity={house.theirs.id_of('LegalEntity')}",
            f"?from={day - timedelta(days=30)}&to={day}",
        ]
        for query in queries[:1] if names else queries:
            answer = client.generic(method, path + query)
            text = answer.content.decode().replace(path, "")
            if names and answer.status_code not in (403, 404):
                found.append(f"{path}: {answer.status_code}")
            seen = {mark for mark in house.theirs.marks if mark in text and mark not in query}
            if answer.status_code >= 500 or (answer.status_code == 200 and seen):
                found.append(f"{path}{query}: {answer.status_code} {sorted(seen)[:3]}")
    return found


def stored(house: House) -> list[tuple[str, str]]:
    """Every row of the other legal entity with the transaction that wrote it last."""
    found = []
    with scope_of(house.tenant), connection.cursor() as cursor:
        for model in held_models():
            table = model._meta.db_table
            cursor.execute(
                f"SELECT id::text, xmin::text FROM {table} WHERE id = ANY(%s)",
                [house.theirs.rows[model.__name__]],
            )
            found += cursor.fetchall()
    return sorted(found)


def test_every_table_of_a_legal_entity_is_held() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_policies WHERE policyname LIKE 'held_to_legal_entities%'"
            " AND permissive = 'RESTRICTIVE'"
        )
        held = {row[0] for row in cursor.fetchall()}
    assert {model._meta.db_table for model in held_models()} == held


def test_books_have_a_row_in_every_table(house: House) -> None:
    assert [name for name, rows in house.theirs.rows.items() if not rows] == []


def test_the_database_shows_the_rows_of_ones_own_legal_entity_alone(house: House) -> None:
    with acting_held(house), connection.cursor() as cursor:
        for model in held_models():
            cursor.execute(f"SELECT id FROM {model._meta.db_table}")
            seen = {row[0] for row in cursor.fetchall()}
            assert seen == set(house.ours.rows[model.__name__]), model


def test_the_database_lets_nothing_of_another_legal_entity_be_written(house: House) -> None:
    before = stored(house)
    with acting_held(house), connection.cursor() as cursor:
        for model in held_models():
            table = model._meta.db_table
            if table in ("invoicing_invoice", "invoicing_series", "invoicing_legalentity"):
                cursor.execute(
                    f"UPDATE {table} SET updated_at = now() WHERE id = ANY(%s)",
                    [house.theirs.rows[model.__name__]],
                )
                assert cursor.rowcount == 0
    assert stored(house) == before


def test_no_route_shows_the_other_legal_entity(house: House) -> None:
    assert leaks(house) == []


def test_no_route_changes_the_other_legal_entity(house: House) -> None:
    before, client, statuses = stored(house), house.client(), set()
    for method, path, names in calls(house, {"POST", "PATCH", "PUT", "DELETE"}):
        if names:
            for body in ("{}", '{"reason": "x"}'):
                answer = client.generic(
                    method, path, body, content_type="application/json", HTTP_IF_MATCH='"v1"'
                )
                statuses.add((answer.status_code, path if answer.status_code not in (400, 403, 404) else ""))
    assert {status for status, _ in statuses} <= {400, 403, 404}, statuses
    assert stored(house) == before


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_nothing_is_made_for_the_other_legal_entity(house: House, version: str) -> None:
    before = stored(house)
    line = {"description": "Work", "quantity": "1", "unit_price": "1", "tax": {"category": "S", "rate": "19"}}
    with scope_of(house.tenant):
        customer = ids.encode("cus", Allocation.objects.first().invoice.customer_id)  # type: ignore[union-attr]
        series = Series.objects.filter(legal_entity=house.theirs.entity).values_list("id", flat=True)[0]
    money: Any = {"amount": "1.00", "currency": "EUR"}
    other = {"legal_entity": house.theirs.id_of("LegalEntity")}
    draft = {"customer": customer, "currency": "EUR", "lines": [line]}
    tries = (
        ("invoices", {**draft, **other}, "legal_entity"),
        ("invoices", {**draft, "series": ids.encode("ser", series)}, "series"),
        (
            "payments",
            {"customer": customer, **({"amount": money} if version == "v2" else money), **other},
            "legal_entity",
        ),
    )
    for path, body, pointer in tries:
        refused = house.client().post(f"/api/{version}/{path}", body)
        assert refused.status_code == 400, refused.content
        assert pointer in refused.content.decode()
    made = house.client().post(f"/api/{version}/invoices", draft)
    assert made.status_code == 201, made.content
    assert stored(house) == before


def test_figures_add_up_ones_own_legal_entity_alone(house: House) -> None:
    admin = client_of(make_member(house.tenant, role="admin"))
    whole = admin.get("/api/v2/invoices?include=total").json()["total"]
    own = house.client().get("/api/v2/invoices?include=total").json()["total"]
    other = admin.get(f"/api/v2/invoices?include=total&legal_entity={house.theirs.id_of('LegalEntity')}")
    assert own == whole - other.json()["total"] > 0


def test_a_key_is_held_as_its_maker_is(house: House) -> None:
    with scope_of(house.tenant):
        maker = make_member(house.tenant, role="admin")
    key = make_key(maker, ["invoices.read", "catalogue.read"])
    client = ApiClient(HTTP_AUTHORIZATION=f"Bearer {key.token}")
    path = f"/api/v2/invoices/{house.theirs.id_of('Invoice')}"
    assert client.get(path).status_code == 200
    with scope_of(house.tenant):
        members.update_member(membership_id=maker.id, legal_entities=[house.ours.entity.id])
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_an_admin_holds_a_member_and_lets_go(house: House, version: str) -> None:
    admin = client_of(make_member(house.tenant, role="admin"))
    member = make_member(house.tenant, role="editor")
    path = f"/api/{version}/members/{member.public_id}"

    def patch(value: Any) -> Any:
        tag = admin.get(f"/api/v2/members/{member.public_id}").headers["ETag"]
        return admin.patch(path, {"legal_entities": value}, HTTP_IF_MATCH=tag)

    ours = house.ours.id_of("LegalEntity")
    assert ours in patch([ours]).content.decode()
    invoice = f"/api/v2/invoices/{house.theirs.id_of('Invoice')}"
    assert client_of(member).get(invoice).status_code == 404
    unknown = patch([ids.encode("le", ids.uuid7())])
    assert unknown.status_code == 400
    assert "legal_entities" in unknown.content.decode()
    assert patch([]).status_code == 200
    assert client_of(member).get(invoice).status_code == 200


def test_who_is_held_has_no_say_in_the_whole(house: House) -> None:
    admin = make_member(house.tenant, role="admin")
    with scope_of(house.tenant):
        make_member(house.tenant, role="admin")
        members.update_member(membership_id=admin.id, legal_entities=[house.ours.entity.id])
    client = client_of(admin)
    for path in ("audit/entries", "api-keys"):
        assert client.get(f"/api/v2/{path}").status_code == 403
    widened = client.patch(f"/api/v2/members/{admin.public_id}", {"legal_entities": []}, HTTP_IF_MATCH='"v1"')
    assert widened.status_code == 403
    assert {capabilities.MEMBERS_MANAGE, capabilities.AUDIT_READ} <= capabilities.OF_THE_WHOLE


def test_the_last_who_manages_members_cannot_be_held() -> None:
    tenant = make_tenant("lonely")
    only = make_member(tenant, role="admin")
    with scope_of(tenant):
        entity = make_legal_entity()
        with pytest.raises(members.LastAdministrator):
            members.update_member(membership_id=only.id, legal_entities=[entity.id])
        assert Membership.objects.get(id=only.id).legal_entities == []


def test_without_the_policies_the_same_calls_find_leaks(unprotected: str) -> None:
    with layers.only(Layer.PYTHON, unprotected):
        assert leaks(build()) != []


def test_a_job_runs_held_as_whoever_asked_for_it(house: House) -> None:
    with scope_of(house.tenant):
        key = make_key(make_member(house.tenant, role="admin"), ["invoices.read"]).key
        members.update_member(membership_id=key.membership_id, legal_entities=[house.ours.entity.id])
        asked = (ids.encode("usr", house.held.user_id), key.public_id)
        assert [held_to(Actor.from_label(label)) for label in asked] == [{house.ours.entity.id}] * 2
        assert held_to(Actor.system("relay")) == frozenset()
