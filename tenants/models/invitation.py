"""Invitations to become a member."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.auditable import Auditable
from tenants.models.base import TenantModel, tenant_key

_UUIDS = ArrayField(models.UUIDField())


class Invitation(Auditable, TenantModel):
    """A link sent by mail that makes whoever opens it a member; its token is kept as a digest.

    They are held to `legal_entities`, by none to all, as `Membership` says.
    """

    public_prefix: ClassVar[str] = "ivt"
    audit_redacted: ClassVar[tuple[str, ...]] = ("digest",)

    email = models.CharField(max_length=254)
    role = models.SlugField(max_length=50, db_index=False)
    digest = models.BinaryField(max_length=32)
    invited_by = tenant_key("tenants.Membership")
    accepted_by = tenant_key("tenants.Membership", null=True)
    legal_entities = ArrayField(models.UUIDField(), default=list, db_default=models.Value([], _UUIDS))
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
