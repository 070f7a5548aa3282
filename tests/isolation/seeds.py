"""A tenant filled with canaries: rows in every tenant's table, files, cached answers, entries of the trail.

Documents come from the services, because they must add up; every other model is filled field by field, so
a model that is added later is filled too. One that cannot be is an error here, not a gap in the sweep.
"""

import io
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import Error, connections, models, transaction
from django.test.client import ClientHandler
from django.utils import timezone

from audit.models import Entry
from audit.workflows import relay
from invoicing.models import Customer, Invoice, Item, Payment
from invoicing.services import creating
from tenants import capabilities, files, ids
from tenants.models import Membership, Tenant, TenantModel, User
from tenants.web import cookies
from tests.factories import ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.invoicing import a_draft, a_line, make_customer, make_legal_entity
from tests.isolation.canaries import Canaries
from tests.isolation.postings import post_everything

ROWS = 4
ROLES = tuple(capabilities.BUILTIN_ROLES)
SAMPLES: dict[str, Any] = {
    "currency": "EUR",
    "from_currency": "EUR",
    "to_currency": "USD",
    "tax_currency": None,
    "country": "FR",
    "unit_code": "C62",
    "tax_category": "S",
    "tax_rate": 19,
    "rate": 19,
    "category": "S",
    "language": "en",
    "due_rule": {"kind": "end_of_month", "days": 10},
    "time_zone": "Europe/Berlin",
    "pattern": "{number}",
    "reset": "never",
    "role": "viewer",
    "state": None,
    "is_default": False,
    "electronic_address_scheme": "0204",
    "registration_scheme": "",
    "credit_limit": 10**12,
    "credit_limit_currency": "EUR",
    "method": "POST",
    "status": 201,
    "period": "2026",
    "max_attempts": 8,
    # A JSON object, and none that any backend would send anywhere.
    "secrets": "",
}


@dataclass
class Side:
    """One tenant of the sweep. `ids` are public ids by prefix; `known` of them are given to the attacker."""

    tenant: Tenant
    canaries: Canaries
    members: dict[str, Membership] = field(default_factory=dict)
    clients: dict[str, ApiClient] = field(default_factory=dict)
    ids: dict[str, list[str]] = field(default_factory=dict)
    known: set[UUID] = field(default_factory=set)
    cursors: list[str] = field(default_factory=list)
    files: list[UUID] = field(default_factory=list)
    # One for all clients: making one looks through all static files.
    handler: ClientHandler = field(default_factory=lambda: ClientHandler(enforce_csrf_checks=False))

    def client(self, role: str) -> ApiClient:
        """A client of a member with this role; a new session where the last one was ended."""
        if role not in self.clients:
            made = self.clients[role] = client_of(self.members[role])
            sign_in_to_pages(made)
            made.raise_request_exception = False
            made.handler = self.handler
        return self.clients[role]

    def renew(self, role: str) -> None:
        """Another member in this role: the sweep may have ended the last one's session or membership."""
        self.clients.pop(role, None)
        self.members[role] = make_member(self.tenant, role=role, name=self.canaries.word())


def sign_in_to_pages(client: ApiClient) -> None:
    """The login of the API serves the pages too, in cookies."""
    client.cookies[cookies.name_of(cookies.ACCESS)] = client.access
    client.cookies[cookies.name_of(cookies.REFRESH)] = client.refresh


def make_side(name: str) -> Side:
    """A new tenant full of canaries."""
    side = Side(make_tenant(name), Canaries())
    with scope_of(side.tenant):
        Tenant.objects.filter(id=side.tenant.id).update(name=side.canaries.word())
    for role in ROLES:
        side.renew(role)
    populate(side)
    return side


def populate(side: Side) -> None:
    """Add rows to every table of the tenant, deliver its trail, and take down all its ids."""
    canaries = side.canaries
    with scope_of(side.tenant, member=side.members["admin"]):
        User.objects.filter(id=side.members["viewer"].user_id).update(
            name=canaries.word(), email=f"{canaries.word()}@example.test"
        )
        entity = make_legal_entity(name=canaries.word(), iban=canaries.word(), city=canaries.word())
        for model in _ordered():
            if model is not Invoice and not _made_by_services(model):
                for _ in range(ROWS):
                    _fill(model, canaries, side)
        _documents(canaries, entity.id)
        post_everything(canaries, entity.id, rows=ROWS)
        stored = files.store().save(
            io.BytesIO(canaries.word().encode()), content_type="text/plain", name=canaries.word()
        )
        side.files.append(stored.id)
    relay.drain()
    _take_down_ids(side)


