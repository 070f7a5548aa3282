"""Invitations to become a member."""

from typing import ClassVar

from django.db import models

from tenants.auditable import Auditable
from tenants.models.base import TenantModel, tenant_key


class Invitation(Auditable, TenantModel):
    """A link sent by mail that makes whoever opens it a member; its token is kept as a digest."""

    public_prefix: ClassVar[str] = "ivt"
    audit_redacted: ClassVar[tuple[str, ...]] = ("digest",)

    email = models.CharField(max_length=254)
    role = models.SlugField(max_length=50, db_index=False)
    digest = models.BinaryField(max_length=32)
    invited_by = tenant_key("tenants.Membership")
    accepted_by = tenant_key("tenants.Membership", null=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="tenants_invitation_digest")
        ]
        indexes: ClassVar = [
            # The resolver finds an invitation by its digest alone, before any tenant is known.
            models.Index(fields=["digest"], name="tenants_invitation_resolve")
        ]
