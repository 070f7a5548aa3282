"""What a tenant's directory is asked: who somebody is, whether that still holds, and a new password.

Knows settings and secrets, and neither tenants nor rows. Every function raises DirectoryFault where
the directory gives no verdict; that is never taken for a refusal.
"""

import logging
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

import ldap
from django_auth_ldap.config import LDAPSearch

from tenants.backends.base import WrongPassword
from tenants.backends.ldap.answers import name_of
from tenants.backends.ldap.connection import Connection, ask, identify
from tenants.backends.ldap.dialects import rules_of
from tenants.backends.ldap.dialects.base import DialectRules, PasswordState, Verdict, weak
from tenants.backends.ldap.entries import Entry
from tenants.backends.ldap.errors import DirectoryFault, Misconfigured
from tenants.backends.ldap.groups import groups_of
from tenants.backends.ldap.settings import LdapSettings

logger = logging.getLogger(__name__)

T = TypeVar("T")

LONGEST_USERNAME: Final = 150
LONGEST_PASSWORD: Final = 1024
_LONGEST_NAME: Final = 200
_LONGEST_EMAIL: Final = 254
# No directory has such an entry; a bind as it takes what a bind with a wrong password takes.
_NOBODY: Final = "cn=quittance-nobody-5f0c8b1e"


@dataclass(frozen=True, slots=True)
class Found:
    """Somebody in the directory. `subject` names the entry for ever; `groups` are normalised."""

    subject: str
    username: str
    name: str
    email: str
    groups: frozenset[str]
    is_active: bool
    must_change: bool = False


