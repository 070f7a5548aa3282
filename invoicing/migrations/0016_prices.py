"""Prices of items by currency and day, and the jurisdiction of tax rates."""

import django.db.models.deletion
import django.db.models.manager
import invoicing.models.fields
import tenants.auditable
import tenants.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0015_book_values"),
        ("tenants", "0009_sso_invitation"),
    ]

    operations = [
        migrations.AddField(
            model_name="taxrate",
            name="region",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.CreateModel(
            name="ItemPrice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("is_active", models.BooleanField(default=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("currency", models.CharField(max_length=3)),
                ("unit_price", invoicing.models.fields.ExactDecimalField()),
                ("valid_from", models.DateField(null=True)),
                ("valid_to", models.DateField(null=True)),
                (
                    "item",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="invoicing.item",
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
                    models.Index(fields=["tenant", "item", "currency"], name="invoicing_itemprice_of_item")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("unit_price__gte", 0)), name="invoicing_itemprice_not_negative"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("valid_from__isnull", True),
                            ("valid_to__isnull", True),
                            ("valid_from__lte", models.F("valid_to")),
                            _connector="OR",
                        ),
                        name="invoicing_itemprice_validity",
                    ),
                ],
            },
            bases=(tenants.auditable.Auditable, models.Model),
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
    ]
