"""Logins and the refresh tokens that prolong them (invariant 9)."""

from typing import ClassVar

from django.db import models

from tenants.models.base import TenantModel, tenant_key


class Session(TenantModel):
    """One login, for the API or for pages: the family of all refresh tokens that came from it.

    `auth_time` is when the person proved who they are; nothing outlives `ends_at`. A row with
    `revoked_at` ends access at once. `backend` names the way of logging in that it began with, and
    `factors` the proofs (RFC 8176): once the tenant has another way, it is not prolonged.
    """

    public_prefix: ClassVar[str] = "ses"

    membership = tenant_key("tenants.Membership")
    auth_time = models.DateTimeField()
    ends_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_because = models.CharField(max_length=40, blank=True)
    client_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    factors = models.JSONField(default=list)
    backend = models.CharField(max_length=32, default="password")

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [
            models.Index(fields=["tenant", "membership", "-created_at"], name="tenants_session_of_member"),
            models.Index(fields=["ends_at"], name="tenants_session_end"),
        ]


class RefreshToken(TenantModel):
    """One refresh token, kept as a digest and consumed once.

    `used_at` is set by the statement that consumes it; `successor` is what the same client gets
    again for a few seconds, encrypted, so that a lost answer does not log anybody out.
    """

    public_prefix: ClassVar[str] = "rft"

    session = tenant_key("tenants.Session", related_name="refresh_tokens")
    parent = tenant_key("tenants.RefreshToken", null=True)
    digest = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_by = models.CharField(max_length=64, blank=True)
    successor = models.BinaryField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="tenants_refreshtoken_digest")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "session"], name="tenants_refreshtoken_session"),
            # Deleting a token asks whether another one descends from it.
            models.Index(fields=["tenant", "parent"], name="tenants_refreshtoken_parent"),
            models.Index(fields=["expires_at"], name="tenants_refreshtoken_expiry"),
        ]
