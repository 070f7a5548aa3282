"""Every way past a manager that Django offers, tried against each layer alone.

The victim is a customer of globex; acme tries. What must hold whichever layer is off: nothing of the
victim is returned, no row of globex is changed, none is added to globex or taken from it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.db.models import Count, F

from invoicing.models import Customer, LegalEntity, Series
from tenants import scope
from tenants.managers import ForeignTenantWrite
from tenants.models import Tenant
from tests.factories import make_tenant, scope_of, unique
from tests.factories.invoicing import make_customer, make_legal_entity
from tests.isolation import layers
from tests.isolation.layers import Layer

REFUSALS = (ForeignTenantWrite, DatabaseError, Customer.DoesNotExist, LegalEntity.DoesNotExist)


@dataclass(frozen=True)
class Stage:
    """Who tries, and whom; `secret` is the victim's name."""

    acme: Tenant
    globex: Tenant
    ours: Customer
    victim: Customer
    our_entity: LegalEntity
    their_entity: LegalEntity
    secret: str


@pytest.fixture(params=list(Layer), ids=str)
def layer(request: pytest.FixtureRequest, unprotected: str) -> Iterator[Layer]:
    with layers.only(request.param, unprotected):
        yield request.param


@pytest.fixture
def stage(layer: Layer) -> Stage:
    del layer
    acme, globex = make_tenant("acme"), make_tenant("globex")
    secret = unique("secret")
    with scope_of(globex):
        victim, theirs = make_customer(name=secret), make_legal_entity(name=secret)
    with scope_of(acme):
        ours, entity = make_customer(name="ours"), make_legal_entity(name="ours")
    return Stage(acme, globex, ours, victim, entity, theirs, secret)