def replenish(side: Side) -> None:
    """Fresh drafts for the attacker, whose own deletions would otherwise leave it nothing to work on.

    From here on its ids are those of rows that are there.
    """
    with scope_of(side.tenant, member=side.members["admin"]):
        entity, buyer = make_legal_entity(name=side.canaries.word()), make_customer(name=side.canaries.word())
        drafts = [a_draft(buyer.id, legal_entity=entity.id) for _ in range(2)]
        creating.create_invoices(drafts=drafts)
        for model in _ordered():
            latest = model.objects.order_by("-id").values_list("id", flat=True)[:ROWS]
            if latest:
                side.ids[model.public_prefix] = [ids.encode(model.public_prefix, each) for each in latest]


def lists_of(side: Side) -> list[type[TenantModel]]:
    """The models of which the tenant has no row: none, once it is populated."""
    with scope_of(side.tenant):
        return [model for model in _ordered() if not model._base_manager.exists()]


def digest_of(side: Side) -> dict[str, str]:
    """A digest of all rows of the tenant by table, read as the owner from both databases.

    Events of the trail are left out, and the count of refused logins: one at a tenant's door is that
    tenant's.
    """
    digests = {}
    for alias in ("owner", "audit_owner"):
        with connections[alias].cursor() as cursor:
            cursor.execute(
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid"
                " WHERE a.attname = 'tenant_id' AND c.relkind IN ('r', 'p')"
                " AND c.relnamespace = 'public'::regnamespace"
            )
            for (table,) in cursor.fetchall():
                if table == "tenants_loginguard":
                    continue
                rows = (
                    " AND operation IN ('insert', 'update', 'delete')" if table.startswith("audit_") else ""
                )
                cursor.execute(
                    "SELECT count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' ORDER BY t::text)), '')"
                    f" FROM {table} t WHERE tenant_id = %s{rows}",
                    [side.tenant.id],
                )
                digests[table] = cursor.fetchone()[0]
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT t::text FROM tenants_tenant t WHERE id = %s", [side.tenant.id])
        digests["tenants_tenant"] = cursor.fetchone()[0]
        cursor.execute(
            "SELECT md5(string_agg(u::text, '|' ORDER BY id)) FROM tenants_user u WHERE id IN"
            " (SELECT user_id FROM tenants_membership WHERE tenant_id = %s)",
            [side.tenant.id],
        )
        digests["tenants_user"] = cursor.fetchone()[0]
    return digests


def _ordered() -> list[type[TenantModel]]:
    """Every model of a tenant, those that others refer to first."""
    todo = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    done: list[type[TenantModel]] = []
    while todo:
        ready = [model for model in todo if _is_ready(model, done)]
        done += ready
        todo = [model for model in todo if model not in ready]
    return done


def _is_ready(model: type[TenantModel], done: list[type[TenantModel]]) -> bool:
    """Whether what a row must refer to is there; a row that may refer to anything waits for all of it."""
    others = [
        field
        for field in _references(model)
        if issubclass(field.related_model, TenantModel) and field.related_model is not model
    ]
    needed = [field for field in others if not field.null] or others
    return all(field.related_model in done for field in needed)


def _made_by_services(model: type[TenantModel]) -> bool:
    """Lines, counters and whatever else hangs on a document or a payment comes with it."""
    return (
        model is Payment
        or any(field.related_model is Invoice for field in _references(model))
        or model.__name__.endswith("Counter")
    )


def _references(model: type[models.Model]) -> list[Any]:
    return [one for one in model._meta.concrete_fields if one.is_relation and one.name != "tenant"]


def _documents(canaries: Canaries, entity: UUID) -> None:
    customer, item = Customer.objects.order_by("?")[0], Item.objects.order_by("?")[0]
    for issue in (False, True):
        drafts = []
        for _ in range(ROWS):
            draft = a_draft(
                customer.id,
                lines=[a_line("1", str(canaries.number())) for _ in range(2)],
                payment_terms=canaries.word(),
                legal_entity=entity,
            )
            lines = tuple(type(line)(canaries.word(), line.unit_code, item.id) for line in draft.lines)
            drafts.append(type(draft)(**{**_shallow(draft), "lines": lines}))
        creating.create_invoices(drafts=drafts, issue=issue)


