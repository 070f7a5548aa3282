"""Tickets that open sockets."""

import django.db.models.deletion
import django.db.models.manager
import tenants.ids
from django.db import migrations, models

from tenants.ddl import PlatformAccess, TenantTable

RESOLVE_SOCKET_TICKET = """
CREATE FUNCTION resolve_socket_ticket(wanted bytea)
    RETURNS TABLE (id uuid, tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT t.id, t.tenant_id FROM public.tenants_socketticket t WHERE t.digest = wanted $$;
REVOKE ALL ON FUNCTION resolve_socket_ticket(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve_socket_ticket(bytea) TO app;
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0009_sso_invitation")]

    operations = [
        migrations.CreateModel(
            name="SocketTicket",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("digest", models.BinaryField(max_length=32)),
                ("expires_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="tenants.session",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "all_objects",
                "indexes": [
                    models.Index(fields=["digest"], name="tenants_socketticket_resolve"),
                    models.Index(fields=["expires_at"], name="tenants_socketticket_expiry"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "digest"), name="tenants_socketticket_digest")
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        TenantTable("SocketTicket"),
        PlatformAccess("SocketTicket", "SELECT, DELETE"),
        migrations.RunSQL(RESOLVE_SOCKET_TICKET, migrations.RunSQL.noop),
    ]