def digest_of(tenant: Tenant) -> list[tuple[Any, ...]]:
    """Every column of the tenant's customers and series, read as the owner."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT c::text FROM invoicing_customer c WHERE tenant_id = %(tenant)s"
            " UNION ALL SELECT s::text FROM invoicing_series s WHERE tenant_id = %(tenant)s ORDER BY 1",
            {"tenant": tenant.id},
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def a_customer(tenant: Tenant) -> Customer:
    return Customer(tenant_id=tenant.id, name="intruder", country="FR", reference=unique("C"))


def moved(stage: Stage) -> Customer:
    ours: Customer = Customer.objects.get(id=stage.ours.id)
    ours.tenant_id = stage.globex.id
    return ours


def a_copy_of_the_victim(stage: Stage, **changes: Any) -> Customer:
    """An instance made by hand, as a deserializer or an unpickled cache entry would make it."""
    values = {field.attname: getattr(stage.victim, field.attname) for field in Customer._meta.concrete_fields}
    copy = Customer(**(values | changes))
    copy._state.adding = False
    return copy


def save_a_copy(stage: Stage) -> None:
    a_copy_of_the_victim(stage, name="overwritten").save()


def save_a_copy_as_ours(stage: Stage) -> None:
    """Same id, our tenant: becomes a row of ours or nothing, never a change of theirs."""
    a_copy_of_the_victim(stage, name="overwritten", tenant_id=stage.acme.id).save()


def save_fields_of_a_copy(stage: Stage) -> None:
    a_copy_of_the_victim(stage, name="overwritten").save(update_fields=["name"])


def bulk_update_a_copy(stage: Stage) -> None:
    Customer.objects.bulk_update([a_copy_of_the_victim(stage, name="overwritten")], ["name"])


def bulk_update_the_tenant(stage: Stage) -> None:
    Customer.objects.bulk_update([moved(stage)], ["tenant"])


def follow_a_forged_key(stage: Stage) -> Any:
    forged = Series(tenant_id=stage.acme.id, legal_entity_id=stage.their_entity.id)
    return forged.legal_entity.name


def point_at_their_row(stage: Stage) -> Any:
    series = Series.objects.filter(legal_entity_id=stage.our_entity.id)
    series.update(legal_entity_id=stage.their_entity.id)
    return [one.legal_entity.name for one in Series.objects.select_related("legal_entity")]


def create_pointing_at_their_row(stage: Stage) -> Any:
    Series.objects.create(
        tenant_id=stage.acme.id,
        legal_entity_id=stage.their_entity.id,
        document_type="invoice",
        code=unique("X"),
        pattern="X-{number}",
        reset="never",
    )
    return [one.legal_entity.name for one in Series.objects.select_related("legal_entity")]


def read_a_copy_again(stage: Stage) -> str:
    copy = a_copy_of_the_victim(stage, name="")
    copy.refresh_from_db()
    return copy.name


READS: dict[str, Callable[[Stage], Any]] = {
    "get": lambda stage: Customer.objects.get(id=stage.victim.id).name,
    "filter by name": lambda stage: list(Customer.objects.filter(name=stage.secret).values()),
    "all": lambda _: list(Customer.objects.values_list("name", flat=True)),
    "all with the inactive": lambda _: list(Customer.all_objects.values_list("name", flat=True)),
    "base manager": lambda _: list(Customer._base_manager.values_list("name", flat=True)),
    "in_bulk": lambda stage: [c.name for c in Customer.objects.in_bulk([stage.victim.id]).values()],
    "forward key": follow_a_forged_key,
    "refresh_from_db": read_a_copy_again,
    "select_related": lambda _: [
        one.legal_entity.name for one in Series.objects.select_related("legal_entity")
    ],
    "join filter": lambda stage: list(
        Series.objects.filter(legal_entity__name=stage.secret).values("legal_entity__name")
    ),
    "prefetch": lambda _: [one.legal_entity.name for one in Series.objects.prefetch_related("legal_entity")],
    "aggregate": lambda stage: (
        "secret" * Customer.objects.filter(name=stage.secret).aggregate(n=Count("id"))["n"]
    ),
    "exists": lambda stage: "secret" * Customer.objects.filter(id=stage.victim.id).exists(),
    "count": lambda _: "secret" * (Customer.objects.count() - 1),
    "union": lambda _: list(Customer.objects.values("name").union(LegalEntity.objects.values("name"))),
    "subquery": lambda stage: list(
        Customer.objects.filter(id__in=Customer.all_objects.filter(name=stage.secret)).values("name")
    ),
    "iterator": lambda _: [customer.name for customer in Customer.objects.iterator(chunk_size=1)],
    "point at their row": point_at_their_row,
    "create pointing at their row": create_pointing_at_their_row,
}

WRITES: dict[str, Callable[[Stage], Any]] = {
    "create": lambda stage: Customer.objects.create(
        tenant_id=stage.globex.id, name="intruder", country="FR", reference=unique("C")
    ),
    "save new": lambda stage: a_customer(stage.globex).save(),
    "save new through the base manager": lambda stage: Customer._base_manager.create(
        tenant_id=stage.globex.id, name="intruder", country="FR", reference=unique("C")
    ),
    "bulk_create": lambda stage: Customer.objects.bulk_create(
        [a_customer(stage.acme), a_customer(stage.globex)]
    ),
    "bulk_create upsert": lambda stage: Customer.objects.bulk_create(
        [a_copy_of_the_victim(stage, name="overwritten")],
        update_conflicts=True,
        update_fields=["name"],
        unique_fields=["tenant", "id"],
    ),
    "get_or_create": lambda stage: Customer.objects.get_or_create(
        tenant_id=stage.globex.id, name=stage.secret, defaults={"country": "FR"}
    ),
    "update_or_create": lambda stage: Customer.objects.update_or_create(
        tenant_id=stage.globex.id, id=stage.victim.id, defaults={"name": "overwritten"}
    ),
    "update by id": lambda stage: Customer.objects.filter(id=stage.victim.id).update(name="overwritten"),
    "update all": lambda _: Customer.all_objects.update(city="overwritten"),
    "update the tenant": lambda stage: Customer.objects.update(tenant=stage.globex),
    "update the tenant by id": lambda stage: Customer.objects.update(tenant_id=stage.globex.id),
    "update the tenant by expression": lambda _: Customer.objects.update(tenant=F("tenant")),
    "save moved": lambda stage: moved(stage).save(),
    "save only the tenant": lambda stage: moved(stage).save(update_fields=["tenant"]),
    "save a copy": save_a_copy,
    "save a copy as ours": save_a_copy_as_ours,
    "save fields of a copy": save_fields_of_a_copy,
    "bulk_update a copy": bulk_update_a_copy,
    "bulk_update the tenant": bulk_update_the_tenant,
    "delete by id": lambda stage: Customer.all_objects.filter(id=stage.victim.id).delete(),
    "delete all": lambda _: Customer.all_objects.all().delete(),
    "delete a copy": lambda stage: a_copy_of_the_victim(stage).delete(),
    "delete a copy as ours": lambda stage: a_copy_of_the_victim(stage, tenant_id=stage.acme.id).delete(),
    "raw delete": lambda stage: Customer.objects.filter(id=stage.victim.id)._raw_delete("default"),
    "lock": lambda stage: list(Customer.objects.filter(id=stage.victim.id).select_for_update()),
}

# Hand-written SQL passes the managers by: only the database can hold it, and the architecture tests keep
# it where each statement carries its tenant.
RAW: dict[str, Callable[[Stage], Any]] = {
    "raw": lambda _: [customer.name for customer in Customer.objects.raw("SELECT * FROM invoicing_customer")],
    "cursor": lambda _: sql("SELECT name FROM invoicing_customer"),
    "update": lambda _: sql("UPDATE invoicing_customer SET city = 'overwritten' RETURNING name"),
    "delete": lambda stage: sql(
        "DELETE FROM invoicing_customer WHERE id = %s RETURNING name", stage.victim.id
    ),
    "tenants": lambda stage: sql("SELECT slug FROM tenants_tenant WHERE id <> %s", stage.acme.id),
}


def sql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def attempt(work: Callable[[Stage], Any], stage: Stage) -> Any:
    """What `work` gets to see as acme; a refusal counts as nothing seen."""
    try:
        with scope_of(stage.acme), transaction.atomic():
            return work(stage)
    except REFUSALS as refusal:
        return repr(type(refusal))


@pytest.mark.parametrize("name", READS)
def test_nothing_of_another_tenant_is_read(stage: Stage, name: str) -> None:
    before = digest_of(stage.globex)
    assert "secret" not in repr(attempt(READS[name], stage))
    assert digest_of(stage.globex) == before


@pytest.mark.parametrize("name", WRITES)
def test_nothing_of_another_tenant_is_written(stage: Stage, name: str) -> None:
    before = digest_of(stage.globex)
    assert "secret" not in repr(attempt(WRITES[name], stage))
    assert digest_of(stage.globex) == before


@pytest.mark.parametrize("layer", [Layer.BOTH, Layer.DATABASE], ids=str, indirect=True)
@pytest.mark.parametrize("name", RAW)
def test_raw_sql_is_held_by_the_database(stage: Stage, name: str) -> None:
    before = digest_of(stage.globex)
    seen = repr(attempt(RAW[name], stage))
    assert "secret" not in seen
    assert stage.globex.slug not in seen
    assert digest_of(stage.globex) == before


@pytest.mark.parametrize("layer", [Layer.PYTHON], ids=str, indirect=True)
def test_the_switch_takes_row_level_security_away_indeed(stage: Stage) -> None:
    assert stage.secret in repr(attempt(RAW["raw"], stage))


@pytest.mark.parametrize("layer", [Layer.DATABASE], ids=str, indirect=True)
def test_the_switch_takes_the_managers_away_indeed(stage: Stage) -> None:
    assert "tenant_id" not in str(Customer.objects.all().query).partition("WHERE")[2]
    with scope_of(stage.acme), pytest.raises(DatabaseError):
        Customer.objects.create(tenant_id=stage.globex.id, name="x", country="FR", reference=unique("C"))


def test_outside_a_scope_python_raises(acme: Tenant) -> None:
    for work in (
        lambda: Customer.objects.count(),
        lambda: Customer._base_manager.count(),
        lambda: Customer(tenant_id=acme.id, name="x", country="FR").save(),
        lambda: Customer.objects.bulk_create([Customer(tenant_id=acme.id)]),
        lambda: Customer(tenant_id=acme.id).delete(),
    ):
        with pytest.raises(scope.NoScope):
            work()


def test_outside_a_scope_the_database_shows_no_row_and_refuses_writes(acme: Tenant) -> None:
    with scope_of(acme):
        ours = make_customer()
    with layers.without_python():
        assert Customer.objects.count() == 0
        assert Customer.objects.filter(id=ours.id).update(name="x") == 0
        assert Customer.objects.filter(id=ours.id).delete()[0] == 0
        with pytest.raises(DatabaseError, match="row-level security"):
            Customer.objects.create(tenant_id=acme.id, name="x", country="FR", reference="x")


@pytest.mark.parametrize("layer", [Layer.BOTH, Layer.PYTHON], ids=str, indirect=True)
@pytest.mark.parametrize(
    "name", ["create", "save new", "bulk_create", "update the tenant", "save moved", "delete a copy"]
)
def test_the_managers_name_a_foreign_write_for_what_it_is(stage: Stage, name: str) -> None:
    with scope_of(stage.acme), pytest.raises(ForeignTenantWrite):
        WRITES[name](stage)


def test_ones_own_rows_are_read_written_and_deleted(stage: Stage) -> None:
    with scope_of(stage.acme):
        ours: Customer = Customer.objects.get(id=stage.ours.id)
        ours.name = "renamed"
        ours.save()
        assert Customer.objects.filter(name="renamed").update(city="Paris") == 1
        other = make_customer(name="second")
        other.name = "bulk"
        assert Customer.objects.bulk_update([other], ["name"]) == 1
        assert other.delete() == (1, {"invoicing.Customer": 1})
        assert [(c.name, c.city) for c in Customer.objects.all()] == [("renamed", "Paris")]


def test_a_deactivated_row_is_hidden_by_default_and_kept(acme: Tenant) -> None:
    with scope_of(acme):
        make_customer(name="kept", is_active=False)
        assert not Customer.objects.exists()
        assert Customer.all_objects.get().name == "kept"
