"""Roles that a tenant makes for itself."""

from typing import ClassVar

from django.db import models

from tenants import capabilities
from tenants.auditable import Auditable
from tenants.models.base import SoftDeletable


class Role(Auditable, SoftDeletable):
    """A named set of capabilities beside the built-in ones; `Membership.role` holds `name`."""

    public_prefix: ClassVar[str] = "rol"

    name = models.SlugField(max_length=50, db_index=False)
    title = models.CharField(max_length=100)
    capabilities = models.JSONField(default=list)

    class Meta(SoftDeletable.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "name"], name="tenants_role_name")]

    @property
    def rights(self) -> frozenset[str]:
        """What whoever holds it may do: of its capabilities those that exist."""
        return capabilities.resolved(self.name, self.capabilities)

    def __str__(self) -> str:
        return self.name
