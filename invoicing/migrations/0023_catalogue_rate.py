"""Which of the tenant's tax rates a line named; whether it still holds is looked at on the day of issue.

The trigger that freezes issued documents compares whole rows, so the new column is frozen too.
"""

from django.db import migrations
from django.db.models import DO_NOTHING, ForeignKey

KEY = """
ALTER TABLE invoicing_invoiceline ADD CONSTRAINT invoicing_invoiceline_catalogue_rate_id_tenant_fk
    FOREIGN KEY (tenant_id, catalogue_rate_id) REFERENCES invoicing_taxrate (tenant_id, id);
"""


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0022_cash_rounding")]

    operations = [
        migrations.AddField(
            "invoiceline",
            "catalogue_rate",
            ForeignKey(
                "invoicing.taxrate",
                DO_NOTHING,
                related_name="+",
                null=True,
                blank=True,
                db_index=False,
                db_constraint=False,
            ),
        ),
        migrations.RunSQL(KEY, migrations.RunSQL.noop),
    ]
