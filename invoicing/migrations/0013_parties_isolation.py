"""Row-level security, composite keys and rights of vendors and contacts."""

from django.db import migrations

from tenants.ddl import TenantTable


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0012_parties")]

    operations = [
        TenantTable("Vendor"),
        TenantTable("Contact"),
    ]
