"""What opens a socket in place of a token."""

from typing import ClassVar

from django.db import models

from tenants.models.base import TenantModel, tenant_key


class SocketTicket(TenantModel):
    """One entry to a socket, kept as a SHA-256 digest and gone once it is used.

    `closes_at` is when the socket it opens has to close: the end of the access token it was drawn with.
    """

    public_prefix: ClassVar[str] = "skt"

    session = tenant_key("tenants.Session")
    digest = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()
    closes_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "digest"], name="tenants_socketticket_digest")
        ]
        indexes: ClassVar = [
            # The resolver finds a ticket by its digest alone, before any tenant is known.
            models.Index(fields=["digest"], name="tenants_socketticket_resolve"),
            models.Index(fields=["expires_at"], name="tenants_socketticket_expiry"),
        ]
