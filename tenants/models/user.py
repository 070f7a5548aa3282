"""The person who logs in; one row however many tenants the person works for."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from tenants import ids
from tenants.auditable import Auditable


class User(Auditable, AbstractBaseUser):
    """A person. Names for logging in belong to memberships, so none is taken across tenants.

    `password` is an argon2 hash (or unusable where a directory answers for the person).
    `password_history` holds the hashes of former passwords, latest first.
    Row-level security shows a person only to tenants where there is a membership.
    """

    public_prefix: ClassVar[str] = "usr"
    audit_redacted = ("password", "password_history")
    USERNAME_FIELD = "id"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    last_login = None

    id = models.UUIDField(primary_key=True, default=ids.uuid7, editable=False)
    name = models.CharField(max_length=200)
    email = models.EmailField(max_length=254, blank=True)
    is_active = models.BooleanField(default=True)
    password_changed_at = models.DateTimeField(null=True)
    password_history = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = BaseUserManager["User"]()

    def __str__(self) -> str:
        return self.name

    @property
    def public_id(self) -> str:
        return ids.encode(self.public_prefix, self.id)
