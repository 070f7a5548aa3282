"""Start-up of the floor."""

from django.apps import AppConfig

from tenants import scope


class TenantsConfig(AppConfig):
    name = "tenants"

    def ready(self) -> None:
        scope.install()
