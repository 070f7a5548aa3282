"""A connection to one server of a tenant's directory, and the search for a server that answers."""

import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeVar

import ldap
import ldap.filter
from ldap.controls import RequestControl
from ldap.controls.libldap import SimplePagedResultsControl
from ldap.controls.ppolicy import PasswordPolicyControl
from ldap.ldapobject import SimpleLDAPObject

from tenants.backends.ldap import health, transport
from tenants.backends.ldap.answers import (
    AILING,
    answers,
    controls_of,
    cookie_of,
    info_of,
    name_of,
    policy_of,
    verdicts,
)
from tenants.backends.ldap.entries import Entry
from tenants.backends.ldap.errors import DirectoryFault, Misconfigured, Unreachable
from tenants.backends.ldap.settings import BIND_PASSWORD, LdapSettings, Server, server_of
from tenants.backends.ldap.transport import Deadline

T = TypeVar("T")

MOST_SECONDS: Final = 15.0
_PAGE = 500
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True)
class BindResult:
    """What came with the answer to a bind: `error` is why it was refused, None if it was not.

    The numbers are of the password policy control (draft-behera-ldap-password-policy): `fault` its
    error, `grace` the logins left.
    """

    error: ldap.LDAPError | None
    fault: int | None = None
    grace: int | None = None

    @property
    def info(self) -> str:
        """The server's own words, such as Active Directory's sub-code."""
        return "" if self.error is None else info_of(self.error)


class Connection:
    """A connection over TLS. Every method raises Unreachable where the server gives no answer."""

    def __init__(self, handle: SimpleLDAPObject) -> None:
        self._handle = handle

    def bind(self, dn: str, password: str) -> BindResult:
        """Try a password. It must not be empty: that would be a bind as nobody, which succeeds."""
        if not password or not dn:
            raise ValueError("a bind without a name or a password proves nothing")
        return self._bind(dn, password)

    def bind_as_nobody(self) -> BindResult:
        """Be anonymous, openly."""
        return self._bind("", "")

    def search(
        self,
        base: str,
        scope: int,
        filter_text: str,
        attributes: Sequence[str],
    ) -> list[Entry]:
        """All entries, page by page; references to other servers are left out and never followed.

        Raises Unreachable, Misconfigured (no such base, not allowed, a filter that is none).
        """
        found: list[Entry] = []
        page = SimplePagedResultsControl(criticality=False, size=_PAGE, cookie="")
        with verdicts("search"):
            for _ in range(_MOST_PAGES):
                number = self._handle.search_ext(
                    base, scope, filter_text, list(attributes), serverctrls=[page]
                )
                _, results, _, controls = self._handle.result3(number)
                found += [Entry.of(dn, values) for dn, values in results if dn is not None]
                page.cookie = cookie_of(controls)
                if not page.cookie:
                    return found
        raise Misconfigured("search", "There are more entries than can be looked through.")

    def find(
        self, base: str, scope: int, filter_text: str, attributes: Sequence[str]
    ) -> tuple[Entry | None, bool]:
        """The only entry that matches, and whether there were several (then none is given)."""
        with verdicts("search"):
            try:
                number = self._handle.search_ext(base, scope, filter_text, list(attributes), sizelimit=2)
                _, results, _, _ = self._handle.result3(number)
            except ldap.SIZELIMIT_EXCEEDED:
                return None, True
        entries = [Entry.of(dn, values) for dn, values in results if dn is not None]
        return (entries[0], False) if len(entries) == 1 else (None, len(entries) > 1)

    def first(self, base: str, filter_text: str, attributes: Sequence[str]) -> Entry | None:
        """Any one entry below `base` that matches, None if there is none."""
        with verdicts("search"):
            number = self._handle.search_ext(base, ldap.SCOPE_SUBTREE, filter_text, list(attributes))
            while True:
                kind, results, _, _ = self._handle.result3(number, all=0)
                if kind == ldap.RES_SEARCH_RESULT:
                    return None
                for dn, values in results:
                    if dn is not None:
                        self._handle.abandon_ext(number)
                        return Entry.of(dn, values)

    def modify(self, dn: str, changes: Sequence[tuple[int, str, bytes]]) -> None:
        """Change an entry. Raises ldap.LDAPError where the server refuses, Unreachable."""
        with answers("modify"):
            self._handle.modify_ext_s(dn, [(kind, name, [value]) for kind, name, value in changes])

    def change_password(self, dn: str, old: str, new: str) -> int | None:
        """RFC 3062. None if it is done; else the password policy's error, -1 if it gives none.

        Raises ldap.LDAPError where the policy has nothing to do with it, Unreachable.
        """
        with answers("password"):
            number = self._handle.passwd(dn, old, new, serverctrls=[_password_policy()])
            try:
                self._handle.result3(number)
            except ldap.CONSTRAINT_VIOLATION as error:
                fault, _ = policy_of(controls_of(error))
                return -1 if fault is None else fault
        return None

    def close(self) -> None:
        try:
            self._handle.unbind_ext_s()
        except ldap.LDAPError:
            # It has gone already.
            return

    def _bind(self, dn: str, password: str) -> BindResult:
        with answers("bind"):
            try:
                number = self._handle.simple_bind(dn, password, serverctrls=[_password_policy()])
                _, _, _, controls = self._handle.result3(number)
            except AILING:
                raise
            except ldap.LDAPError as error:
                fault, grace = policy_of(controls_of(error))
                return BindResult(error, fault, grace)
        fault, grace = policy_of(controls)
        return BindResult(None, fault, grace)


