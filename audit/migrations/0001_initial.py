"""Pending entries in the main database, entries in the audit database."""

from typing import ClassVar

from django.db import migrations, models

import audit.models


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar = []

    operations: ClassVar = [
        migrations.CreateModel(
            name="PendingEntry",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("tenant_id", models.UUIDField(null=True)),
                ("sequence", models.BigIntegerField()),
                ("entity_type", models.TextField()),
                ("record_id", models.TextField()),
                ("operation", models.TextField()),
                ("old_values", audit.models.JsonTextField(null=True)),
                ("new_values", audit.models.JsonTextField(null=True)),
                ("actor", models.TextField()),
                ("request_id", models.TextField()),
                ("created_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Entry",
            fields=[
                ("event_id", models.UUIDField(primary_key=True, serialize=False)),
                ("tenant_id", models.UUIDField(null=True)),
                ("sequence", models.BigIntegerField()),
                ("entity_type", models.TextField()),
                ("record_id", models.TextField()),
                ("operation", models.TextField()),
                ("old_values", models.JSONField(decoder=audit.models.ExactDecoder, null=True)),
                ("new_values", models.JSONField(decoder=audit.models.ExactDecoder, null=True)),
                ("actor", models.TextField()),
                ("request_id", models.TextField()),
                ("created_at", models.DateTimeField()),
                ("completed_at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["tenant_id", "entity_type", "record_id", "sequence"],
                        name="audit_entry_of_record",
                    ),
                    models.Index(fields=["tenant_id", "created_at", "event_id"], name="audit_entry_by_time"),
                    models.Index(
                        fields=["tenant_id", "actor", "created_at", "event_id"], name="audit_entry_by_actor"
                    ),
                    models.Index(fields=["tenant_id", "request_id"], name="audit_entry_by_request"),
                ],
            },
        ),
    ]
