"""Which person works for which tenant, under which name and in which role."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.auditable import Auditable
from tenants.models.base import SoftDeletable

_UUIDS = ArrayField(models.UUIDField())


class Membership(Auditable, SoftDeletable):
    """A user's role in a tenant (the user-tenant role); `username` is the name used at login there.

    `role` names a built-in set of capabilities (`tenants.capabilities`) or a `Role` of the tenant.
    Whoever `is_break_glass` logs in by a password of ours and a second factor, whatever becomes of the
    tenant's directory. With `legal_entities` a member is held to those: what is of another is not there
    for them, nor is what concerns the tenant as a whole (`capabilities.OF_THE_WHOLE`).
    """

    public_prefix: ClassVar[str] = "mem"

    user = models.ForeignKey(
        "tenants.User", on_delete=models.PROTECT, related_name="memberships", db_index=False
    )
    username = models.CharField(max_length=150)
    role = models.SlugField(max_length=50)
    is_break_glass = models.BooleanField(default=False)
    must_change_password = models.BooleanField(default=False)
    legal_entities = ArrayField(models.UUIDField(), default=list, db_default=models.Value([], _UUIDS))

    class Meta(SoftDeletable.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "user"], name="tenants_membership_user"),
            models.UniqueConstraint(fields=["tenant", "username"], name="tenants_membership_username"),
        ]
        indexes: ClassVar = [models.Index(fields=["user"], name="tenants_membership_by_user")]

    def __str__(self) -> str:
        return f"{self.username} ({self.role})"
