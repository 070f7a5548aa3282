"""Payment terms that can be computed: of a customer or vendor, of a legal entity, and of a document."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0017_prices_isolation")]

    operations = [
        migrations.AddField("customer", "due_rule", models.JSONField(null=True)),
        migrations.AddField("vendor", "due_rule", models.JSONField(null=True)),
        migrations.AddField("legalentity", "due_rule", models.JSONField(null=True)),
        migrations.AddField("invoice", "due_rule", models.JSONField(null=True)),
    ]
