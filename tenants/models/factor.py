"""What a member can show beside a password."""

from typing import ClassVar

from django.db import models

from tenants.auditable import Auditable
from tenants.models.base import TenantModel, tenant_key
from tenants.secrets import EncryptedTextField


class TotpDevice(Auditable, TenantModel):
    """An authenticator app (RFC 6238); counts once `confirmed_at` is set.

    `last_step` is the time step of the last code taken, so that no code works twice.
    """

    public_prefix: ClassVar[str] = "otp"
    audit_redacted: ClassVar[tuple[str, ...]] = ("secret",)

    membership = tenant_key("tenants.Membership", related_name="totp_devices")
    name = models.CharField(max_length=100)
    secret = EncryptedTextField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [models.Index(fields=["tenant", "membership"], name="tenants_totpdevice_member")]


class Passkey(Auditable, TenantModel):
    """A WebAuthn credential; `sign_count` must never go back."""

    public_prefix: ClassVar[str] = "pky"

    membership = tenant_key("tenants.Membership", related_name="passkeys")
    name = models.CharField(max_length=100)
    credential_id = models.BinaryField(max_length=1023)
    public_key = models.BinaryField(max_length=2048)
    sign_count = models.BigIntegerField(default=0)
    transports = models.JSONField(default=list)
    last_used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "credential_id"], name="tenants_passkey_credential")
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "membership"], name="tenants_passkey_member")]


class RecoveryCode(Auditable, TenantModel):
    """One of the codes for whoever lost everything else; kept as a digest, good once."""

    public_prefix: ClassVar[str] = "rec"
    audit_redacted: ClassVar[tuple[str, ...]] = ("digest",)

    membership = tenant_key("tenants.Membership", related_name="recovery_codes")
    digest = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "membership", "digest"], name="tenants_recoverycode_digest"
            )
        ]
