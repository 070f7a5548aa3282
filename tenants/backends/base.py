"""What every way of logging in can do; vendors, their types and their errors stop behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol, runtime_checkable
from uuid import UUID

import msgspec

from tenants.errors import DomainError, FieldError, Kind
from tenants.models import ExternalIdentity, Tenant


class PasswordUnchangeable(DomainError):
    """This password is not kept here: change it where it belongs."""

    kind, code = Kind.CONFLICT, "password-unchangeable"


class WrongPassword(DomainError):
    """The old password is not right."""

    kind, code = Kind.FORBIDDEN, "wrong-password"


class WeakPassword(DomainError):
    """The new password does not keep to the policy."""

    kind, code = Kind.INVALID, "weak-password"


class DirectoryUnavailable(DomainError):
    """The directory that knows this company's people does not answer; try again."""

    kind, code = Kind.UNAVAILABLE, "directory-unavailable"


class ProofExpired(DomainError):
    """The directory wants you to log in again."""

    kind, code = Kind.UNAUTHENTICATED, "proof-expired"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody has proved to be.

    `issuer` and `subject` name the person for ever and never hold an e-mail address (invariant 10);
    for our own passwords they are "password" and the id of the user. `credential_set_at` is when the
    password that was compared had been set, None where the backend does not know. `must_change` says
    that the password was right but may not be used any longer. `factors` are the proofs by their names
    in RFC 8176; "mfa" is among them only where the directory itself demanded a second one. `renewal`
    is what `look_up` will need later, such as a provider's refresh token.
    """

    issuer: str
    subject: str
    username: str
    name: str = ""
    email: str = ""
    groups: frozenset[str] = frozenset()
    credential_set_at: datetime | None = None
    renewal: str = field(default="", repr=False)
    must_change: bool = False
    factors: tuple[str, ...] = ("pwd",)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a directory says today about somebody it knows. `renewal` replaces the one it was given."""

    is_active: bool
    groups: frozenset[str] = frozenset()
    renewal: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class PasswordInfo:
    """What a person may know about the own password; `policy` is for programs to show."""

    can_change: bool
    expires_at: datetime | None = None
    must_change: bool = False
    policy: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of trying a configuration: `name` is for programs ("connect"), `detail` for people.

    `detail` is shown to the tenant's administrators and never holds a secret.
    """

    name: str
    ok: bool
    detail: str = ""


class NoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For backends that need none."""


@runtime_checkable
class Backend(Protocol):
    """One way of logging in. Called inside the tenant's scope, outside of any transaction.

    `name` is what `Tenant.auth_backend` holds. A backend that cannot reach its directory raises
    DirectoryUnavailable (another DomainError of kind UNAVAILABLE will do); it never answers None for it.
    What the tenant has configured is read by `tenants.backends.configured.load`.

    `is_external`: the people are kept elsewhere, found again by `ExternalIdentity` and asked after at
    each refresh. `names_are_assigned`: user names there are given by administrators and never by the
    people themselves, so that a member may be recognised by one if the tenant wants it. `settings_type`
    is a frozen struct that forbids unknown fields, read from JSON strictly; `secret_names` are the
    secrets beside it, and `secrets_follow` names the settings that say where these are sent: whoever
    changes one of them has to give the secrets anew.
    """

    name: ClassVar[str]
    is_external: ClassVar[bool]
    names_are_assigned: ClassVar[bool]
    settings_type: ClassVar[type[msgspec.Struct]]
    secret_names: ClassVar[frozenset[str]]
    secrets_follow: ClassVar[frozenset[str]]

    def authenticate(self, *, tenant: Tenant | None, username: str, password: str) -> Identity | None:
        """Who this is, or None; takes as long either way. `tenant` is None where there is none."""
        ...

    def get_password_info(self, *, user_id: UUID) -> PasswordInfo:
        """What applies to this person's password."""
        ...

    def change_password(self, *, user_id: UUID, old_password: str, new_password: str) -> None:
        """Raises WrongPassword, WeakPassword, PasswordUnchangeable."""
        ...

    def validate(self, *, settings: Any, secrets: Mapping[str, str]) -> list[FieldError]:
        """Every fault that keeps this configuration from working; asks nobody.

        `settings` is a `settings_type`. Pointers begin with /settings or /secrets; a secret that is
        needed and not among `secrets` is a fault.
        """
        ...

    def test(self, *, settings: Any, secrets: Mapping[str, str]) -> list[Step]:
        """Try a valid configuration step by step; the last one is where it failed, if it did."""
        ...

    def look_up(self, *, identity: ExternalIdentity) -> Standing | None:
        """What the directory says today; None if it knows the person no longer. External ones only.

        Raises DirectoryUnavailable; ProofExpired where it cannot tell without the person.
        """
        ...
