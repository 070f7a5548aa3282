"""Active Directory: objectGUID, userAccountControl, unicodePwd, and the sub-codes of a refused bind.

Sources: MS-ADTS (3.1.1.3.1.5 unicodePwd, 2.2.16 userAccountControl, 3.1.1.4.5.17 computed bits), and
for the codes Windows' own system error codes in hexadecimal.
"""

import re
from collections.abc import Callable
from datetime import datetime
from typing import ClassVar
from uuid import UUID

import ldap

from tenants.backends.base import PasswordUnchangeable, WrongPassword
from tenants.backends.ldap.answers import info_of
from tenants.backends.ldap.connection import BindResult, Connection
from tenants.backends.ldap.dialects.base import PasswordState, Verdict, weak
from tenants.backends.ldap.entries import Entry
from tenants.backends.ldap.errors import Misconfigured
from tenants.backends.ldap.settings import GroupStyle

_ACCOUNT_DISABLED = 0x2
_NEVER_EXPIRES = 0x10000
_PASSWORD_EXPIRED = 0x800000
_SUB_CODE = re.compile(r"\bdata ([0-9a-f]{1,8})\b", re.IGNORECASE)
_WINDOWS_CODE = re.compile(r"\b([0-9A-F]{8}):")
# ERROR_PASSWORD_EXPIRED and ERROR_PASSWORD_MUST_CHANGE: told only to whoever knew the password. All others
# refuse: 525 no such user, 52e wrong password, 530 and 531 not at this time or place, 533 disabled,
# 701 account expired, 775 locked out.
_RIGHT_BUT_OLD = frozenset({0x532, 0x773})
_WRONG_OLD_PASSWORD = frozenset({0x56, 0x52E})
_AGAINST_POLICY = 0x52D


class ActiveDirectory:
    """Active Directory Domain Services."""

    login_attribute: ClassVar[str] = "sAMAccountName"
    name_attribute: ClassVar[str] = "displayName"
    user_filter: ClassVar[str] = "(&(objectClass=user)(!(objectClass=computer)))"
    group_style: ClassVar[GroupStyle] = GroupStyle.MEMBER
    nests_in_chain: ClassVar[bool] = True
    subject_attribute: ClassVar[str] = "objectGUID"
    attributes: ClassVar[tuple[str, ...]] = (
        "objectGUID",
        "userAccountControl",
        "msDS-User-Account-Control-Computed",
        "accountExpires",
        "pwdLastSet",
        "msDS-UserPasswordExpiryTimeComputed",
    )

    def subject_of(self, entry: Entry) -> str:
        found = entry.windows_uuid("objectGUID")
        return "" if found is None else str(found)

    def subject_filter(self, subject: str) -> str:
        try:
            value = UUID(subject).bytes_le
        except ValueError:
            return ""
        return f"(objectGUID={''.join(f'{chr(92)}{byte:02x}' for byte in value)})"

    def is_active(self, entry: Entry, *, now: datetime) -> bool:
        """A lock-out does not count: it ends by itself, and anybody can bring it about."""
        flags = entry.number("userAccountControl")
        if flags is None:
            raise Misconfigured("account", "bind_dn may not read userAccountControl.")
        ends = entry.filetime("accountExpires")
        return not flags & _ACCOUNT_DISABLED and (ends is None or now < ends)

    def verdict(self, result: BindResult) -> Verdict:
        if result.error is None:
            return Verdict.RIGHT
        code = _SUB_CODE.search(result.info) if isinstance(result.error, ldap.INVALID_CREDENTIALS) else None
        return Verdict.MUST_CHANGE if code and int(code[1], 16) in _RIGHT_BUT_OLD else Verdict.REFUSED

    def password_state(
        self, entry: Entry, *, read: Callable[[str], Entry | None], policy: str, now: datetime
    ) -> PasswordState:
        """The domain computes the end, fine-grained policies included; their other rules are not public."""
        del read, policy
        flags = entry.number("userAccountControl") or 0
        computed = entry.number("msDS-User-Account-Control-Computed") or 0
        expires_at = entry.filetime("msDS-UserPasswordExpiryTimeComputed")
        never = bool(flags & _NEVER_EXPIRES)
        is_reset = entry.number("pwdLastSet") == 0 and not never
        return PasswordState(
            expires_at=None if never else expires_at,
            must_change=is_reset
            or bool(computed & _PASSWORD_EXPIRED)
            or (not never and expires_at is not None and expires_at <= now),
        )

    def change_password(
        self, connection: Connection, *, dn: str, old_password: str, new_password: str
    ) -> None:
        """As the searching account: whoever must change it cannot bind. The old value is the proof."""
        changes = (
            (ldap.MOD_DELETE, "unicodePwd", _quoted(old_password)),
            (ldap.MOD_ADD, "unicodePwd", _quoted(new_password)),
        )
        try:
            connection.modify(dn, changes)
        except (ldap.CONSTRAINT_VIOLATION, ldap.UNWILLING_TO_PERFORM) as error:
            code = _WINDOWS_CODE.search(info_of(error))
            number = int(code[1], 16) if code else 0
            if number in _WRONG_OLD_PASSWORD:
                raise WrongPassword(pointer="/old_password") from error
            if number == _AGAINST_POLICY or isinstance(error, ldap.CONSTRAINT_VIOLATION):
                raise weak("refused-by-policy") from error
            raise PasswordUnchangeable("The directory does not let you change your password.") from error
        except ldap.INSUFFICIENT_ACCESS as error:
            raise PasswordUnchangeable("The directory does not let you change your password.") from error


def _quoted(password: str) -> bytes:
    """The value of unicodePwd: in quotation marks, UTF-16 little-endian (MS-ADTS 3.1.1.3.1.5)."""
    return f'"{password}"'.encode("utf-16-le")
