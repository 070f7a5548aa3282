"""Prices that include tax, surcharges, withholdings, and why no VAT is charged.

The trigger that freezes issued documents compares whole rows, so the new columns are frozen too.
"""

import invoicing.models.fields
from decimal import Decimal
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("invoicing", "0009_exchange_rates"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="invoice",
            name="invoicing_invoice_totals",
        ),
        migrations.AddField(
            model_name="invoice",
            name="exemptions",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="invoice",
            name="further_taxes",
            field=models.JSONField(null=True),
        ),
        migrations.AddField(
            model_name="invoice",
            name="prices_include_tax",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="invoice",
            name="withheld_amount",
            field=invoicing.models.fields.ExactDecimalField(db_default=Decimal("0"), default=Decimal("0")),
        ),
        migrations.AddField(
            model_name="invoiceline",
            name="further_taxes",
            field=models.JSONField(null=True),
        ),
        migrations.AddConstraint(
            model_name="invoice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    tax_exclusive=models.F("sum_of_lines")
                    - models.F("allowance_total")
                    + models.F("charge_total"),
                    tax_inclusive=models.F("tax_exclusive") + models.F("tax_total"),
                    payable=models.F("tax_inclusive")
                    - models.F("prepaid_amount")
                    + models.F("rounding_amount")
                    - models.F("withheld_amount"),
                ),
                name="invoicing_invoice_totals",
            ),
        ),
    ]
