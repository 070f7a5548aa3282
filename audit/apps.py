"""Start-up of the trail."""

from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate

from audit import triggers
from audit.services import recording
from tenants import events


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        events.subscribe(recording.record_event)
        post_migrate.connect(triggers.reconcile, sender=self, dispatch_uid="audit.triggers")
        checks.register(triggers.check_triggers, checks.Tags.database)
