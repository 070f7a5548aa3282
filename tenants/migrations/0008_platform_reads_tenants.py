"""Which way of logging in a tenant has decides whether its directory is due to be asked."""

from django.db import migrations

from tenants.ddl import PlatformAccess


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_login_provenance")]

    operations = [PlatformAccess("Tenant", "SELECT")]
