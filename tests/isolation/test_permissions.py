"""Who may call what: every route × role × own, foreign and missing record.

The table is the whole truth: a route that is not in it fails, and so does a row without a route.
A is admin, E editor, V viewer, U auditor; `public` needs no login.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from invoicing.models import Allocation, Item, ItemPrice, TaxRate
from invoicing.services import creating, writing_off
from tenants import ids
from tenants.http.guards import faults_of, methods_of
from tenants.http.guards import routes as whole_tree
from tenants.models import Job, Membership, Tenant, TenantModel
from tests.factories import ApiClient, client_of, make_member, make_tenant, scope_of, unique
from tests.factories.exchange import a_rate
from tests.factories.factors import make_passkey, make_totp
from tests.factories.invoicing import (
    a_draft,
    make_contact,
    make_customer,
    make_legal_entity,
    make_period_lock,
    make_series,
    make_vendor,
)
from tests.factories.ledger import make_issued, make_payment, share
from tests.factories.people import make_invitation, make_key, make_role

ROLES: Final = {"A": "admin", "E": "editor", "V": "viewer", "U": "auditor"}
PUBLIC: Final = "public"

TABLE: Final = """
GET     schema                                          public
GET     docs                                            public
POST    auth/token                                      public
POST    auth/refresh                                    public
POST    auth/logout                                     public
GET     auth/sso/{tenant}/start                         public
GET     auth/sso/callback                               public
GET     auth/sso/{tenant}/callback                      public
POST    auth/logout-everywhere                          AEVU
POST    auth/switch-tenant                              AEVU
GET     auth/me                                         AEVU
GET     auth/sessions                                   AEVU
DELETE  auth/sessions/{session_id}                      AEVU
GET     auth/password                                   AEVU
POST    auth/password                                   AEVU
POST    auth/password/forced                            public
GET     auth/mfa                                        AEVU
POST    auth/mfa/totp                                   AEVU
POST    auth/mfa/totp/{totp_id}/confirm                 AEVU
POST    auth/mfa/totp/{totp_id}/remove                  AEVU
POST    auth/mfa/passkeys                               AEVU
POST    auth/mfa/passkeys/options                       AEVU
POST    auth/mfa/passkeys/{passkey_id}/remove           AEVU
POST    auth/mfa/recovery-codes                         AEVU
POST    auth/mfa/proof/options                          AEVU
POST    auth/mfa/verify                                 public
POST    auth/mfa/verify/options                         public
POST    auth/mfa/enrolment/totp                         public
POST    auth/mfa/enrolment/totp/confirm                 public
POST    auth/mfa/enrolment/passkey                      public
GET     tenant                                          A--U
PATCH   tenant                                          A---
GET     tenant/features                                 A--U
POST    socket-tickets                                  AEVU
GET     tenant/auth                                     A--U
PUT     tenant/auth                                     A---
PATCH   tenant/auth                                     A---
POST    tenant/auth/test                                A---
GET     members                                         A--U
GET     members/{membership_id}                         A--U
PATCH   members/{membership_id}                         A---
DELETE  members/{membership_id}                         A---
POST    members/{membership_id}/reactivate              A---
POST    members/{membership_id}/unlock                  A---
POST    members/{membership_id}/reset-second-factor     A---
GET     roles                                           A--U
POST    roles                                           A---
GET     roles/{role_id}                                 A--U
PATCH   roles/{role_id}                                 A---
DELETE  roles/{role_id}                                 A---
POST    roles/{role_id}/reactivate                      A---
GET     invitations                                     A--U
POST    invitations                                     A---
POST    invitations/accept                              public
POST    invitations/join                                AEVU
GET     invitations/{invitation_id}                     A--U
DELETE  invitations/{invitation_id}                     A---
POST    invitations/{invitation_id}/send-again          A---
GET     api-keys                                        A---
POST    api-keys                                        A---
GET     api-keys/{api_key_id}                           A---
DELETE  api-keys/{api_key_id}                           A---
POST    api-keys/{api_key_id}/rotate                    A---
GET     jobs                                            AEVU
GET     jobs/{job_id}                                   AEVU
GET     audit/entries                                   A--U
GET     invoices                                        AEVU
POST    invoices                                        AE--
POST    invoices/calculate                              AEVU
GET     invoices/{invoice_id}                           AEVU
PATCH   invoices/{invoice_id}                           AE--
DELETE  invoices/{invoice_id}                           AE--
POST    invoices/{invoice_id}/issue                     AE--
GET     invoices/{invoice_id}/explain                   AEVU
GET     invoices/{invoice_id}/history                   AEVU
POST    invoices/{invoice_id}/credit                    AE--
GET     invoices/{invoice_id}/creditable                AEVU
POST    invoices/{invoice_id}/cancel                    AE--
POST    invoices/{invoice_id}/void                      A---
GET     credit-notes                                    AEVU
POST    credit-notes                                    AE--
GET     credit-notes/{invoice_id}                       AEVU
POST    credit-notes/{invoice_id}/issue                 AE--
GET     customers                                       AEVU
POST    customers                                       AE--
GET     customers/{customer_id}                         AEVU
PATCH   customers/{customer_id}                         AE--
DELETE  customers/{customer_id}                         AE--
POST    customers/{customer_id}/merge                   A---
POST    customers/{customer_id}/reactivate              AE--
GET     vendors                                         AEVU
POST    vendors                                         AE--
GET     vendors/{vendor_id}                             AEVU
PATCH   vendors/{vendor_id}                             AE--
DELETE  vendors/{vendor_id}                             AE--
POST    vendors/{vendor_id}/merge                       A---
POST    vendors/{vendor_id}/reactivate                  AE--
GET     contacts                                        AEVU
POST    contacts                                        AE--
GET     contacts/{contact_id}                           AEVU
PATCH   contacts/{contact_id}                           AE--
DELETE  contacts/{contact_id}                           AE--
POST    contacts/{contact_id}/reactivate                AE--
GET     item-prices                                     AEVU
POST    item-prices                                     AE--
GET     item-prices/{item_price_id}                     AEVU
PATCH   item-prices/{item_price_id}                     AE--
DELETE  item-prices/{item_price_id}                     AE--
POST    item-prices/{item_price_id}/reactivate          AE--
GET     items                                           AEVU
POST    items                                           AE--
GET     items/{item_id}                                 AEVU
PATCH   items/{item_id}                                 AE--
DELETE  items/{item_id}                                 AE--
POST    items/{item_id}/reactivate                      AE--
GET     legal-entities                                  AEVU
POST    legal-entities                                  A---
GET     legal-entities/{legal_entity_id}                AEVU
PATCH   legal-entities/{legal_entity_id}                A---
DELETE  legal-entities/{legal_entity_id}                A---
POST    legal-entities/{legal_entity_id}/reactivate     A---
GET     period-locks                                    AEVU
POST    period-locks                                    A---
GET     period-locks/{period_lock_id}                   AEVU
POST    period-locks/{period_lock_id}/release           A---
GET     series                                          AEVU
POST    series                                          A---
GET     series/{series_id}                              AEVU
PATCH   series/{series_id}                              A---
DELETE  series/{series_id}                              A---
POST    series/{series_id}/reactivate                   A---
GET     series/{series_id}/certificate                  AEVU
GET     tax-rates                                       AEVU
POST    tax-rates                                       AE--
GET     tax-rates/{tax_rate_id}                         AEVU
PATCH   tax-rates/{tax_rate_id}                         AE--
DELETE  tax-rates/{tax_rate_id}                         AE--
POST    tax-rates/{tax_rate_id}/reactivate              AE--
GET     payments                                        AEVU
POST    payments                                        AE--
GET     payments/{payment_id}                           AEVU
PATCH   payments/{payment_id}                           AE--
POST    payments/{payment_id}/allocate                  AE--
POST    payments/{payment_id}/refund                    A---
POST    payments/{payment_id}/return                    AE--
POST    payments/{payment_id}/reverse                   AE--
GET     allocations                                     AEVU
POST    allocations                                     AE--
GET     allocations/{allocation_id}                     AEVU
POST    allocations/{allocation_id}/reverse             AE--
POST    invoices/{invoice_id}/write-off                 AE--
POST    invoices/{invoice_id}/refund                    A---
GET     write-offs                                      AEVU
POST    write-offs/{write_off_id}/reverse               AE--
GET     customers/{customer_id}/account                 AEVU
GET     statements                                      AEVU
GET     receivables                                     AEVU
GET     receivables/in-base                             AEVU
GET     exchange-differences                            AEVU
GET     exchange-rates                                  AEVU
POST    exchange-rates                                  A---
POST    exchange-rates/import                           A---
GET     exchange-rates/lookup                           AEVU
GET     exchange-rates/{exchange_rate_id}               AEVU
"""
MALFORMED: Final = ["1", "inv_short", "xyz_00000000000000000000000000", "..", "%00", "' OR 1=1"]
# Not in both versions.
ONLY: Final = {"docs": "v2"}


@dataclass(frozen=True)
class Row:
    """One method of one path, without its version, and the letters of those it lets through."""

    method: str
    path: str
    who: str

    def allows(self, role: str) -> bool:
        return any(ROLES[letter] == role for letter in self.who if letter in ROLES)

    @property
    def parameter(self) -> str:
        return self.path.partition("{")[2].partition("}")[0]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


ROWS: Final = [Row(*line.split()) for line in TABLE.strip().splitlines()]
CASES: Final = [
    pytest.param(row, version, id=f"{version} {row}")
    for row in ROWS
    for version in ("v1", "v2")
    if ONLY.get(row.path, version) == version
]
GUARDED: Final = [case for case in CASES if case.values[0].who != PUBLIC]  # type: ignore[union-attr]
WITH_RECORD: Final = [case for case in GUARDED if case.values[0].parameter]  # type: ignore[union-attr]


def routes() -> Iterator[tuple[str, Any]]:
    """Routes of the tree under /api/, written as in the table and with their version in front."""
    for route, view in whole_tree():
        if route.startswith("api/"):
            plain = route.removeprefix("api/").rstrip("/").replace("<str:", "{").replace(">", "}")
            yield plain, view


def an_invoice() -> UUID:
    make_legal_entity()
    return creating.create_invoice(draft=a_draft(make_customer().id)).id


def a_tax_rate(tenant: Tenant) -> UUID:
    return TaxRate.objects.create(tenant_id=tenant.id, name="VAT", category="S", rate=19).id  # type: ignore[no-any-return]


def a_payment() -> UUID:
    make_legal_entity()
    return make_payment(make_customer().id).id


def an_allocation() -> UUID:
    make_legal_entity()
    buyer = make_customer().id
    document = make_issued(buyer)
    paid = make_payment(buyer, shares=[share(document, "10")])
    return Allocation.objects.get(payment_id=paid.id).id  # type: ignore[no-any-return]


def a_write_off() -> UUID:
    make_legal_entity()
    document = make_issued(make_customer().id)
    return writing_off.write_off_invoice(invoice_id=document.id, reason="small").id


def an_item(tenant: Tenant) -> UUID:
    values = {"code": unique("I"), "name": "Thing", "unit_price": 1, "currency": "EUR", "tax_category": "S"}
    return Item.objects.create(tenant_id=tenant.id, tax_rate=19, **values).id  # type: ignore[no-any-return]


def an_item_price(tenant: Tenant) -> UUID:
    values = {"item_id": an_item(tenant), "currency": "USD", "unit_price": 1}
    return ItemPrice.objects.create(tenant_id=tenant.id, **values).id  # type: ignore[no-any-return]


def a_job(tenant: Tenant) -> UUID:
    values = {"name": "tests.nothing", "actor": "system:test", "run_after": timezone.now()}
    return Job.objects.create(tenant_id=tenant.id, **values).id  # type: ignore[no-any-return]


def a_session(tenant: Tenant) -> UUID:
    client = client_of(make_member(tenant, role="viewer"))
    session = client.get("/api/v2/auth/me").json()["session"]
    return ids.decode("ses", session)


MAKERS: Final[Mapping[str, tuple[str, Callable[[Tenant], UUID]]]] = {
    "session_id": ("ses", a_session),
    "job_id": ("job", a_job),
    "membership_id": ("mem", lambda tenant: make_member(tenant, role="viewer").id),
    "totp_id": ("otp", lambda tenant: make_totp(make_member(tenant, role="viewer"))),
    "passkey_id": ("pky", lambda tenant: make_passkey(make_member(tenant, role="viewer"))),
    "role_id": ("rol", lambda tenant: make_role(tenant).id),
    "invitation_id": ("ivt", lambda tenant: make_invitation(tenant).id),
    "api_key_id": ("key", lambda tenant: make_key(tenant).key.id),
    "invoice_id": ("inv", lambda _: an_invoice()),
    "customer_id": ("cus", lambda _: make_customer().id),
    "vendor_id": ("ven", lambda _: make_vendor().id),
    "contact_id": ("con", lambda _: make_contact(make_customer().id).id),
    "item_id": ("itm", an_item),
    "item_price_id": ("prc", an_item_price),
    "legal_entity_id": ("le", lambda _: make_legal_entity().id),
    "period_lock_id": ("lck", lambda _: make_period_lock().id),
    "series_id": ("ser", lambda _: make_series(make_legal_entity()).id),
    "tax_rate_id": ("tax", a_tax_rate),
    "payment_id": ("pay", lambda _: a_payment()),
    "allocation_id": ("alo", lambda _: an_allocation()),
    "write_off_id": ("wof", lambda _: a_write_off()),
    "exchange_rate_id": ("fxr", lambda _: a_rate().id),
}


@dataclass
class Side:
    """One tenant with a member in every role and one record of every kind, made when asked for."""

    tenant: Tenant
    members: dict[str, Membership] = field(default_factory=dict)
    records: dict[str, str] = field(default_factory=dict)

    def client(self, role: str) -> ApiClient:
        """A new session each time: some of the calls end theirs."""
        if role not in self.members:
            self.members[role] = make_member(self.tenant, role=role)
        return client_of(self.members[role])

    def record(self, parameter: str) -> str:
        if parameter not in self.records:
            prefix, make = MAKERS[parameter]
            with scope_of(self.tenant):
                self.records[parameter] = ids.encode(prefix, make(self.tenant))
        return self.records[parameter]


@pytest.fixture(scope="module")
def ours() -> Side:
    return Side(make_tenant("acme"))


@pytest.fixture(scope="module")
def theirs() -> Side:
    return Side(make_tenant("globex"))


def call(client: ApiClient, row: Row, version: str, record: str = "") -> Any:
    path = f"/api/{version}/{row.path.format(**{row.parameter: record}) if row.parameter else row.path}"
    return client.generic(row.method, path, "{}", content_type="application/json")


def stored(side: Side) -> list[tuple[str, int]]:
    """Every row of the tenant that a call could change, with the transaction that wrote it last."""
    found = []
    with scope_of(side.tenant), connection.cursor() as cursor:
        for model in all_models():
            table = model._meta.db_table
            cursor.execute(f"SELECT '{table} ' || id, xmin::text FROM {table} ORDER BY 1")
            found += cursor.fetchall()
    return found


def all_models() -> list[type[TenantModel]]:
    """The tables of business: those of the floor change with every login."""
    models = apps.get_app_config("invoicing").get_models()
    return [model for model in models if issubclass(model, TenantModel)]


def test_the_table_and_the_tree_are_the_same() -> None:
    tree = {f"{method} {route}" for route, view in routes() for method in methods_of(view)}
    table = {
        f"{row.method} {version}/{row.path}"
        for row in ROWS
        for version in ("v1", "v2")
        if ONLY.get(row.path, version) == version
    }
    assert sorted(tree - table) == [], "add the route to the table, with those it is for"
    assert sorted(table - tree) == [], "the table has rows without a route"


def test_every_view_says_what_it_demands() -> None:
    assert [(route, fault) for route, view in whole_tree() for fault in faults_of(route, view)] == []


def test_what_is_public_is_so_in_the_table_only() -> None:
    declared = {route for route, view in routes() if getattr(view, "public", False)}
    known = {f"{version}/{row.path}" for row in ROWS for version in ("v1", "v2") if row.who == PUBLIC}
    assert declared <= known


@pytest.mark.parametrize(("row", "version"), GUARDED)
def test_without_a_login_nobody_gets_in(row: Row, version: str, ours: Side) -> None:
    record = ours.record(row.parameter) if row.parameter else ""
    before = stored(ours)
    answer = call(ApiClient(), row, version, record)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert stored(ours) == before


@pytest.mark.parametrize(("row", "version"), GUARDED)
def test_a_role_gets_in_where_the_table_says_so_and_nowhere_else(row: Row, version: str, ours: Side) -> None:
    for role in ROLES.values():
        if row.parameter == "session_id":
            ours.records.pop("session_id", None)
        record = ours.record(row.parameter) if row.parameter else ""
        before = stored(ours)
        answer = call(ours.client(role), row, version, record)
        if row.allows(role):
            assert answer.status_code not in (401, 403, 405, 500), (role, answer.content)
            if row.method == "DELETE":
                ours.records.pop(row.parameter)
        else:
            assert answer.status_code == 403, (role, answer.content)
            assert stored(ours) == before


@pytest.mark.parametrize(("row", "version"), WITH_RECORD)
def test_a_foreign_record_looks_missing_to_every_role(
    row: Row, version: str, ours: Side, theirs: Side
) -> None:
    foreign = theirs.record(row.parameter)
    missing = ids.encode(foreign.partition("_")[0], ids.uuid7())
    before = stored(theirs)
    for role in ROLES.values():
        of_theirs, of_nobody = (call(ours.client(role), row, version, each) for each in (foreign, missing))
        assert of_theirs.status_code == of_nobody.status_code == 404, (role, of_theirs.content)
        assert shape(of_theirs) == shape(of_nobody)
    assert stored(theirs) == before


@pytest.mark.parametrize(("row", "version"), WITH_RECORD)
def test_a_malformed_id_looks_missing(row: Row, version: str, ours: Side) -> None:
    for role in ("admin", "viewer"):
        client = ours.client(role)
        for malformed in MALFORMED:
            assert call(client, row, version, malformed).status_code in (400, 404), (role, malformed)


def shape(answer: Any) -> dict[str, Any]:
    """An answer without what names the request."""
    return {name: value for name, value in answer.json().items() if name not in ("instance", "timestamp")}
