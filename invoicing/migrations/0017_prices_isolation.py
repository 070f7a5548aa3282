"""Row-level security, composite keys and rights of prices."""

from django.db import migrations

from tenants.ddl import TenantTable


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0016_prices")]

    operations = [TenantTable("ItemPrice")]
