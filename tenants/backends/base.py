"""What every way of logging in can do; vendors, their types and their errors stop behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol, runtime_checkable
from uuid import UUID

from tenants.errors import DomainError, Kind
from tenants.models import Tenant


class PasswordUnchangeable(DomainError):
    """This password is not kept here: change it where it belongs."""

    kind, code = Kind.CONFLICT, "password-unchangeable"


class WrongPassword(DomainError):
    """The old password is not right."""

    kind, code = Kind.FORBIDDEN, "wrong-password"


class WeakPassword(DomainError):
    """The new password does not keep to the policy."""

    kind, code = Kind.INVALID, "weak-password"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody has proved to be.

    `issuer` and `subject` name the person for ever and never hold an e-mail address (invariant 10);
    for our own passwords they are "password" and the id of the user. `credential_set_at` is when the
    password that was compared had been set, None where the backend does not know.
    """

    issuer: str
    subject: str
    username: str
    name: str = ""
    email: str = ""
    groups: frozenset[str] = frozenset()
    credential_set_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PasswordInfo:
    """What a person may know about the own password; `policy` is for programs to show."""

    can_change: bool
    expires_at: datetime | None = None
    must_change: bool = False
    policy: Mapping[str, int] = field(default_factory=dict)


@runtime_checkable
class Backend(Protocol):
    """One way of logging in. Called inside the tenant's scope, outside of any transaction.

    `name` is what `Tenant.auth_backend` holds. A backend that cannot reach its directory raises a
    DomainError of kind UNAVAILABLE; it never answers None for it.
    """

    name: ClassVar[str]

    def authenticate(self, *, tenant: Tenant | None, username: str, password: str) -> Identity | None:
        """Who this is, or None; takes as long either way. `tenant` is None where there is none."""
        ...

    def get_password_info(self, *, user_id: UUID) -> PasswordInfo:
        """What applies to this person's password."""
        ...

    def change_password(self, *, user_id: UUID, old_password: str, new_password: str) -> None:
        """Raises WrongPassword, WeakPassword, PasswordUnchangeable."""
        ...
