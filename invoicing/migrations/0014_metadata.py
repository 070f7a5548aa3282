"""Metadata of the tenant's own on documents, payments, customers and items, and what finds it."""

from django.db import migrations, models

from invoicing.ddl import TENANT_METADATA, MetadataIndex


class Migration(migrations.Migration):
    dependencies = [("invoicing", "0013_parties_isolation")]

    operations = [
        migrations.AddField(
            model_name="customer",
            name="metadata",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="invoice",
            name="metadata",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="item",
            name="metadata",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="payment",
            name="metadata",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name="vendor",
            name="metadata",
            field=models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.RunSQL(TENANT_METADATA, migrations.RunSQL.noop),
        MetadataIndex("Customer"),
        MetadataIndex("Invoice"),
        MetadataIndex("Item"),
        MetadataIndex("Payment"),
        MetadataIndex("Vendor"),
    ]
