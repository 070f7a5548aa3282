"""A trip to a provider may accept an invitation on its return."""

from django.db import migrations

import tenants.secrets


class Migration(migrations.Migration):
    dependencies = [("tenants", "0008_platform_reads_tenants")]

    operations = [
        migrations.AddField(
            model_name="ssoround",
            name="invitation",
            field=tenants.secrets.EncryptedTextField(blank=True, default=""),
        ),
    ]
