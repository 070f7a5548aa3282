"""The two backends: a directory of Entra ID, and any other OpenID provider."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from tenants.backends.base import (
    Identity,
    PasswordInfo,
    PasswordUnchangeable,
    ProofExpired,
    Standing,
    Step,
)
from tenants.backends.configured import load
from tenants.backends.oidc import people, protocol, trying
from tenants.backends.oidc.claims import Claims, claims_of
from tenants.backends.oidc.discovery import Provider, discover
from tenants.backends.oidc.id_tokens import TokenForged
from tenants.backends.oidc.protocol import Departure, Refusal, Tokens
from tenants.backends.oidc.settings import (
    SECRET,
    Client,
    EntraSettings,
    OidcSettings,
    ProviderSettings,
    faults_of_secrets,
)
from tenants.backends.oidc.wire import usable_answers
from tenants.errors import DomainError, FieldError, Kind
from tenants.models import ExternalIdentity, Tenant


class BrowserOnly(DomainError):
    """Passwords are not taken here: this company logs in at its own provider, in a browser."""

    kind, code = Kind.UNAUTHENTICATED, "sso-required"


class ClientRefused(DomainError):
    """The provider does not accept this service as its client; your administrators have to see to it."""

    kind, code = Kind.UNAVAILABLE, "sso-client-refused"


class OpenIdBackend:
    """What both have in common; a settings type makes the difference."""

    is_external: ClassVar[bool] = True
    # People may change what providers call their user name, Entra's UPN included.
    names_are_assigned: ClassVar[bool] = False
    secret_names: ClassVar[frozenset[str]] = frozenset({SECRET})
    settings_type: ClassVar[type[msgspec.Struct]]

    def authenticate(self, *, tenant: Tenant | None, username: str, password: str) -> Identity | None:
        """Hand the password on, where the tenant has turned that on.

        Raises BrowserOnly, InteractionRequired, ClientRefused, DirectoryUnavailable and what the claims
        may bring up (`people`).
        """
        if tenant is None or not username or not password:
            return None
        client = self.client()
        if not client.allows_password:
            raise BrowserOnly
        with usable_answers():
            provider = _provider_of(client)
            answer = protocol.redeem_password(client, provider, username=username, password=password)
            if isinstance(answer, Refusal):
                if answer.wants_person:
                    raise protocol.InteractionRequired
                if answer.error == "invalid_grant":
                    return None
                raise ClientRefused
            claims = claims_of(answer, client=client, provider=provider, nonce=None)
        return self._identity(claims, answer, client, proofs=("pwd",))

    def get_password_info(self, *, user_id: UUID) -> PasswordInfo:
        """Passwords live at the provider."""
        del user_id
        return PasswordInfo(can_change=False)

    def change_password(self, *, user_id: UUID, old_password: str, new_password: str) -> None:
        """Raises PasswordUnchangeable, always."""
        raise PasswordUnchangeable

    def validate(self, *, settings: Any, secrets: Mapping[str, str]) -> list[FieldError]:
        """What the settings and the secret lack."""
        given: ProviderSettings = settings
        return [*given.faults(), *faults_of_secrets(secrets)]

    def test(self, *, settings: Any, secrets: Mapping[str, str]) -> list[Step]:
        """Discovery, issuer, keys, client, and which addresses the provider has to know."""
        given: ProviderSettings = settings
        return trying.steps_of(given.client(secrets[SECRET]))

    def look_up(self, *, identity: ExternalIdentity) -> Standing | None:
        """Redeem the provider's refresh token and read what it says today.

        The caller sees to it that only one asks at a time. None where the provider takes it back.
        Raises DirectoryUnavailable, ClientRefused, what the claims may bring up (`people`), and
        ProofExpired where there is none to redeem or the provider wants to see the person.
        """
        client = self.client()
        if not identity.renewal:
            if client.rechecks:
                raise ProofExpired
            return Standing(is_active=True, groups=frozenset(identity.groups))
        with usable_answers():
            provider = _provider_of(client)
            answer = protocol.redeem_renewal(client, provider, renewal=identity.renewal)
            if isinstance(answer, Refusal):
                _ensure_gone(answer)
                return None
            _keep(identity, answer.renewal)
            if not answer.id_token:
                # It need not send one again, but then nobody knows whether the groups still hold.
                raise ProofExpired
            claims = claims_of(answer, client=client, provider=provider, nonce=None)
        if people.subject_of(claims.all, client) != identity.subject:
            raise TokenForged
        return Standing(is_active=True, groups=people.groups_of(claims.all, client) or frozenset())

    def label(self) -> str:
        """What people call the current tenant's provider. Raises NotConfigured."""
        return self.client().label

    def names_itself(self) -> bool:
        """Whether the provider's answers say whose they are (RFC 9207). Raises DirectoryUnavailable."""
        with usable_answers():
            return _provider_of(self.client()).names_itself

    def depart(self, *, redirect_uri: str, state: str) -> Departure:
        """Begin a trip to the provider. Raises NotConfigured, DirectoryUnavailable."""
        client = self.client()
        with usable_answers():
            return protocol.depart(client, _provider_of(client), redirect_uri=redirect_uri, state=state)

    def is_issuer(self, issuer: str) -> bool:
        """Whether an answer that says it comes from `issuer` comes from the tenant's provider."""
        return issuer == self.client().issuer

    def arrive(self, *, code: str, redirect_uri: str, nonce: str, verifier: str) -> Identity:
        """Who came back with `code`.

        Raises ProviderRefused, TokenForged, ClientRefused, DirectoryUnavailable and what the claims may
        bring up (`people`).
        """
        client = self.client()
        with usable_answers():
            provider = _provider_of(client)
            answer = protocol.redeem_code(
                client, provider, code=code, redirect_uri=redirect_uri, nonce=nonce, verifier=verifier
            )
            if isinstance(answer, Refusal):
                if answer.error in ("invalid_client", "unauthorized_client"):
                    raise ClientRefused
                raise protocol.ProviderRefused
            claims = claims_of(answer, client=client, provider=provider, nonce=nonce)
        return self._identity(claims, answer, client, proofs=("sso",))

    def client(self) -> Client:
        """Us at the current tenant's provider. Raises NotConfigured."""
        configured = load(self.settings_type)
        settings: Any = configured.settings
        client: Client = settings.client(configured.secrets.get(SECRET, ""))
        return client

    def _identity(
        self, claims: Claims, answer: Tokens, client: Client, *, proofs: tuple[str, ...]
    ) -> Identity:
        return people.identity_of(
            claims.all,
            client=client,
            groups=people.groups_of(claims.all, client) or frozenset(),
            renewal=answer.renewal,
            factors=(*proofs, *people.factors_of(claims.signed, client=client)),
        )


