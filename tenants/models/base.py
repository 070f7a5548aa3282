"""What every row of a tenant has in common."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import models

from tenants import ids
from tenants.managers import ActiveTenantManager, ForeignTenantWrite, TenantManager
from tenants.scope import require_tenant_id


class TenantModel(models.Model):
    """A row that belongs to one tenant.

    `id` is a UUIDv7; the public spelling carries the model's `public_prefix`. The base manager is
    the scoped one, so that following a foreign key cannot leave the tenant either.
    """

    public_prefix: ClassVar[str]

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    tenant = models.ForeignKey(
        "tenants.Tenant", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[TenantManager[Any]] = TenantManager()
    all_objects: ClassVar[TenantManager[Any]] = TenantManager()

    tenant_id: UUID

    class Meta:
        abstract = True
        base_manager_name = "all_objects"

    @property
    def public_id(self) -> str:
        return ids.encode(self.public_prefix, self.id)

    def delete(self, using: str | None = None, keep_parents: bool = False) -> tuple[int, dict[str, int]]:
        """Delete the row within the current tenant. Raises ForeignTenantWrite, NoScope.

        Django's own goes by `id` alone, past the managers.
        """
        del keep_parents
        if self.tenant_id != require_tenant_id():
            raise ForeignTenantWrite(f"{self._meta.label} of another tenant")
        rows = type(self)._base_manager.using(using) if using else type(self)._base_manager.all()
        return rows.filter(pk=self.pk).delete()


class SoftDeletable(TenantModel):
    """A row that is deactivated rather than deleted: references to it stay readable.

    `objects` hides the inactive, `all_objects` shows them.
    """

    is_active = models.BooleanField(default=True)

    objects: ClassVar[TenantManager[Any]] = ActiveTenantManager()
    all_objects: ClassVar[TenantManager[Any]] = TenantManager()

    class Meta(TenantModel.Meta):
        abstract = True


def tenant_key(to: str, *, null: bool = False, related_name: str = "+") -> "models.ForeignKey[Any, Any]":
    """A foreign key inside the tenant; `tenants.ddl.TenantTable` makes its composite constraint."""
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        null=null,
        blank=null,
        related_name=related_name,
        db_constraint=False,
        db_index=False,
    )