def _shallow(draft: Any) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in draft.__slots__}


def _fill(model: type[TenantModel], canaries: Canaries, side: Side) -> None:
    values = {
        one.attname if one.is_relation else one.name: _value(one, canaries)
        for one in model._meta.concrete_fields
        if not (one.primary_key or one.name in ("tenant", "created_at", "updated_at"))
    }
    values = {name: value for name, value in values.items() if value is not models.NOT_PROVIDED}
    if {"customer_id", "vendor_id"} <= values.keys():
        # A row of a party is of one party.
        del values["vendor_id"]
    try:
        with transaction.atomic():
            model._base_manager.create(tenant_id=side.tenant.id, **values)
    except Error as error:
        if not model._base_manager.exists():
            raise AssertionError(f"the sweep needs a row of {model._meta.label}: {error}") from error


def _value(one: Any, canaries: Canaries) -> Any:
    if one.name in ("merged_into", "merged_at"):
        return None
    if one.is_relation:
        if one.related_model is User:
            # A user has one membership a tenant: of a new one there must be a person without.
            return _person(canaries)
        found = one.related_model._base_manager.order_by("?").first()
        return None if found is None else found.pk
    if one.name in SAMPLES and (SAMPLES[one.name] is not None or one.null):
        return SAMPLES[one.name]
    if one.choices or isinstance(one, models.BooleanField):
        return models.NOT_PROVIDED if one.has_default() else (one.choices or [(True, "")])[0][0]
    return _plain_value(one, canaries)


def _person(canaries: Canaries) -> UUID:
    user = User(name=canaries.word(), email=f"{canaries.word()}@example.test", password="!")
    user.save(force_insert=True)
    return user.id


def _plain_value(one: Any, canaries: Canaries) -> Any:
    if isinstance(one, models.EmailField):
        return f"{canaries.word()}@example.test"
    if isinstance(one, models.CharField | models.TextField):
        fits = one.max_length is None or one.max_length >= len("cnry0000000000")
        return canaries.word() if fits else ("" if one.blank else "x")
    if isinstance(one, models.BinaryField):
        return canaries.word().encode()
    if isinstance(one, models.JSONField):
        return _json_value(one, canaries)
    if isinstance(one, models.DecimalField):
        return canaries.number()
    if isinstance(one, models.DateTimeField):
        return timezone.now() + timedelta(hours=1)
    if isinstance(one, models.DateField):
        return timezone.now().date()
    if isinstance(one, models.GenericIPAddressField):
        return "192.0.2.1"
    return models.NOT_PROVIDED if one.has_default() or one.null else 1


def _json_value(one: Any, canaries: Canaries) -> Any:
    if one.name == "bank_accounts":
        return [{"iban": canaries.word(), "bic": None, "name": canaries.word()}]
    if one.name == "delivery_address":
        return {"city": canaries.word(), "country": "FR"}
    if one.name == "error":
        return {"code": "refused", "detail": canaries.word()}
    if one.name == "recipients":
        return [canaries.word()]
    return [] if one.get_default() == [] else {"note": canaries.word()}


def _take_down_ids(side: Side) -> None:
    """All ids of the tenant; of each kind the older half is what the attacker knows."""
    with scope_of(side.tenant):
        for model in _ordered():
            found = list(model._base_manager.order_by("id").values_list("id", flat=True))
            side.canaries.ids.update(found)
            _know(side, model.public_prefix, found)
        entries = list(Entry.objects.order_by("event_id").values_list("event_id", flat=True))
        side.canaries.ids.update(entries)
        _know(side, Entry.public_prefix, entries)
        people = list(Membership.all_objects.order_by("id").values_list("user_id", flat=True))
        side.canaries.ids.update(people)
        _know(side, User.public_prefix, people)
    side.canaries.ids.add(side.tenant.id)
    _know(side, Tenant.public_prefix, [side.tenant.id])
    side.known.update(side.files)


def _know(side: Side, prefix: str, found: list[UUID]) -> None:
    known = found[: max(1, len(found) // 2)]
    if prefix not in side.ids:
        side.ids[prefix] = [ids.encode(prefix, each) for each in known]
        side.known.update(known)