def ask(
    settings: LdapSettings,
    secrets: Mapping[str, str],
    question: Callable[[Connection], T],
    *,
    is_repeatable: bool = True,
) -> T:
    """The answer of the first server that gives one, within MOST_SECONDS altogether.

    A server that failed a moment ago is asked last. Where repeating may do harm (`is_repeatable` is
    false) the question itself is put to one server only. Raises Unreachable, Misconfigured.
    """
    deadline = Deadline(MOST_SECONDS)
    last = Unreachable("connect", "There is no server.")
    for server in health.in_order(settings, [s for url in settings.servers if (s := server_of(url))]):
        try:
            with opened(settings, server, deadline) as connection:
                identify(connection, settings, secrets)
                try:
                    answer = question(connection)
                except Unreachable as error:
                    if is_repeatable:
                        raise
                    # Not Unreachable: the next server is not asked.
                    raise DirectoryFault(error.step, error.reason) from error
        except Unreachable as error:
            health.failed(settings, server)
            last = error
        else:
            health.answered(settings, server)
            return answer
        if deadline.is_over:
            break
    raise last


@contextmanager
def opened(settings: LdapSettings, server: Server, deadline: Deadline) -> Iterator[Connection]:
    """A connection to `server`, its certificate checked. Raises Unreachable."""
    reaching = Deadline(deadline.left(settings.connect_timeout))
    raw = transport.connect(server, transport.resolve(server, reaching), reaching)
    connection = speak(settings, transport.secure(raw, server, trust_of(settings), reaching), deadline)
    try:
        yield connection
    finally:
        connection.close()


def speak(settings: LdapSettings, secured: ssl.SSLSocket, deadline: Deadline) -> Connection:
    """LDAP over a checked TLS connection that lives until `deadline` at most; the caller closes it."""
    plain = transport.plain_end(secured, deadline)
    # With a socket at hand the library resolves nothing; the name is for its messages.
    handle = ldap.initialize("ldap://directory.invalid", fileno=plain.detach())
    handle.set_option(ldap.OPT_PROTOCOL_VERSION, 3)
    # Never to a server that nobody has configured, and with nobody's password.
    handle.set_option(ldap.OPT_REFERRALS, 0)
    handle.set_option(ldap.OPT_DEREF, ldap.DEREF_NEVER)
    handle.set_option(ldap.OPT_TIMEOUT, deadline.left(settings.operation_timeout))
    return Connection(handle)


def trust_of(settings: LdapSettings) -> ssl.SSLContext:
    """The rules by which its servers' certificates are judged."""
    return _trust(settings.ca_certificates)


def identify(connection: Connection, settings: LdapSettings, secrets: Mapping[str, str]) -> None:
    """Be the account that searches. Raises Unreachable, Misconfigured if its password is refused."""
    if not settings.bind_dn:
        result = connection.bind_as_nobody()
    else:
        result = connection.bind(settings.bind_dn, secrets.get(BIND_PASSWORD, ""))
    if result.error is not None:
        raise Misconfigured("bind", f"bind_dn is refused: {name_of(result.error)}.")
    if result.fault is not None:
        # An account that has to change its password may bind and do nothing else.
        raise Misconfigured("bind", "The password of bind_dn has expired or must be changed.")


def _password_policy() -> RequestControl:
    return PasswordPolicyControl()


@lru_cache(maxsize=64)
def _trust(ca_certificates: str) -> ssl.SSLContext:
    return transport.trust(ca_certificates)
