"""What a tenant says about its provider, and what follows from it."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Final, Literal, Protocol
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from django.conf import settings

from tenants.addresses import AddressRefused, ensure_plain_host, is_open
from tenants.backends.oidc.discovery import WELL_KNOWN
from tenants.backends.oidc.wire import trust_of
from tenants.errors import FieldError

SECRET: Final = "client_secret"  # noqa: S105 a name, not a secret
# Microsoft's public cloud and its national ones.
ENTRA_AUTHORITIES: Final = (
    "https://login.microsoftonline.com",
    "https://login.microsoftonline.us",
    "https://login.partner.microsoftonline.cn",
)
_RESERVED_SCOPES: Final = frozenset({"openid", "profile", "offline_access"})
_LONGEST: Final = 500
Prompt = Literal["", "login", "consent", "select_account"]


@dataclass(frozen=True, slots=True)
class Client:
    """Us, as one provider knows us.

    `issuer` is what the provider must call itself, `authority` what msal is told, `directory` the Entra
    tenant whose people alone may come ("" elsewhere). `groups_claim` holds the groups, `username_claim`
    a name for people to read. Passwords are handed on only with `allows_password`; the provider's
    second factor is taken for ours only with `trusts_second_factor`; without `rechecks` a login may be
    prolonged although the provider cannot be asked again.
    """

    issuer: str
    discovery_url: str
    authority: str
    client_id: str
    client_secret: str = field(repr=False)
    label: str
    ca: str
    scopes: tuple[str, ...]
    prompt: str
    groups_claim: str
    username_claim: str
    directory: str
    allows_password: bool
    trusts_second_factor: bool
    rechecks: bool


class ProviderSettings(Protocol):
    """Settings that make a client."""

    def faults(self) -> list[FieldError]: ...

    def client(self, secret: str) -> Client: ...


class OidcSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Any OpenID provider.

    `issuer` is its name to the letter, as its discovery document says it. `ca` are certificates (PEM)
    of a company's own authority, trusted instead of the public ones. `scopes` are asked for beside
    openid, profile and offline_access.
    """

    issuer: str
    client_id: str
    label: str = ""
    scopes: list[str] = []
    prompt: Prompt = ""
    groups_claim: str = "groups"
    username_claim: str = "preferred_username"
    allows_password: bool = False
    trusts_second_factor: bool = False
    rechecks: bool = True
    ca: str = ""

    def faults(self) -> list[FieldError]:
        """What cannot work, without asking the provider."""
        return [
            *_faults_of_address("issuer", self.issuer),
            *_faults_of_names(self, ("client_id", "groups_claim", "username_claim"), ("label",)),
            *_faults_of_scopes(self.scopes),
            *_faults_of_ca(self.ca),
        ]

    def client(self, secret: str) -> Client:
        """Us at this provider, with the client's secret."""
        base = self.issuer.removesuffix("/")
        parts = urlsplit(base)
        return Client(
            issuer=self.issuer,
            discovery_url=base + WELL_KNOWN,
            # msal wants a path behind the host; it asks our wire, which knows the document already.
            authority=base if parts.path else f"{base}/-",
            client_id=self.client_id,
            client_secret=secret,
            label=self.label or parts.hostname or self.issuer,
            ca=self.ca,
            scopes=tuple(self.scopes),
            prompt=self.prompt,
            groups_claim=self.groups_claim,
            username_claim=self.username_claim,
            directory="",
            allows_password=self.allows_password,
            trusts_second_factor=self.trusts_second_factor,
            rechecks=self.rechecks,
        )


class EntraSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A directory of Microsoft Entra ID.

    `directory` is its tenant id, a GUID: names like "common" would let in people of every directory.
    `groups_claim` is "roles" for app roles or "groups" for the ids of groups; `authority` names a
    national cloud.
    """

    directory: str
    client_id: str
    label: str = "Microsoft"
    authority: str = ENTRA_AUTHORITIES[0]
    groups_claim: Literal["roles", "groups"] = "roles"
    username_claim: str = "preferred_username"
    prompt: Prompt = ""
    allows_password: bool = False
    trusts_second_factor: bool = False
    rechecks: bool = True
    ca: str = ""

    def faults(self) -> list[FieldError]:
        """What cannot work, without asking Microsoft."""
        found = [] if _is_guid(self.directory) else [_fault("directory", "not-a-guid", _GUID_WANTED)]
        if not _is_guid(self.client_id):
            found.append(_fault("client_id", "not-a-guid", _GUID_WANTED))
        if not _is_authority(self.authority):
            choice = f"Expected one of {', '.join(ENTRA_AUTHORITIES)}."
            found.append(_fault("authority", "unknown-authority", choice))
        found += _faults_of_names(self, ("username_claim",), ("label",))
        return found + _faults_of_ca(self.ca)

    def client(self, secret: str) -> Client:
        """Us in this directory, with the client's secret."""
        directory = str(UUID(self.directory))
        authority = f"{self.authority}/{directory}"
        return Client(
            issuer=f"{authority}/v2.0",
            discovery_url=f"{authority}/v2.0{WELL_KNOWN}",
            authority=authority,
            client_id=self.client_id,
            client_secret=secret,
            label=self.label or "Microsoft",
            ca=self.ca,
            scopes=(),
            prompt=self.prompt,
            groups_claim=self.groups_claim,
            username_claim=self.username_claim,
            directory=directory,
            allows_password=self.allows_password,
            trusts_second_factor=self.trusts_second_factor,
            rechecks=self.rechecks,
        )


_GUID_WANTED: Final = "Expected a GUID such as 72f988bf-86f1-41af-91ab-2d7cd011db47."


def faults_of_secrets(secrets: Mapping[str, str]) -> list[FieldError]:
    """The client's secret is the only one, and needed."""
    if not secrets.get(SECRET):
        return [FieldError(f"/secrets/{SECRET}", "missing", "The client's secret is needed.")]
    return []


def _fault(name: str, code: str, detail: str) -> FieldError:
    return FieldError(f"/settings/{name}", code, detail)


def _is_guid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


def _is_authority(address: str) -> bool:
    """A cloud of Microsoft's; anything else only where it is this machine, and calling that is allowed."""
    if address in ENTRA_AUTHORITIES:
        return True
    if not settings.OUTBOUND_ALLOW_LOOPBACK or _faults_of_address("authority", address):
        return False
    parts = urlsplit(address)
    return parts.hostname in ("localhost", "127.0.0.1") and not parts.path


def _faults_of_address(name: str, address: str) -> list[FieldError]:
    try:
        parts = urlsplit(address)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        parts, has_port = urlsplit(""), False
    is_plain = address.isascii() and address.isprintable() and not set(address) & set(' "<>\\^`{|}')
    if parts.scheme != "https" or not parts.hostname or not has_port or not is_plain:
        return [_fault(name, "not-https", "Expected an https address.")]
    if parts.query or parts.fragment or parts.username is not None or len(address) > _LONGEST:
        return [_fault(name, "not-an-issuer", "Expected an address without user, query and fragment.")]
    if not _is_callable(parts.hostname):
        return [_fault(name, "outbound-address-refused", AddressRefused.message)]
    return []


def _is_callable(host: str) -> bool:
    """Whether an address may be called, as far as it can be told without asking what a name stands for."""
    try:
        return is_open(ip_address(host), also=settings.DIRECTORY_NETWORKS)
    except ValueError:
        pass
    try:
        ensure_plain_host(host)
    except AddressRefused:
        return False
    return True


def _faults_of_names(given: Any, needed: tuple[str, ...], optional: tuple[str, ...]) -> list[FieldError]:
    found = []
    for name in (*needed, *optional):
        text = getattr(given, name)
        if name in needed and not text:
            found.append(_fault(name, "missing", "This is needed."))
        elif len(text) > 200 or not text.isprintable():
            found.append(_fault(name, "malformed", "Expected at most 200 characters that can be printed."))
    return found


def _faults_of_scopes(scopes: list[str]) -> list[FieldError]:
    found = []
    for index, scope in enumerate(scopes):
        if scope in _RESERVED_SCOPES:
            found.append(_fault(f"scopes/{index}", "reserved", "This one is asked for in any case."))
        elif not scope or len(scope) > 200 or not scope.isascii() or not scope.isprintable() or " " in scope:
            found.append(_fault(f"scopes/{index}", "malformed", "Expected one scope, without spaces."))
    return found


def _faults_of_ca(ca: str) -> list[FieldError]:
    if not ca:
        return []
    try:
        trust_of(ca)
    except (ssl.SSLError, ValueError):
        return [_fault("ca", "not-a-certificate", "Expected certificates in PEM.")]
    return []
