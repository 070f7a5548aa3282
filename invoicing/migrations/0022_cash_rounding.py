"""Amounts to pay that are rounded for cash: a setting of the legal entity, and what became of it.

The trigger that freezes issued documents compares whole rows, so the new columns are frozen too.
"""

from django.db import migrations, models
from django.db.models.functions import Mod
from django.db.models.lookups import Exact

from invoicing.models.fields import ExactDecimalField


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0021_credit_balance")]

    operations = [
        migrations.AddField("legalentity", "cash_rounding", models.JSONField(null=True)),
        migrations.AddField("invoice", "cash_rounding", models.BooleanField(null=True)),
        migrations.AddField("invoice", "cash_step", ExactDecimalField(null=True)),
        migrations.AddConstraint(
            "invoice",
            models.CheckConstraint(
                name="invoicing_invoice_cash_step",
                condition=Exact(Mod("payable", "cash_step"), 0),
            ),
        ),
    ]
