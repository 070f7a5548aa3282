"""What a tenant has that its plan does not say."""

from typing import ClassVar

from django.db import models

from tenants.auditable import Auditable
from tenants.models.base import TenantModel


class FeatureOverride(Auditable, TenantModel):
    """Switches one feature on or off for one tenant, whatever its plan says."""

    public_prefix: ClassVar[str] = "ftr"

    name = models.SlugField(max_length=50, db_index=False)
    is_enabled = models.BooleanField()

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "name"], name="tenants_featureoverride_once")
        ]
