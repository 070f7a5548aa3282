"""Row-level security, composite keys and rights of invoicing's tables."""

from django.db import migrations

from tenants.ddl import TenantTable


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0001_initial"), ("tenants", "0002_isolation")]

    operations = [
        TenantTable("LegalEntity"),
        TenantTable("Customer"),
        TenantTable("Item"),
        TenantTable("TaxRate"),
        TenantTable("Series"),
        TenantTable("SeriesCounter"),
        TenantTable("Invoice"),
        TenantTable("InvoiceLine"),
    ]
