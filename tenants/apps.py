"""Start-up of the floor."""

from django.apps import AppConfig
from django.core import checks
from django.utils.module_loading import autodiscover_modules

from tenants import events, scope
from tenants.http.guards import check_views_are_guarded
from tenants.transports.registry import check_transport


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        scope.install()
        checks.register(events.check_somebody_listens)
        checks.register(check_transport)
        checks.register(check_views_are_guarded)
        # Handlers of jobs register when their module is loaded, in every process that may ask for one.
        autodiscover_modules("tasks")
