"""Credit notes that correct an invoice, what left the house, and who may void."""

import django.db.models.deletion
import invoicing.models.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0005_ledger_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="invoice",
            name="correction",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="invoice",
            name="correction_number",
            field=models.PositiveIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="invoice",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="invoicing.invoice",
            ),
        ),
        migrations.AddField(
            model_name="invoice",
            name="reason",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddField(
            model_name="invoice",
            name="sent_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="corrected_quantity",
            field=invoicing.models.fields.ExactDecimalField(null=True),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="invoicing.invoiceline",
            ),
        ),
        migrations.AddField(
            model_name="legalentity",
            name="may_void",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="invoiceline",
            index=models.Index(
                condition=models.Q(("corrects__isnull", False)),
                fields=["tenant", "corrects"],
                name="invoicing_line_corrects",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.UniqueConstraint(
                condition=models.Q(("corrects__isnull", False)),
                fields=("tenant", "corrects", "correction_number"),
                name="invoicing_invoice_correction",
            ),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("correction__isnull", True),
                        ("correction_number__isnull", True),
                        ("corrects__isnull", True),
                    ),
                    models.Q(
                        ("correction__isnull", False), ("corrects__isnull", False), ("type", "credit_note")
                    ),
                    _connector="OR",
                ),
                name="invoicing_invoice_corrects_as_credit_note",
            ),
        ),
    ]
