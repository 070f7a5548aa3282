"""Migration operations that put the rules of tenancy into the database.

Django sees a single-column key `id`; the table is keyed `(tenant_id, id)`, so that a foreign key
can carry the tenant and no row can point at another tenant's.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# Evaluated once a statement thanks to the sub-select; an unset or emptied setting matches no row.
CURRENT_TENANT = "(select nullif(current_setting('app.tenant_id', true), '')::uuid)"


class TableOperation(Operation):
    """Runs `statements` for one model, in the database that holds it; Django's state does not change."""

    reduces_to_sql = True
    reversible = False
    atomic = True

    def __init__(self, model: str) -> None:
        self.model = model

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The rules live in the database alone: Django's state does not change."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        apps: Apps = to_state.apps
        model = apps.get_model(app_label, self.model)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        for statement in self.statements(model):
            schema_editor.execute(statement)

    def statements(self, model: type[models.Model]) -> list[str]:
        raise AssertionError("each operation writes its own statements")


class TenantTable(TableOperation):
    """Key `(tenant_id, id)`, composite foreign keys, forced row-level security, rights of `app`.

    Every ForeignKey of the model to another tenant's table must be declared with
    `db_constraint=False`; its constraint is made here. `rights` are those of the role `app`.
    """

    def __init__(self, model: str, rights: str = "SELECT, INSERT, UPDATE, DELETE") -> None:
        super().__init__(model)
        self.rights = rights

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model], {"rights": self.rights})

    def describe(self) -> str:
        return f"Tenant isolation of {self.model}"

    def statements(self, model: type[models.Model]) -> list[str]:
        table = model._meta.db_table
        fields = _tenant_foreign_keys(model)
        foreign_keys = [
            f"ALTER TABLE {table} ADD CONSTRAINT {_constraint_name(table, field)}"
            f" FOREIGN KEY (tenant_id, {field.column})"
            f" REFERENCES {field.related_model._meta.db_table} (tenant_id, id)"
            for field in fields
        ]
        if all(field.null for field in fields):
            # Whoever must point at another row of the tenant inherits the tenant's existence from it.
            foreign_keys += [
                (
                    f"ALTER TABLE {table} ADD CONSTRAINT {table}_tenant_fk FOREIGN KEY (tenant_id)"
                    " REFERENCES tenants_tenant (id)"
                )
            ]
        return [
            f"ALTER TABLE {table} DROP CONSTRAINT {table}_pkey",
            f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (tenant_id, id)",
            *foreign_keys,
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
            f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
            (
                f"CREATE POLICY tenant_isolation ON {table}"
                f" USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT})"
            ),
            f"GRANT {self.rights} ON {table} TO app",
        ]


class PlatformAccess(TableOperation):
    """Let the role `platform` reach all tenants' rows of one table with the given rights."""

    def __init__(self, model: str, rights: str) -> None:
        super().__init__(model)
        self.rights = rights

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model, self.rights], {})

    def describe(self) -> str:
        return f"Cross-tenant access to {self.model} for listed jobs"

    def statements(self, model: type[models.Model]) -> list[str]:
        table = model._meta.db_table
        return [
            f"CREATE POLICY platform_access ON {table} TO platform USING (true) WITH CHECK (true)",
            f"GRANT {self.rights} ON {table} TO platform",
        ]


def _tenant_foreign_keys(model: type[models.Model]) -> list[Any]:
    return [
        field
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and any(other.name == "tenant" for other in field.related_model._meta.fields)
    ]


def _constraint_name(table: str, field: Any) -> str:
    return f"{table}_{field.column}_tenant_fk"
