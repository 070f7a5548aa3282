"""When keys were used, failures by place, invitations found by their token, and nobody's tenant."""

import django.db.models.deletion
import django.db.models.manager
import tenants.ids
from django.db import migrations, models

from tenants.ddl import TenantTable


RESOLVE_INVITATION = """
CREATE FUNCTION resolve_invitation(wanted bytea)
    RETURNS TABLE (id uuid, tenant_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$ SELECT i.id, i.tenant_id FROM public.tenants_invitation i WHERE i.digest = wanted $$;
REVOKE ALL ON FUNCTION resolve_invitation(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION resolve_invitation(bytea) TO app;
"""

# Failed logins under a name that no tenant has are counted like all others, and need a tenant to be
# counted in: this one has a slug that nobody can choose, no members, and is switched off.
NOBODY = """
INSERT INTO tenants_tenant (id, slug, name, time_zone, is_active, plan, auth_backend,
    access_token_minutes, refresh_token_days, login_lifetime_hours, created_at, updated_at)
VALUES ('00000000-0000-0000-0000-000000000000', '-', '', 'UTC', false, 'standard', 'password',
    15, 7, 1, now(), now())
ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0005_identity_isolation"),
    ]

    operations = [
        migrations.CreateModel(
            name="ApiKeyUse",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("last_used_at", models.DateTimeField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="loginguard",
            name="tenants_loginguard_name",
        ),
        migrations.RemoveField(
            model_name="apikey",
            name="last_used_at",
        ),
        migrations.AddField(
            model_name="loginguard",
            name="place",
            field=models.BinaryField(default=bytes, max_length=32),
        ),
        migrations.AddField(
            model_name="outgoingmail",
            name="is_confidential",
            field=models.BooleanField(default=False),
        ),
        migrations.AddConstraint(
            model_name="loginguard",
            constraint=models.UniqueConstraint(
                fields=("tenant", "username_digest", "place"), name="tenants_loginguard_name"
            ),
        ),
        migrations.AddField(
            model_name="apikeyuse",
            name="api_key",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="uses",
                to="tenants.apikey",
            ),
        ),
        migrations.AddField(
            model_name="apikeyuse",
            name="tenant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
        migrations.AddConstraint(
            model_name="apikeyuse",
            constraint=models.UniqueConstraint(fields=("tenant", "api_key"), name="tenants_apikeyuse_once"),
        ),
        migrations.AddIndex(
            model_name="invitation",
            index=models.Index(fields=["digest"], name="tenants_invitation_resolve"),
        ),
        TenantTable("ApiKeyUse"),
        migrations.RunSQL(RESOLVE_INVITATION, migrations.RunSQL.noop),
        migrations.RunSQL(NOBODY, migrations.RunSQL.noop),
    ]