class OidcBackend(OpenIdBackend):
    """Any OpenID provider; people are known by (iss, sub)."""

    name: ClassVar[str] = "oidc"
    settings_type: ClassVar[type[msgspec.Struct]] = OidcSettings
    secrets_follow: ClassVar[frozenset[str]] = frozenset({"issuer", "client_id", "ca"})


class EntraBackend(OpenIdBackend):
    """A directory of Microsoft Entra ID; people are known by (tid, oid)."""

    name: ClassVar[str] = "entra"
    settings_type: ClassVar[type[msgspec.Struct]] = EntraSettings
    secrets_follow: ClassVar[frozenset[str]] = frozenset({"directory", "authority", "client_id", "ca"})


def _keep(identity: ExternalIdentity, renewal: str) -> None:
    """Store the refresh token that replaces the one just redeemed, before anything else may fail.

    Providers that rotate take a second use of the former one for a theft, and end everything.
    """
    if renewal and renewal != identity.renewal:
        ExternalIdentity.objects.filter(id=identity.id).update(renewal=renewal)
        identity.renewal = renewal


def _provider_of(client: Client) -> Provider:
    return discover(issuer=client.issuer, url=client.discovery_url, ca=client.ca)


def _ensure_gone(refusal: Refusal) -> None:
    """Returns only where the provider has taken the proof back. Raises ProofExpired, ClientRefused."""
    if refusal.wants_person:
        raise ProofExpired
    if refusal.error != "invalid_grant":
        raise ClientRefused
