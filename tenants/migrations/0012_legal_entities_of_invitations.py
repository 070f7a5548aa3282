"""An invitation can hold whoever accepts it to some of the tenant's legal entities."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0011_legal_entities_of_members")]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="legal_entities",
            field=ArrayField(
                base_field=models.UUIDField(),
                db_default=models.Value([], ArrayField(base_field=models.UUIDField(), size=None)),
                default=list,
                size=None,
            ),
        ),
    ]
