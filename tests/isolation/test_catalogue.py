"""The databases are as the rules of tenancy want them; and a fault would be found."""

import pytest
from django.db import connections

from tests.isolation import catalogue, layers, surface

FAULTS = {
    "CREATE TABLE planted (id uuid PRIMARY KEY)": "planted has no tenant_id and is not on the list",
    "CREATE TABLE planted (tenant_id uuid NOT NULL, id uuid, PRIMARY KEY (tenant_id, id))": (
        "planted: row-level security is not enabled and forced"
    ),
    "ALTER TABLE invoicing_item NO FORCE ROW LEVEL SECURITY": (
        "invoicing_item: row-level security is not enabled and forced"
    ),
    "ALTER TABLE tenants_user DISABLE ROW LEVEL SECURITY": (
        "tenants_user: row-level security is not enabled and forced"
    ),
    "DROP POLICY tenant_isolation ON invoicing_item": "invoicing_item: no policy with USING for",
    "ALTER POLICY tenant_isolation ON invoicing_item WITH CHECK (true)": (
        "invoicing_item: the policy tenant_isolation lets app pass without the tenant"
    ),
    "CREATE POLICY wide ON invoicing_item FOR SELECT USING (true)": (
        "invoicing_item: the policy wide lets app pass without the tenant"
    ),
    "CREATE UNIQUE INDEX planted ON invoicing_item (id, code)": (
        "invoicing_item: the unique index planted does not begin with tenant_id"
    ),
    "ALTER TABLE invoicing_item DROP CONSTRAINT invoicing_item_pkey CASCADE": (
        "invoicing_item has no primary key"
    ),
    "ALTER TABLE invoicing_series DROP CONSTRAINT invoicing_series_legal_entity_id_tenant_fk": (
        "invoicing_series.legal_entity_id has no foreign key"
    ),
    "ALTER TABLE tenants_job ADD UNIQUE (id), ADD COLUMN job_id uuid REFERENCES tenants_job (id)": (
        "tenants_job: tenants_job_job_id_fkey does not carry the tenant"
    ),
    "GRANT TRUNCATE ON invoicing_item TO app": "invoicing_item: app has ['TRUNCATE'] too much",
    "GRANT SELECT ON procrastinate_jobs TO app": "procrastinate_jobs: app has ['SELECT'] too much",
    "GRANT SELECT ON invoicing_item TO platform": "invoicing_item: platform has ['SELECT'] too much",
    "GRANT UPDATE (password) ON tenants_user TO platform": "tenants_user.password: platform has UPDATE",
    "GRANT SELECT ON audit_pendingentry TO PUBLIC": "audit_pendingentry: app has ['SELECT'] too much",
    "GRANT USAGE ON SEQUENCE audit_sequence TO app": "app may use the sequence audit_sequence",
    "GRANT CREATE ON SCHEMA public TO app": "app may create objects",
    "CREATE VIEW planted AS SELECT * FROM invoicing_item": "the view planted runs as its owner",
    "CREATE MATERIALIZED VIEW planted AS SELECT 1; GRANT SELECT ON planted TO app": (
        "app may read the materialized view planted"
    ),
    "CREATE FUNCTION planted() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'": (
        "planted() runs as the owner and is not on the list"
    ),
    "ALTER FUNCTION resolve_tenant(text) SET search_path = public": (
        "resolve_tenant(wanted text) runs as the owner on a path that a caller can change"
    ),
    "GRANT EXECUTE ON FUNCTION resolve_tenant(text) TO PUBLIC": (
        "resolve_tenant(wanted text) runs as the owner for everybody"
    ),
}


@pytest.mark.parametrize("alias", ["owner", "audit_owner"])
def test_the_catalogue_is_as_it_must_be(alias: str) -> None:
    with connections[alias].cursor() as cursor:
        assert catalogue.all_faults(cursor) == []


@pytest.mark.parametrize("statement", FAULTS)
def test_a_planted_fault_is_found(statement: str) -> None:
    connection = connections["owner"]
    connection.set_autocommit(False)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            found = catalogue.all_faults(cursor)
    finally:
        connection.rollback()
        connection.set_autocommit(True)
    assert any(FAULTS[statement] in fault for fault in found), found


def test_taking_row_level_security_away_is_found_for_every_table(unprotected: str) -> None:
    with layers.using_databases(unprotected), connections["owner"].cursor() as cursor:
        found = list(catalogue.table_faults(cursor))
    assert len([fault for fault in found if "not enabled and forced" in fault]) > 10


def test_every_listed_exception_still_exists() -> None:
    known: set[str] = set()
    functions: set[str] = set()
    for alias in ("owner", "audit_owner"):
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace")
            known |= {row[0] for row in cursor.fetchall()}
            cursor.execute(
                "SELECT proname || '(' || pg_get_function_identity_arguments(oid) || ')' FROM pg_proc"
                " WHERE pronamespace = 'public'::regnamespace"
            )
            functions |= {row[0] for row in cursor.fetchall()}
    listed = {
        *catalogue.WITHOUT_TENANT,
        *catalogue.KEYED_BY_EVENT,
        *catalogue.APP_RIGHTS,
        *catalogue.PLATFORM_RIGHTS,
    }
    assert listed - known == set()
    assert set(catalogue.DEFINERS) - functions == set()


def test_the_surface_is_read_from_the_code() -> None:
    templates = {route.template for route in surface.routes()}
    assert {
        "/api/v1/invoices",
        "/api/v2/invoices",
        "/api/v2/audit/entries",
        "/api/v2/auth/token",
    } <= templates
    assert {"relay", "migrate_all"} <= set(surface.command_names())
    assert surface.job_names()


def test_every_api_route_is_described_so_that_the_sweep_can_fill_its_bodies() -> None:
    undescribed = [
        f"{method} {route.template}"
        for route in surface.routes()
        if route.template.startswith("/api/") and not getattr(route.view, "public", False)
        for method in route.methods
        if method in ("get", "post", "put", "patch", "delete") and method not in route.operations
    ]
    assert undescribed == []
