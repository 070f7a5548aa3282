"""Members who are held to some legal entities see and write the rows of those alone."""

from django.db import migrations

from invoicing.ddl import HeldTable


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0019_merging")]

    operations = [
        HeldTable("LegalEntity", ("id",)),
        HeldTable("Series"),
        HeldTable("SeriesCounter", ("series",)),
        HeldTable("PeriodLock"),
        HeldTable("Invoice"),
        HeldTable("InvoiceLine", ("invoice",)),
        HeldTable("Payment"),
        HeldTable("Refund", ("payment", "credit_note")),
        HeldTable("Allocation", ("invoice",)),
        HeldTable("WriteOff", ("invoice",)),
        HeldTable("Reversal", ("payment", "credit_note", "invoice")),
    ]
