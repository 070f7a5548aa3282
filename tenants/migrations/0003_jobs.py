"""Features of a tenant, and what the dispatcher needs of the job engine's tables."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenants.auditable
import tenants.ids
from tenants.ddl import TenantTable

# The engine knows no tenants: its rows name jobs, and only the role that dispatches reaches them.
ENGINE_RIGHTS = """
GRANT SELECT, INSERT, UPDATE, DELETE ON
    procrastinate_jobs, procrastinate_events, procrastinate_workers, procrastinate_periodic_defers TO platform;
GRANT USAGE ON SEQUENCE
    procrastinate_jobs_id_seq, procrastinate_events_id_seq, procrastinate_periodic_defers_id_seq TO platform;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenants", "0002_isolation"),
        ("procrastinate", "0041_post_retry_failed_job"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeatureOverride",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.SlugField(db_index=False)),
                ("is_enabled", models.BooleanField()),
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
                "constraints": [
                    models.UniqueConstraint(fields=("tenant", "name"), name="tenants_featureoverride_once")
                ],
            },
            bases=(tenants.auditable.Auditable, models.Model),
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        TenantTable("FeatureOverride"),
        migrations.RunSQL(ENGINE_RIGHTS, migrations.RunSQL.noop),
    ]