class Directory:
    """One tenant's directory. `secrets` holds the password of the account that searches."""

    def __init__(self, settings: LdapSettings, secrets: Mapping[str, str]) -> None:
        self._settings = settings
        self._secrets = secrets
        self._rules: DialectRules = rules_of(settings.dialect)

    def authenticate(self, *, username: str, password: str, now: datetime) -> Found | None:
        """Who has this name and this password; None if nobody has, or may not log in."""
        wanted = unicodedata.normalize("NFC", username).strip()
        if not password or not wanted or len(wanted) > LONGEST_USERNAME or len(password) > LONGEST_PASSWORD:
            # Empty, it would be an unauthenticated bind, which succeeds for any name (RFC 4513, 5.1.2).
            return None

        def question(connection: Connection) -> Found | None:
            entry = self._entry_named(connection, wanted)
            result = connection.bind(
                f"{_NOBODY},{self._settings.user_base}" if entry is None else entry.dn, password
            )
            if isinstance(result.error, ldap.REFERRAL):
                raise Misconfigured("bind", "The server knows the entry, but not its password.")
            verdict = self._rules.verdict(result)
            if entry is None or verdict is Verdict.REFUSED or not self._rules.is_active(entry, now=now):
                return None
            identify(connection, self._settings, self._secrets)
            found = self._found(connection, entry, now)
            return replace(found, must_change=True) if verdict is Verdict.MUST_CHANGE else found

        return self._ask(question)

    def look_up(self, *, subject: str, now: datetime) -> Found | None:
        """Somebody who was proved before, as the directory has it today; None if it has nobody such."""

        def question(connection: Connection) -> Found | None:
            entry = self._entry_of(connection, subject)
            return None if entry is None else self._found(connection, entry, now)

        return self._ask(question)

    def password_state(self, *, subject: str, now: datetime) -> PasswordState | None:
        """What holds for somebody's password; None if the directory has nobody such."""

        def question(connection: Connection) -> PasswordState | None:
            entry = self._entry_of(connection, subject)
            if entry is None:
                return None
            return self._rules.password_state(
                entry,
                read=lambda dn: _read(connection, dn),
                policy=self._settings.password_policy,
                now=now,
            )

        return self._ask(question)

    def change_password(self, *, subject: str, old_password: str, new_password: str, now: datetime) -> None:
        """Change it by the old one. Asked of one server only: one that says nothing may have done it.

        Raises WrongPassword (also where there is nobody such, or the account is disabled), WeakPassword,
        PasswordUnchangeable.
        """
        if not old_password or len(old_password) > LONGEST_PASSWORD:
            raise WrongPassword(pointer="/old_password")
        if not new_password:
            # The operation without one has the server make one up (RFC 3062, 2).
            raise weak("too-short")
        if len(new_password) > LONGEST_PASSWORD:
            raise weak("too-long")

        def question(connection: Connection) -> None:
            entry = self._entry_of(connection, subject)
            if entry is None or not self._rules.is_active(entry, now=now):
                raise WrongPassword(pointer="/old_password")
            try:
                self._rules.change_password(
                    connection, dn=entry.dn, old_password=old_password, new_password=new_password
                )
            except ldap.LDAPError as error:
                raise Misconfigured("password", f"The server refuses: {name_of(error)}.") from error

        self._ask(question, is_repeatable=False)

    def _ask(self, question: Callable[[Connection], T], *, is_repeatable: bool = True) -> T:
        try:
            return ask(self._settings, self._secrets, question, is_repeatable=is_repeatable)
        except DirectoryFault as fault:
            logger.warning("a directory gives no verdict: %s: %s", fault.step, fault.reason)
            raise

    def _entry_named(self, connection: Connection, username: str) -> Entry | None:
        attribute = self._settings.login_attribute or self._rules.login_attribute
        # Escaped by django-auth-ldap: a name is never part of a filter's syntax.
        return self._one(connection, self._people().search_with_additional_terms({attribute: username}))

    def _entry_of(self, connection: Connection, subject: str) -> Entry | None:
        term = self._rules.subject_filter(subject)
        if not term:
            return None
        return self._one(connection, self._people().search_with_additional_term_string(term))

    def _people(self) -> LDAPSearch:
        return LDAPSearch(
            self._settings.user_base,
            ldap.SCOPE_SUBTREE,
            self._settings.user_filter or self._rules.user_filter,
            attrlist=[
                *self._rules.attributes,
                self._settings.login_attribute or self._rules.login_attribute,
                self._settings.name_attribute or self._rules.name_attribute,
                self._settings.email_attribute or "mail",
                "uid",
                "gidNumber",
                "memberOf",
            ],
        )

    def _one(self, connection: Connection, search: LDAPSearch) -> Entry | None:
        entry, are_several = connection.find(
            search.base_dn, search.scope, search.filterstr, search.attrlist or ()
        )
        if are_several:
            logger.warning("a name stands for several entries of a directory, which is why it is refused")
        return entry

    def _found(self, connection: Connection, entry: Entry, now: datetime) -> Found:
        subject = self._rules.subject_of(entry)
        if not subject:
            raise Misconfigured("account", f"bind_dn may not read {self._rules.subject_attribute}.")
        settings, rules = self._settings, self._rules
        username = entry.text(settings.login_attribute or rules.login_attribute)
        return Found(
            subject=subject,
            username=_printable(username)[:LONGEST_USERNAME],
            name=_printable(entry.text(settings.name_attribute or rules.name_attribute))[:_LONGEST_NAME],
            email=_email(entry.text(settings.email_attribute or "mail")),
            groups=groups_of(
                connection,
                settings,
                entry,
                style=settings.group_style or rules.group_style,
                in_chain=rules.nests_in_chain,
            ),
            is_active=rules.is_active(entry, now=now),
            must_change=False,
        )


def _read(connection: Connection, dn: str) -> Entry | None:
    """An entry by its DN; None where there is none, or it may not be read."""
    try:
        entry, _ = connection.find(dn, ldap.SCOPE_BASE, "(objectClass=*)", ("*",))
    except Misconfigured:
        return None
    return entry


def _printable(text: str) -> str:
    """Without control, format and bidirectional characters, which names of people may not have here."""
    return "".join(sign for sign in text if unicodedata.category(sign)[0] != "C").strip()


def _email(text: str) -> str:
    """An address to write to, never to know somebody by; '' if it is none."""
    plain = _printable(text)
    local, at, domain = plain.rpartition("@")
    return plain if local and at and domain and len(plain) <= _LONGEST_EMAIL and " " not in plain else ""
