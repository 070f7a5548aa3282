"""A member can be held to some of the tenant's legal entities."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0010_socket_tickets")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="legal_entities",
            field=ArrayField(
                base_field=models.UUIDField(),
                db_default=models.Value([], ArrayField(base_field=models.UUIDField(), size=None)),
                default=list,
                size=None,
            ),
        ),
    ]
