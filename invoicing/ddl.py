"""Migration operations that put rules of invoicing into the database."""

from typing import Any

from django.db import models

from tenants.ddl import CURRENT_TENANT, TableOperation

# A pair is indexed together with its tenant, so that a look-up meets no other tenant's rows on its way.
# The built-in constructor is only STABLE because it takes any type; of texts it is immutable.
TENANT_METADATA = """
CREATE FUNCTION invoicing_tenant_metadata(tenant uuid, metadata jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT pg_catalog.jsonb_build_object(tenant::text, metadata)
$$;
"""

# The pair says whose it is; without metadata wanted nothing is asked.
_FINDER = """
CREATE FUNCTION {table}_with_metadata(wanted jsonb) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT id FROM public.{table} WHERE metadata <> '{{}}'::jsonb
        AND public.invoicing_tenant_metadata(tenant_id, metadata)
            @> public.invoicing_tenant_metadata({tenant}, wanted)
$$;
"""


class MetadataIndex(TableOperation):
    """The index over a table's metadata, and the function through which a list asks it.

    Row-level security lets no operator look at a row before the policy has, unless it is leakproof, and
    no GIN operator is: the role `app` could never use the index. So the owner asks, for the current
    tenant alone, and hands out ids; the rows are then read under the policies as ever. Rows without
    metadata are not in the index and cost nothing when they are written.
    """

    def describe(self) -> str:
        return f"Index of the metadata of {self.model}"

    def deconstruct(self) -> tuple[str, list[str], dict[str, str]]:
        return (type(self).__name__, [self.model], {})

    def statements(self, model: type[models.Model]) -> list[str]:
        table = model._meta.db_table
        function = f"{table}_with_metadata(jsonb)"
        return [
            (
                f"CREATE INDEX {table}_metadata ON {table}"
                " USING gin (invoicing_tenant_metadata(tenant_id, metadata) jsonb_path_ops)"
                " WHERE metadata <> '{}'::jsonb"
            ),
            _FINDER.format(table=table, tenant=CURRENT_TENANT),
            f"REVOKE ALL ON FUNCTION {function} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {function} TO app",
        ]


# What a member is held to, asked for once a statement; null, and so everything, for whoever is not held.
_HELD = "(select nullif(current_setting('app.legal_entities', true), '')::uuid[])::uuid[]"


class HeldTable(TableOperation):
    """Rows of legal entities an actor is not held to are not there: not read, not written (restrictive).

    `through` are the foreign keys by which a row belongs to a legal entity: the one to it, "id" for the
    legal entity itself, or those to rows that are held; where there are several, one that is seen will
    do, as all are of one legal entity. Through others a row is not checked when it is inserted: it may
    come in one statement with what it belongs to, which is checked.
    """

    def __init__(self, model: str, through: tuple[str, ...] = ("legal_entity",)) -> None:
        super().__init__(model)
        self.through = through

    def describe(self) -> str:
        return f"Rows of {self.model} are held to legal entities"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (type(self).__name__, [self.model], {"through": self.through})

    def statements(self, model: type[models.Model]) -> list[str]:
        table = model._meta.db_table
        if self.through in (("id",), ("legal_entity",)):
            field: Any = model._meta.get_field(self.through[0])
            held = f"coalesce({field.column} = ANY ({_HELD}), true)"
            policy = f"CREATE POLICY held_to_legal_entities ON {table} AS RESTRICTIVE TO app"
            return [f"{policy} USING ({held}) WITH CHECK ({held})"]
        owners = " OR ".join(_seen(table, model._meta.get_field(name)) for name in self.through)
        return [
            f"CREATE POLICY held_to_legal_entities_{command.lower()} ON {table} AS RESTRICTIVE"
            f" FOR {command} TO app USING ({_HELD} IS NULL OR {owners})"
            for command in ("SELECT", "UPDATE", "DELETE")
        ]


def _seen(table: str, field: Any) -> str:
    owner = field.related_model._meta.db_table
    return (
        f"EXISTS (SELECT FROM {owner} held WHERE held.tenant_id = {table}.tenant_id"
        f" AND held.id = {table}.{field.column})"
    )
