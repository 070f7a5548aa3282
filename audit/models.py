"""Tables of the trail: entries on their way (main database) and delivered ones (audit database)."""

import json
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from tenants import ids
from tenants.managers import PlatformManager, TenantManager


class ExactDecoder(json.JSONDecoder):
    """Reads JSON numbers with a fraction as Decimal: `12.50` keeps its digits."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "parse_float": Decimal})


class JsonTextField(models.TextField):  # type: ignore[type-arg]  # not subscriptable at runtime
    """A column of type `json`: the text as it was written, checked but not taken apart."""

    def db_type(self, *_: Any, **__: Any) -> str:
        return "json"


class PendingEntry(models.Model):
    """An entry that has not been delivered yet, written by triggers in the changing transaction.

    Only functions of the owner write here and only the relay (role `platform`) reads and deletes.
    `sequence` is drawn while the changed row is locked: per record it is the order of commits.
    `tenant_id` is empty for the installation's own chain.
    """

    event_id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField(null=True)
    sequence = models.BigIntegerField()
    entity_type = models.TextField()
    record_id = models.TextField()
    operation = models.TextField()
    old_values = JsonTextField(null=True)
    new_values = JsonTextField(null=True)
    actor = models.TextField()
    request_id = models.TextField()
    created_at = models.DateTimeField()

    objects: ClassVar[PlatformManager[Any]] = PlatformManager()


class Entry(models.Model):
    """One committed change or event, as it stands in the audit database; never changed again.

    `operation` is insert, update, delete or the name of an event. `old_values` and `new_values` are
    whole rows by column: ids, dates and times as text, decimals exact. `created_at` is the time of
    the change, `completed_at` that of its delivery.
    """

    public_prefix: ClassVar[str] = "evt"

    event_id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField(null=True)
    sequence = models.BigIntegerField()
    entity_type = models.TextField()
    record_id = models.TextField()
    operation = models.TextField()
    old_values = models.JSONField(null=True, decoder=ExactDecoder)
    new_values = models.JSONField(null=True, decoder=ExactDecoder)
    actor = models.TextField()
    request_id = models.TextField()
    created_at = models.DateTimeField()
    completed_at = models.DateTimeField()

    objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["tenant_id", "entity_type", "record_id", "sequence"], name="audit_entry_of_record"
            ),
            models.Index(fields=["tenant_id", "created_at", "event_id"], name="audit_entry_by_time"),
            models.Index(
                fields=["tenant_id", "actor", "created_at", "event_id"], name="audit_entry_by_actor"
            ),
            models.Index(fields=["tenant_id", "request_id"], name="audit_entry_by_request"),
        ]

    @property
    def public_id(self) -> str:
        return ids.encode(self.public_prefix, self.event_id)
