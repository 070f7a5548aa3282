"""What of a configuration only python-ldap can judge, and trying it step by step."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from datetime import datetime

import ldap
import ldap.dn

from tenants.backends.base import Step
from tenants.backends.ldap import transport
from tenants.backends.ldap.connection import MOST_SECONDS, Connection, identify, speak, trust_of
from tenants.backends.ldap.dialects import rules_of
from tenants.backends.ldap.errors import DirectoryFault
from tenants.backends.ldap.settings import LdapSettings, Server, server_of, too_long
from tenants.backends.ldap.transport import Deadline
from tenants.errors import FieldError

_BASES = ("user_base", "group_base", "password_policy")


def faults_of_names(settings: LdapSettings) -> Iterator[FieldError]:
    """DNs that are none. `bind_dn` may be a user principal name, which Active Directory takes as well."""
    for name in _BASES:
        text = getattr(settings, name)
        if (not text and name == "user_base") or (text and (not ldap.dn.is_dn(text) or too_long(text))):
            yield FieldError(f"/settings/{name}", "invalid-dn", "A DN is wanted, such as dc=example,dc=com.")
    bind_dn = settings.bind_dn
    if bind_dn and not ldap.dn.is_dn(bind_dn) and ("@" not in bind_dn or not bind_dn.isprintable()):
        yield FieldError(
            "/settings/bind_dn", "invalid-dn", "A DN or a name such as reader@example.com is wanted."
        )


def issuer_of(settings: LdapSettings) -> str:
    """What a directory's people are kept apart by: the directory's own suffix, not its servers' names.

    "ldap:dc=example,dc=com": servers come and go and bases are narrowed without making anybody another
    person; another domain is another directory, and its people are other people.
    """
    parts = ldap.dn.str2dn(settings.user_base.casefold())
    domain = [part for part in parts if part[0][0] == "dc"]
    return f"ldap:{ldap.dn.dn2str(domain or parts[-1:])}"


def steps_of(settings: LdapSettings, secrets: Mapping[str, str], *, now: datetime) -> list[Step]:
    """Every server as far as the bind, then the bases by the first one; the last step is where it failed."""
    deadline = Deadline(MOST_SECONDS)
    steps: list[Step] = []
    with ExitStack() as opened:
        try:
            connections = [
                opened.enter_context(closing(_reach(settings, secrets, server, deadline, steps)))
                for url in settings.servers
                if (server := server_of(url)) is not None
            ]
            _look_around(connections[0], settings, steps, now)
        except DirectoryFault as fault:
            steps.append(Step(fault.step, ok=False, detail=fault.reason))
    return steps


def _reach(
    settings: LdapSettings,
    secrets: Mapping[str, str],
    server: Server,
    deadline: Deadline,
    steps: list[Step],
) -> Connection:
    def passed(step: str, detail: str) -> None:
        steps.append(Step(step, ok=True, detail=f"{server}: {detail}"))

    try:
        reaching = Deadline(deadline.left(settings.connect_timeout))
        addresses = transport.resolve(server, reaching)
        passed("resolve", ", ".join(addresses))
        raw = transport.connect(server, addresses, reaching)
        passed("connect", "The server takes connections.")
        secured = transport.secure(raw, server, trust_of(settings), reaching)
        passed("tls", f"{secured.version()}, the certificate is good.")
        connection = speak(settings, secured, deadline)
        try:
            identify(connection, settings, secrets)
        except DirectoryFault:
            connection.close()
            raise
    except DirectoryFault as fault:
        raise DirectoryFault(fault.step, f"{server}: {fault.reason}") from fault
    passed("bind", settings.bind_dn or "anonymous")
    return connection


def _look_around(connection: Connection, settings: LdapSettings, steps: list[Step], now: datetime) -> None:
    rules = rules_of(settings.dialect)
    _ensure_there(connection, "search base", settings.user_base, steps)
    users = settings.user_filter or rules.user_filter
    sample = connection.first(settings.user_base, users, rules.attributes)
    if sample is None:
        raise DirectoryFault("people", f"Nobody below user_base matches {users}.")
    if not rules.subject_of(sample):
        raise DirectoryFault("people", f"bind_dn may not read {rules.subject_attribute}.")
    rules.is_active(sample, now=now)
    steps.append(Step("people", ok=True, detail=f"{users} finds people."))
    if settings.group_base:
        _ensure_there(connection, "group base", settings.group_base, steps)


def _ensure_there(connection: Connection, step: str, base: str, steps: list[Step]) -> None:
    try:
        entry, _ = connection.find(base, ldap.SCOPE_BASE, "(objectClass=*)", ("1.1",))
    except DirectoryFault as fault:
        raise DirectoryFault(step, f"{base}: {fault.reason}") from fault
    if entry is None:
        raise DirectoryFault(step, f"{base}: bind_dn may not see it, or it is a referral.")
    steps.append(Step(step, ok=True, detail=base))
