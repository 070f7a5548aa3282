"""Vendors, contacts, where money and goods go, credit limits."""

import django.db.models.deletion
import django.db.models.manager
import invoicing.models.fields
import tenants.auditable
import tenants.ids
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0011_period_locks"),
        ("tenants", "0009_sso_invitation"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
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
                ("name", models.CharField(max_length=200)),
                ("role", models.CharField(blank=True, max_length=100)),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=50)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("is_default", models.BooleanField(default=False)),
            ],
            options={
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            bases=(tenants.auditable.Auditable, models.Model),
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.CreateModel(
            name="Vendor",
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
                ("name", models.CharField(max_length=200)),
                ("vat_id", models.CharField(blank=True, max_length=20)),
                ("registration_id", models.CharField(blank=True, max_length=50)),
                (
                    "registration_scheme",
                    models.CharField(blank=True, db_default="", default="", max_length=4),
                ),
                ("email", models.EmailField(blank=True, max_length=254)),
                ("phone", models.CharField(blank=True, max_length=50)),
                ("address_line", models.CharField(blank=True, max_length=200)),
                ("address_extra", models.CharField(blank=True, max_length=200)),
                ("address_line_3", models.CharField(blank=True, db_default="", default="", max_length=200)),
                ("postal_code", models.CharField(blank=True, max_length=20)),
                ("city", models.CharField(blank=True, max_length=100)),
                ("region", models.CharField(blank=True, max_length=100)),
                ("country", models.CharField(max_length=2)),
                ("electronic_address", models.CharField(blank=True, max_length=200)),
                ("electronic_address_scheme", models.CharField(blank=True, max_length=4)),
                ("reference", models.CharField(blank=True, max_length=50)),
                ("currency", models.CharField(blank=True, max_length=3)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("payment_days", models.PositiveSmallIntegerField(null=True)),
                (
                    "tax_treatment",
                    models.CharField(
                        choices=[
                            ("domestic", "domestic"),
                            ("reverse_charge", "reverse charge"),
                            ("intra_community", "intra community"),
                            ("export", "export"),
                            ("exempt", "exempt"),
                        ],
                        db_default="domestic",
                        default="domestic",
                        max_length=15,
                    ),
                ),
                ("delivery_address", models.JSONField(null=True)),
                (
                    "bank_accounts",
                    models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "all_objects",
            },
            bases=(tenants.auditable.Auditable, models.Model),
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("all_objects", django.db.models.manager.Manager()),
            ],
        ),
        migrations.AddField(
            model_name="customer",
            name="address_line_3",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="customer",
            name="bank_accounts",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list),
        ),
        migrations.AddField(
            model_name="customer",
            name="credit_limit",
            field=invoicing.models.fields.ExactDecimalField(null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="credit_limit_currency",
            field=models.CharField(blank=True, db_default="", default="", max_length=3),
        ),
        migrations.AddField(
            model_name="customer",
            name="delivery_address",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="customer",
            name="registration_scheme",
            field=models.CharField(blank=True, db_default="", default="", max_length=4),
        ),
        migrations.AddField(
            model_name="customer",
            name="tax_treatment",
            field=models.CharField(
                choices=[
                    ("domestic", "domestic"),
                    ("reverse_charge", "reverse charge"),
                    ("intra_community", "intra community"),
                    ("export", "export"),
                    ("exempt", "exempt"),
                ],
                db_default="domestic",
                default="domestic",
                max_length=15,
            ),
        ),
        migrations.AddField(
            model_name="legalentity",
            name="address_line_3",
            field=models.CharField(blank=True, db_default="", default="", max_length=200),
        ),
        migrations.AddField(
            model_name="legalentity",
            name="over_credit_limit",
            field=models.CharField(
                choices=[("refuse", "refuse"), ("warn", "warn")],
                db_default="refuse",
                default="refuse",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="legalentity",
            name="registration_scheme",
            field=models.CharField(blank=True, db_default="", default="", max_length=4),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("credit_limit__isnull", True), ("credit_limit_currency", "")),
                    models.Q(
                        ("credit_limit__gte", 0), models.Q(("credit_limit_currency", ""), _negated=True)
                    ),
                    _connector="OR",
                ),
                name="invoicing_customer_credit_limit",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="customer",
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
            model_name="contact",
            name="tenant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="vendor",
            name="tenant",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="contact",
            name="vendor",
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
            model_name="vendor",
            index=models.Index(fields=["tenant", "name", "id"], name="invoicing_vendor_by_name"),
        ),
        migrations.AddConstraint(
            model_name="vendor",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reference", ""), _negated=True),
                fields=("tenant", "reference"),
                name="invoicing_vendor_reference",
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(
                fields=["tenant", "customer", "name", "id"], name="invoicing_contact_of_customer"
            ),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["tenant", "vendor", "name", "id"], name="invoicing_contact_of_vendor"),
        ),
        migrations.AddIndex(
            model_name="contact",
            index=models.Index(fields=["tenant", "name", "id"], name="invoicing_contact_by_name"),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("customer__isnull", False), ("vendor__isnull", True)),
                    models.Q(("customer__isnull", True), ("vendor__isnull", False)),
                    _connector="OR",
                ),
                name="invoicing_contact_of_one_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("customer__isnull", False), ("is_active", True), ("is_default", True)),
                fields=("tenant", "customer"),
                name="invoicing_contact_default_of_customer",
            ),
        ),
        migrations.AddConstraint(
            model_name="contact",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_active", True), ("is_default", True), ("vendor__isnull", False)),
                fields=("tenant", "vendor"),
                name="invoicing_contact_default_of_vendor",
            ),
        ),
    ]
