"""Keys by which programs act."""

from typing import ClassVar

from django.db import models

from tenants.auditable import Auditable
from tenants.models.base import TenantModel, tenant_key


class ApiKey(Auditable, TenantModel):
    """A secret of a program, kept as a SHA-256 digest; `shown` is the part that people may see.

    It may do what is in `scopes` as long as the member who made it may do that too. `replaces` is
    the key it followed in a rotation.
    """

    public_prefix: ClassVar[str] = "key"
    audit_redacted: ClassVar[tuple[str, ...]] = ("digest",)

    name = models.CharField(max_length=100)
    shown = models.CharField(max_length=20)
    digest = models.BinaryField(max_length=32)
    scopes = models.JSONField(default=list)
    membership = tenant_key("tenants.Membership")
    replaces = tenant_key("tenants.ApiKey", null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="tenants_apikey_digest")
        ]
        indexes: ClassVar = [
            # The resolver finds a key by its digest alone, before any tenant is known.
            models.Index(fields=["digest"], name="tenants_apikey_resolve"),
            models.Index(fields=["tenant", "membership"], name="tenants_apikey_member"),
        ]

    def __str__(self) -> str:
        return self.shown


class ApiKeyUse(TenantModel):
    """When a key was last used, to the minute; apart from the key, so that the trail keeps changes only."""

    public_prefix: ClassVar[str] = "kus"

    api_key = tenant_key("tenants.ApiKey", related_name="uses")
    last_used_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "api_key"], name="tenants_apikeyuse_once")
        ]
