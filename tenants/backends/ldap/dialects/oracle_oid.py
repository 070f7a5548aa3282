"""Oracle Internet Directory: orclGUID, orclIsEnabled, its numbered password policy errors.

Sources: Oracle's Administrator's Guide and Reference for Oracle Internet Directory, 11g and 12c.
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
from tenants.backends.ldap.dialects.openldap import state_by_policy
from tenants.backends.ldap.entries import Entry
from tenants.backends.ldap.settings import GroupStyle

_ERROR = re.compile(r"Password Policy Error\s*:\s*(\d{4})\b", re.IGNORECASE)
# 9000 expired, 9001 locked and 9050 disabled refuse a bind; these refuse a new password.
_CODES = {
    9003: "too-short",
    9004: "too-simple",
    9005: "too-short",
    9006: "in-history",
    9007: "refused-by-policy",
}


class OracleOid:
    """Oracle Internet Directory 11g and 12c."""

    login_attribute: ClassVar[str] = "uid"
    name_attribute: ClassVar[str] = "displayName"
    user_filter: ClassVar[str] = "(objectClass=inetOrgPerson)"
    group_style: ClassVar[GroupStyle] = GroupStyle.UNIQUE_MEMBER
    nests_in_chain: ClassVar[bool] = False
    subject_attribute: ClassVar[str] = "orclGUID"
    attributes: ClassVar[tuple[str, ...]] = (
        "orclGUID",
        "orclIsEnabled",
        "orclActiveStartDate",
        "orclActiveEndDate",
        "pwdChangedTime",
        "pwdReset",
        "pwdPolicySubentry",
    )

    def subject_of(self, entry: Entry) -> str:
        """Thirty-two hexadecimal digits, in lower case."""
        return _guid(entry.text("orclGUID"))

    def subject_filter(self, subject: str) -> str:
        return f"(orclGUID={known.upper()})" if (known := _guid(subject)) else ""

    def is_active(self, entry: Entry, *, now: datetime) -> bool:
        """An account without orclIsEnabled is enabled, as Oracle has it."""
        begins, ends = entry.time("orclActiveStartDate"), entry.time("orclActiveEndDate")
        return not (
            entry.text("orclIsEnabled").upper() == "DISABLED"
            or (begins is not None and now < begins)
            or (ends is not None and now >= ends)
        )

    def verdict(self, result: BindResult) -> Verdict:
        """An expired password (9000) has to be set by an administrator: nothing here could change it."""
        return Verdict.RIGHT if result.error is None else Verdict.REFUSED

    def password_state(
        self, entry: Entry, *, read: Callable[[str], Entry | None], policy: str, now: datetime
    ) -> PasswordState:
        """Oracle's policies bear the names of the same draft that OpenLDAP follows."""
        return state_by_policy(entry, read=read, policy=policy, now=now)

    def change_password(
        self, connection: Connection, *, dn: str, old_password: str, new_password: str
    ) -> None:
        """By the person itself, as a change of userPassword: Oracle hashes what it is given."""
        if connection.bind(dn, old_password).error is not None:
            raise WrongPassword(pointer="/old_password")
        try:
            connection.modify(dn, [(ldap.MOD_REPLACE, "userPassword", new_password.encode())])
        except (ldap.CONSTRAINT_VIOLATION, ldap.UNWILLING_TO_PERFORM) as error:
            number = _ERROR.search(info_of(error))
            code = _CODES.get(int(number[1])) if number else None
            if code is None and isinstance(error, ldap.UNWILLING_TO_PERFORM):
                raise PasswordUnchangeable("The directory does not let you change your password.") from error
            raise weak(code or "refused-by-policy") from error
        except ldap.INSUFFICIENT_ACCESS as error:
            raise PasswordUnchangeable("The directory does not let you change your password.") from error


def _guid(text: str) -> str:
    try:
        return UUID(text).hex
    except ValueError:
        return ""
