"""What a tenant says about its directory, and every fault in it that shows without asking anybody."""

import re
import ssl
from collections.abc import Iterator, Mapping
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

import msgspec

from tenants.errors import FieldError

BIND_PASSWORD: Final = "bind_password"  # noqa: S105 the name of a secret
_MOST_SERVERS = 5
_LONGEST_BASE = 400
_LONGEST_TEXT = 2_000
_LONGEST_CERTIFICATES = 200_000
_SHORTEST_TIMEOUT = 0.1
_PORTS = {"ldaps": 636, "ldap": 389}
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,99}")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?")


class Dialect(StrEnum):
    """Whose directory it is: attributes, states of an account and ways to change a password differ."""

    OPENLDAP = "openldap"
    ACTIVE_DIRECTORY = "active_directory"
    ORACLE_OID = "oracle_oid"


class GroupStyle(StrEnum):
    """How a group names its members: by DN in `member` or `uniqueMember`, or by uid (posixGroup)."""

    MEMBER = "member"
    UNIQUE_MEMBER = "unique_member"
    POSIX = "posix"


class LdapSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A tenant's directory.

    `servers` are asked in this order: "ldaps://host[:636]", or "ldap://host[:389]" which is always
    taken to TLS by StartTLS before anything else is said. `ca_certificates` is PEM and replaces what
    the machine trusts. Texts left '' take the dialect's default. `bind_dn` is who searches ('': nobody,
    anonymously); its password is the secret `bind_password`. Without `group_base` nobody is in a group.
    `nested_groups` counts groups of groups. `password_policy` is the DN of the policy (OpenLDAP) that
    holds for whoever has no other. Timeouts are in seconds: to reach a server, TLS included, and for
    one operation.
    """

    servers: tuple[str, ...]
    user_base: str
    dialect: Dialect = Dialect.OPENLDAP
    ca_certificates: str = ""
    bind_dn: str = ""
    user_filter: str = ""
    login_attribute: str = ""
    name_attribute: str = ""
    email_attribute: str = ""
    group_base: str = ""
    group_filter: str = ""
    group_style: GroupStyle | None = None
    group_name_attribute: str = "cn"
    nested_groups: bool = False
    password_policy: str = ""
    connect_timeout: float = 3
    operation_timeout: float = 5


class Server(msgspec.Struct, frozen=True):
    """One server out of its URL."""

    host: str
    port: int
    is_ldaps: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'ldaps' if self.is_ldaps else 'ldap'}://{host}:{self.port}"


def server_of(url: str) -> Server | None:
    """The server that `url` names; None if it names none, or anything beside one."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or parts.username is not None or not _is_host(host):
        return None
    if parts.path not in ("", "/") or parts.query or parts.fragment or port == 0:
        return None
    return Server(host, port or _PORTS[parts.scheme], parts.scheme == "ldaps")


def faults_of(settings: LdapSettings, secrets: Mapping[str, str]) -> Iterator[FieldError]:
    """Each fault with its pointer below /settings or /secrets."""
    yield from _faults_of_servers(settings)
    for name in ("user_filter", "group_filter"):
        text = getattr(settings, name)
        if text and (len(text) > _LONGEST_TEXT or not is_filter(text)):
            yield _fault(name, "invalid-filter", "A filter such as (objectClass=person) is wanted.")
    for name in ("login_attribute", "name_attribute", "email_attribute", "group_name_attribute"):
        text = getattr(settings, name)
        if text and _ATTRIBUTE.fullmatch(text) is None:
            yield _fault(name, "invalid-attribute", "The name of an attribute is wanted, such as uid.")
    if not settings.group_name_attribute:
        yield _fault("group_name_attribute", "required", "It may not be empty.")
    for name, most in (("connect_timeout", 10), ("operation_timeout", 15)):
        if not _SHORTEST_TIMEOUT <= getattr(settings, name) <= most:
            yield _fault(name, "out-of-range", f"Between {_SHORTEST_TIMEOUT} and {most} seconds.")
    if settings.bind_dn and not secrets.get(BIND_PASSWORD):
        text = "bind_dn wants its password: an empty one would be an anonymous bind."
        yield FieldError(f"/secrets/{BIND_PASSWORD}", "required", text)
    if not settings.bind_dn and secrets.get(BIND_PASSWORD):
        yield _fault("bind_dn", "required", "There is a bind_password for it.")


def _faults_of_servers(settings: LdapSettings) -> Iterator[FieldError]:
    if not 1 <= len(settings.servers) <= _MOST_SERVERS:
        yield _fault("servers", "out-of-range", f"One to {_MOST_SERVERS} servers.")
    for position, url in enumerate(settings.servers):
        if server_of(url) is None:
            text = "ldaps://host[:port] is wanted, or ldap://host[:port] for StartTLS."
            yield _fault(f"servers/{position}", "invalid-url", text)
    if settings.ca_certificates and not are_certificates(settings.ca_certificates):
        yield _fault("ca_certificates", "invalid-certificate", "Certificates in PEM are wanted.")


def are_certificates(pem: str) -> bool:
    """Whether `pem` holds certificates that a TLS connection can be checked by."""
    if len(pem) > _LONGEST_CERTIFICATES or not pem.isascii():
        return False
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem)
    except (ssl.SSLError, ValueError):
        return False
    return True


def is_filter(text: str) -> bool:
    """Whether parentheses enclose the whole of `text` and match; literal ones are escaped (RFC 4515)."""
    depth = 0
    for position, sign in enumerate(text):
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth <= 0 and position < len(text) - 1:
            return False
    return depth == 0 and len(text) > 2 and "\0" not in text


def too_long(base: str) -> bool:
    """Whether a base is longer than an issuer made of it may be, in bytes."""
    return len(base.encode()) > _LONGEST_BASE


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None and ".." not in host
    return True


def _fault(name: str, code: str, text: str) -> FieldError:
    return FieldError(f"/settings/{name}", code, text)
