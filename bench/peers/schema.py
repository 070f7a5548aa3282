"""The peers' tables: ours with our rules where a benchmark wants them, the others bare."""

from django.apps import apps
from django.db import connections

from audit import triggers
from tenants.ddl import TenantTable
from tenants.managers import TenantManager

AUDIT_LOG = """
CREATE TABLE bench_auditlog (
    id uuid PRIMARY KEY, tenant_id uuid NOT NULL, created_at timestamptz NOT NULL, actor text NOT NULL,
    operation text NOT NULL, entity_type text NOT NULL, record_id text NOT NULL, new_values jsonb NOT NULL
);
GRANT SELECT, INSERT ON bench_auditlog TO app;
"""


def create() -> None:
    """Make them in databases that have none yet; our two under row-level security, one with triggers."""
    owner = connections["owner"]
    with owner.schema_editor() as editor:
        for model in apps.get_app_config("bench_peers").get_models():
            if not model._meta.managed:
                continue
            editor.create_model(model)
            table = model._meta.db_table
            if isinstance(model._default_manager, TenantManager):
                for statement in TenantTable(model.__name__).statements(model):
                    editor.execute(statement)
            else:
                editor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO app")
    triggers.reconcile(using=owner.alias)
    with connections["audit_owner"].cursor() as cursor:
        cursor.execute(AUDIT_LOG)
