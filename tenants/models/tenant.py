"""The tenant: a company that shares the installation with others."""

from typing import ClassVar

from django.db import models

from tenants import ids
from tenants.auditable import Auditable


class Tenant(Auditable, models.Model):
    """A company, found by its slug at login.

    Lifetimes are in the units of their names and end at the limits of the installation;
    `time_zone` is an IANA name and decides what "today" is; `plan` names what was bought
    (`tenants.features`).
    """

    public_prefix: ClassVar[str] = "ten"

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    slug = models.SlugField(max_length=63, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, default="UTC")
    is_active = models.BooleanField(default=True)
    plan = models.SlugField(max_length=50, default="standard", db_index=False)
    auth_backend = models.CharField(max_length=32, default="password")
    access_token_minutes = models.PositiveSmallIntegerField(default=30)
    refresh_token_days = models.PositiveSmallIntegerField(default=14)
    login_lifetime_hours = models.PositiveSmallIntegerField(default=24 * 30)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="tenants_tenant_lifetimes",
                condition=models.Q(access_token_minutes__range=(15, 60))
                & models.Q(refresh_token_days__range=(7, 30))
                & models.Q(login_lifetime_hours__range=(1, 24 * 90)),
            )
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def public_id(self) -> str:
        return ids.encode(self.public_prefix, self.id)
