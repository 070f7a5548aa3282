"""Managers that know the tenant: reads are filtered, writes of another tenant's row are refused."""

from collections.abc import Iterable, Sequence
from typing import Any, Self, TypeVar

from django.db import models

from tenants.scope import require_tenant_id

M = TypeVar("M", bound=models.Model)


class ForeignTenantWrite(RuntimeError):
    """A row of another tenant was about to be written: a programming error."""


class TenantQuerySet(models.QuerySet[M]):
    """Guards the two doors every ORM write passes: `_insert` and the values of an update."""

    def _insert(self, objs: Sequence[M], fields: Any, **kwargs: Any) -> Any:
        tenant_id = require_tenant_id()
        for instance in objs:
            if instance.tenant_id != tenant_id:  # type: ignore[attr-defined]
                raise ForeignTenantWrite(f"{self.model._meta.label} of another tenant")
        return super()._insert(objs, fields, **kwargs)  # type: ignore[misc]

    def _update(self, values: "Iterable[tuple[models.Field[Any, Any], Any, Any]]") -> int:
        values = list(values)
        for field, _, value in values:
            if field.name == "tenant" and getattr(value, "pk", value) != require_tenant_id():
                raise ForeignTenantWrite(f"{self.model._meta.label} moved to another tenant")
        return super()._update(values)  # type: ignore[misc,no-any-return]

    def update(self, **kwargs: Any) -> int:
        if "tenant" in kwargs or "tenant_id" in kwargs:
            raise ForeignTenantWrite(f"{self.model._meta.label}: the tenant of a row never changes")
        return super().update(**kwargs)

    def active(self) -> Self:
        return self.filter(is_active=True)


class TenantManager(models.Manager[M]):
    """All rows of the current tenant; raises NoScope outside one."""

    def get_queryset(self) -> TenantQuerySet[M]:
        queryset: TenantQuerySet[M] = TenantQuerySet(self.model, using=self._db)
        return queryset.filter(tenant_id=require_tenant_id())


class ActiveTenantManager(TenantManager[M]):
    """The rows of the current tenant that were not deactivated."""

    def get_queryset(self) -> TenantQuerySet[M]:
        return super().get_queryset().filter(is_active=True)


class PlatformManager(models.Manager[M]):
    """Rows of all tenants through the `platform` role; only for the listed cross-tenant jobs."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().using("platform")
