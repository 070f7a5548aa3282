"""What every dialect has to say."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import ClassVar, Protocol

from tenants.backends.base import PasswordUnchangeable, WeakPassword
from tenants.backends.ldap.connection import BindResult, Connection
from tenants.backends.ldap.entries import Entry
from tenants.backends.ldap.settings import GroupStyle
from tenants.errors import DomainError, FieldError


class Verdict(Enum):
    """What a bind with the person's password has shown; MUST_CHANGE: right, but no longer good."""

    RIGHT = "right"
    MUST_CHANGE = "must-change"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PasswordState:
    """What the directory says about a password. `policy` names its rules as PasswordInfo does."""

    expires_at: datetime | None = None
    must_change: bool = False
    min_length: int | None = None
    history: int | None = None


class DialectRules(Protocol):
    """One vendor's directory. Attribute names are as the vendor writes them."""

    login_attribute: ClassVar[str]
    name_attribute: ClassVar[str]
    user_filter: ClassVar[str]
    group_style: ClassVar[GroupStyle]
    nests_in_chain: ClassVar[bool]
    subject_attribute: ClassVar[str]
    attributes: ClassVar[tuple[str, ...]]

    def subject_of(self, entry: Entry) -> str:
        """What names the entry for ever, however it is renamed or moved; '' if it may not be read."""
        ...

    def subject_filter(self, subject: str) -> str:
        """The filter that finds it again; '' for a subject of another dialect."""
        ...

    def is_active(self, entry: Entry, *, now: datetime) -> bool:
        """Whether the account may be used: neither disabled nor past its end. Raises Misconfigured."""
        ...

    def verdict(self, result: BindResult) -> Verdict:
        """What the answer to a bind means."""
        ...

    def password_state(
        self, entry: Entry, *, read: Callable[[str], Entry | None], policy: str, now: datetime
    ) -> PasswordState:
        """What holds for the password; `read` fetches another entry, `policy` is the one by default."""
        ...

    def change_password(
        self, connection: Connection, *, dn: str, old_password: str, new_password: str
    ) -> None:
        """Change it by the old one; `connection` is bound as the account that searches.

        Raises WrongPassword, WeakPassword, PasswordUnchangeable, ldap.LDAPError, Unreachable.
        """
        ...


_TEXTS = {
    "too-short": "It is too short for the directory's policy.",
    "too-long": "It is too long for the directory's policy.",
    "too-simple": "It is too simple for the directory's policy.",
    "in-history": "It has been used before.",
    "too-young": "The old one is too young to be changed.",
    "refused-by-policy": "The directory's policy refuses it: too short, too simple, or used before.",
}


def weak(code: str) -> DomainError:
    """The refusal of a new password, pointing at it."""
    if code == "too-young":
        return PasswordUnchangeable(
            "The password was changed a short while ago; the directory wants you to wait."
        )
    return WeakPassword(errors=[FieldError("/new_password", code, _TEXTS[code])])
