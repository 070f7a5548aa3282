"""Start-up of the floor."""

from django.apps import AppConfig
from django.core import checks

from tenants import events, scope


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        scope.install()
        checks.register(events.check_somebody_listens)
