"""Customers and vendors that were merged into another stay as aliases of it."""

import django.db.models.deletion
from django.db import migrations, models

ALIASES = "".join(
    f"""
ALTER TABLE {table} ADD CONSTRAINT {table}_merged_into_id_tenant_fk
    FOREIGN KEY (tenant_id, merged_into_id) REFERENCES {table} (tenant_id, id);
"""
    for table in ("invoicing_customer", "invoicing_vendor")
)


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0018_due_rules"),
        ("tenants", "0010_socket_tickets"),
    ]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="merged_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="invoicing.customer",
            ),
        ),
        migrations.AddField(
            model_name="vendor",
            name="merged_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="vendor",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="invoicing.vendor",
            ),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["tenant", "merged_into"],
                name="invoicing_customer_merged",
            ),
        ),
        migrations.AddIndex(
            model_name="vendor",
            index=models.Index(
                condition=models.Q(("merged_into__isnull", False)),
                fields=["tenant", "merged_into"],
                name="invoicing_vendor_merged",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at__isnull", True), ("merged_into__isnull", True)),
                    models.Q(
                        ("is_active", False),
                        ("merged_at__isnull", False),
                        ("merged_into__isnull", False),
                        models.Q(("merged_into", models.F("id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="invoicing_customer_merged_is_an_alias",
            ),
        ),
        migrations.AddConstraint(
            model_name="vendor",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at__isnull", True), ("merged_into__isnull", True)),
                    models.Q(
                        ("is_active", False),
                        ("merged_at__isnull", False),
                        ("merged_into__isnull", False),
                        models.Q(("merged_into", models.F("id")), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="invoicing_vendor_merged_is_an_alias",
            ),
        ),
        migrations.RunSQL(ALIASES, migrations.RunSQL.noop),
    ]
