"""Answers kept so that a repeated request has one effect (invariant 7)."""

from typing import ClassVar

from django.db import models

from tenants.models.base import TenantModel


class IdempotencyKey(TenantModel):
    """One key of one actor on one route, with the fingerprint of its body and the stored answer.

    The row is written in the transaction of the effect: an aborted request leaves none. `route` is
    the path as it was asked for, without a trailing slash; `fingerprint` is a SHA-256.
    """

    public_prefix: ClassVar[str] = "idk"

    actor = models.CharField(max_length=64)
    method = models.CharField(max_length=8)
    route = models.CharField(max_length=200)
    key = models.CharField(max_length=255)
    fingerprint = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.BinaryField(null=True)
    expires_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "actor", "method", "route", "key"], name="tenants_idempotencykey_once"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="tenants_idempotencykey_expiry")]
