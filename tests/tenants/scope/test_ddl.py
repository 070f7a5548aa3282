"""What the migration operations put into the database, seen as the roles that must not get past it."""

from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connections, models
from django.test.utils import isolate_apps

from invoicing.models import LegalEntity
from tenants.ddl import PlatformAccess, TenantTable
from tenants.models import Membership, Tenant, TenantModel
from tests.factories import scope_of, unique
from tests.factories.invoicing import make_customer, make_legal_entity

# A copy of one of globex's series, pointing at the same legal entity, in the name of another tenant.
COPY_SERIES = """
    INSERT INTO invoicing_series
    SELECT (jsonb_populate_record(series, jsonb_build_object(
        'id', uuidv7(), 'tenant_id', %s::uuid, 'code', %s::text, 'is_default', false))).*
    FROM invoicing_series series WHERE legal_entity_id = %s LIMIT 1
"""


def as_owner(statement: str, *parameters: Any) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, parameters)


@pytest.fixture
def their_entity(globex: Tenant) -> LegalEntity:
    with scope_of(globex):
        return make_legal_entity()


def test_a_composite_key_refuses_another_tenants_row_even_to_the_owner(
    acme: Tenant, globex: Tenant, their_entity: LegalEntity
) -> None:
    as_owner(COPY_SERIES, globex.id, unique("X"), their_entity.id)
    with pytest.raises(IntegrityError, match="legal_entity_id_tenant_fk"):
        as_owner(COPY_SERIES, acme.id, unique("X"), their_entity.id)


def test_two_tenants_may_hold_the_same_id_because_the_key_begins_with_the_tenant(
    acme: Tenant, their_entity: LegalEntity
) -> None:
    with scope_of(acme):
        twin = LegalEntity.objects.create(
            tenant_id=acme.id, id=their_entity.id, name="twin", country="FR", currency="EUR"
        )
        assert LegalEntity.objects.get(id=their_entity.id).name == "twin"
        twin.delete()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM invoicing_legalentity WHERE id = %s", [their_entity.id])
        assert cursor.fetchone() == (1,), "deleting ours must leave theirs"


def test_a_row_of_a_tenant_that_does_not_exist_is_refused(their_entity: LegalEntity) -> None:
    with pytest.raises(IntegrityError):
        as_owner(COPY_SERIES, "01920000-0000-7000-8000-000000000000", unique("X"), their_entity.id)


@pytest.mark.parametrize("statement", ["SELECT * FROM invoicing_customer", "SELECT * FROM tenants_apikey"])
def test_the_platform_role_reaches_only_what_is_listed(acme: Tenant, statement: str) -> None:
    with scope_of(acme):
        make_customer()
        cursor = connections["platform"].cursor()
        with cursor, pytest.raises(ProgrammingError, match="permission denied"):
            cursor.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE invoicing_customer",
        "ALTER TABLE invoicing_customer DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE invoicing_customer NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY tenant_isolation ON invoicing_customer",
        "CREATE POLICY more ON invoicing_customer USING (true)",
        "ALTER TABLE invoicing_invoice DISABLE TRIGGER ALL",
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET ROLE owner",
        "SET ROLE platform",
        "SET session_replication_role = replica",
        "COPY invoicing_customer TO PROGRAM 'cat'",
    ],
)
def test_the_app_role_cannot_take_the_guards_away(acme: Tenant, statement: str) -> None:
    cursor = connections["default"].cursor()
    with scope_of(acme), cursor, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        cursor.execute(statement)


def test_row_security_cannot_be_switched_off_to_see_more(acme: Tenant, globex: Tenant) -> None:
    with scope_of(globex):
        make_customer()
    with scope_of(acme), connections["default"].cursor() as cursor:
        cursor.execute("SET row_security = off")
        try:
            with pytest.raises(ProgrammingError, match="row-level security"):
                cursor.execute("SELECT * FROM invoicing_customer")
        finally:
            cursor.execute("RESET row_security")


@isolate_apps("tests")
def test_a_table_whose_references_are_all_optional_still_names_an_existing_tenant() -> None:
    class Note(TenantModel):
        public_prefix = "nte"
        tenant = models.ForeignKey(Tenant, models.PROTECT, db_constraint=False, related_name="+")
        about = models.ForeignKey(
            Membership, models.DO_NOTHING, null=True, db_constraint=False, related_name="+"
        )

        class Meta(TenantModel.Meta):
            app_label = "tests"
            db_table = "note"

    statements = " ".join(TenantTable("Note").statements(Note))
    assert "FOREIGN KEY (tenant_id, about_id) REFERENCES tenants_membership (tenant_id, id)" in statements
    assert "FOREIGN KEY (tenant_id) REFERENCES tenants_tenant (id)" in statements


def test_the_operations_describe_and_repeat_themselves() -> None:
    for operation in (TenantTable("Note", rights="SELECT"), PlatformAccess("Note", "SELECT")):
        name, arguments, keywords = operation.deconstruct()
        again = {"TenantTable": TenantTable, "PlatformAccess": PlatformAccess}[name](*arguments, **keywords)
        assert again.deconstruct() == operation.deconstruct()
        assert "Note" in operation.describe()
