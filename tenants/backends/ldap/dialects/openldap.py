"""OpenLDAP: entryUUID, the ppolicy overlay, and the password modify operation of RFC 3062."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import ClassVar
from uuid import UUID

import ldap

from tenants.backends.base import PasswordUnchangeable, WrongPassword
from tenants.backends.ldap.connection import BindResult, Connection
from tenants.backends.ldap.dialects.base import PasswordState, Verdict, weak
from tenants.backends.ldap.entries import Entry
from tenants.backends.ldap.settings import GroupStyle

# draft-behera-ldap-password-policy-10, 6.2.
_CHANGE_AFTER_RESET = 2
_NOT_ALLOWED = 3
_CODES = {5: "too-simple", 6: "too-short", 7: "too-young", 8: "in-history", 9: "too-long"}
# "Locked until an administrator unlocks it" (5.3.3 of the draft): how an account is disabled.
_FOR_EVER = "000001010000Z"


class OpenLdap:
    """OpenLDAP 2.4 and newer, and what keeps to the same drafts (389 DS, OpenDJ) as far as it does."""

    login_attribute: ClassVar[str] = "uid"
    name_attribute: ClassVar[str] = "cn"
    user_filter: ClassVar[str] = "(objectClass=person)"
    group_style: ClassVar[GroupStyle] = GroupStyle.MEMBER
    nests_in_chain: ClassVar[bool] = False
    subject_attribute: ClassVar[str] = "entryUUID"
    attributes: ClassVar[tuple[str, ...]] = (
        "entryUUID",
        "pwdAccountLockedTime",
        "pwdEndTime",
        "pwdStartTime",
        "shadowExpire",
        "pwdChangedTime",
        "pwdReset",
        "pwdPolicySubentry",
    )

    def subject_of(self, entry: Entry) -> str:
        return _uuid(entry.text("entryUUID"))

    def subject_filter(self, subject: str) -> str:
        return f"(entryUUID={known})" if (known := _uuid(subject)) else ""

    def is_active(self, entry: Entry, *, now: datetime) -> bool:
        """A lock that ends by itself does not count: anybody can bring it about by wrong passwords."""
        if entry.text("pwdAccountLockedTime") == _FOR_EVER:
            return False
        begins, ends = entry.time("pwdStartTime"), entry.time("pwdEndTime")
        days = entry.number("shadowExpire")
        return not (
            (begins is not None and now < begins)
            or (ends is not None and now >= ends)
            or (days is not None and 0 <= days <= (now - datetime(1970, 1, 1, tzinfo=UTC)).days)
        )

    def verdict(self, result: BindResult) -> Verdict:
        """A grace login is a password that has expired: it is good for changing it, and for nothing else."""
        if result.error is not None:
            return Verdict.REFUSED
        if result.fault == _CHANGE_AFTER_RESET or result.grace is not None:
            return Verdict.MUST_CHANGE
        return Verdict.RIGHT if result.fault is None else Verdict.REFUSED

    def password_state(
        self, entry: Entry, *, read: Callable[[str], Entry | None], policy: str, now: datetime
    ) -> PasswordState:
        return state_by_policy(entry, read=read, policy=policy, now=now)

    def change_password(
        self, connection: Connection, *, dn: str, old_password: str, new_password: str
    ) -> None:
        """By the person itself, so that the policy holds; its limits for administrators would not."""
        if connection.bind(dn, old_password).error is not None:
            raise WrongPassword(pointer="/old_password")
        try:
            fault = connection.change_password(dn, old_password, new_password)
        except (ldap.INSUFFICIENT_ACCESS, ldap.UNWILLING_TO_PERFORM) as error:
            raise PasswordUnchangeable("The directory does not let you change your password.") from error
        if fault == _NOT_ALLOWED:
            raise PasswordUnchangeable("The directory does not let you change your password.")
        if fault is not None:
            raise weak(_CODES.get(fault, "refused-by-policy"))


def state_by_policy(
    entry: Entry, *, read: Callable[[str], Entry | None], policy: str, now: datetime
) -> PasswordState:
    """What holds by the entry's policy or, where it has none, by `policy` (draft-behera, 5.2 and 5.3)."""
    found = read(dn) if (dn := entry.text("pwdPolicySubentry") or policy) else None
    changed_at = entry.time("pwdChangedTime")
    seconds = found.number("pwdMaxAge") if found is not None else None
    expires_at = None
    if changed_at is not None and seconds:
        expires_at = changed_at + timedelta(seconds=seconds)
    return PasswordState(
        expires_at=expires_at,
        must_change=entry.flag("pwdReset") or (expires_at is not None and expires_at <= now),
        min_length=found.number("pwdMinLength") if found is not None else None,
        history=found.number("pwdInHistory") if found is not None else None,
    )


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
