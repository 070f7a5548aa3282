"""The protocol, spoken by msal over our wire."""

import base64
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote_plus, urlencode

import jwt
import msal

from tenants.backends.oidc.discovery import WELL_KNOWN, Provider
from tenants.backends.oidc.id_tokens import LARGEST_TOKEN, TokenForged
from tenants.backends.oidc.settings import Client
from tenants.backends.oidc.wire import AnswerUnusable, ask, object_in
from tenants.errors import DomainError, Kind

# It would be a POST of another site, with which no browser sends the cookie that binds the trip to it; a
# code in an address is of no use without PKCE's verifier, which never leaves this service.
warnings.filterwarnings("ignore", message="response_mode='form_post' is recommended")

_FORM: Final = "application/x-www-form-urlencoded"
_OFFLINE: Final = "offline_access"
# Entra says within an invalid_grant that the person is still there and only has to come by: a second factor,
# consent, a password that expired or was changed, a refresh token that is too old (its reference of codes).
_WANTS_PERSON: Final = tuple(
    f"AADSTS{number}:"
    for number in (
        *(50055, 50072, 50074, 50076, 50079, 50089, 50158, 50173, 53003),
        *(65001, 70008, 70043, 70044, 700082, 700084),
    )
)


class ProviderRefused(DomainError):
    """The provider refused this login; try again, and tell your administrators if that does not help."""

    kind, code = Kind.UNAUTHENTICATED, "sso-refused"


class InteractionRequired(DomainError):
    """The provider wants to see you in a browser: log in there instead of by password."""

    kind, code = Kind.UNAUTHENTICATED, "sso-interaction-required"


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser goes, and what has to be kept until it comes back."""

    url: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a provider gave for a proof; `renewal` is its refresh token, "" if it gave none."""

    id_token: str = field(repr=False)
    access: str = field(repr=False)
    renewal: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error answer of the token endpoint: its code, and whether it says that a person has to act."""

    error: str
    wants_person: bool


def depart(client: Client, provider: Provider, *, redirect_uri: str, state: str) -> Departure:
    """Begin the authorization code flow with PKCE (S256) and a nonce."""
    flow = _application(client, provider).initiate_auth_code_flow(
        list(client.scopes), redirect_uri=redirect_uri, state=state, prompt=client.prompt or None
    )
    return Departure(flow["auth_uri"], flow["nonce"], flow["code_verifier"])


def redeem_code(
    client: Client, provider: Provider, *, code: str, redirect_uri: str, nonce: str, verifier: str
) -> Tokens | Refusal:
    """Exchange a code. Raises TokenForged, DirectoryUnavailable, AnswerUnusable."""
    # The state was verified before; msal only wants to see it twice.
    flow = {
        "state": "-",
        "redirect_uri": redirect_uri,
        "nonce": nonce,
        "code_verifier": verifier,
        "scope": None,
    }
    application = _application(client, provider)
    return _spoken(
        lambda: application.acquire_token_by_auth_code_flow(
            flow, {"state": "-", "code": code}, list(client.scopes)
        )
    )


def redeem_password(client: Client, provider: Provider, *, username: str, password: str) -> Tokens | Refusal:
    """The resource owner's password. Raises TokenForged, DirectoryUnavailable, AnswerUnusable."""
    application = _application(client, provider)
    return _spoken(
        lambda: application.acquire_token_by_username_password(username, password, list(client.scopes))
    )


def redeem_renewal(client: Client, provider: Provider, *, renewal: str) -> Tokens | Refusal:
    """A refresh token for fresh tokens. Raises TokenForged, DirectoryUnavailable, AnswerUnusable."""
    # A provider need not have granted offline_access to have given a refresh token, and then refuses a
    # scope that it has not granted (RFC 6749, section 6). Entra does not mind, and renews only with it.
    application = _application(client, provider, leave_out=() if client.directory else (_OFFLINE,))
    return _spoken(lambda: application.acquire_token_by_refresh_token(renewal, list(client.scopes)))


def is_client_known(client: Client, provider: Provider) -> Refusal | None:
    """Show the client's secret with a code that cannot be good: None if only the code was refused."""
    answer = redeem_code(
        client, provider, code="none", redirect_uri="https://localhost/none", nonce="none", verifier="n" * 43
    )
    if isinstance(answer, Tokens) or answer.error in ("invalid_grant", "invalid_request"):
        return None
    return answer


def _application(
    client: Client, provider: Provider, leave_out: tuple[str, ...] = ()
) -> msal.ConfidentialClientApplication:
    whose = {"authority": client.authority} if client.directory else {"oidc_authority": client.authority}
    return msal.ConfidentialClientApplication(
        client.client_id,
        client_credential=client.client_secret,
        http_client=_Wire(client, provider),
        token_cache=_Forgetful(),
        instance_discovery=False,
        exclude_scopes=list(leave_out),
        **whose,
    )


def _spoken(speak: Callable[[], dict[str, Any]]) -> Tokens | Refusal:
    try:
        said = speak()
    except (ValueError, RuntimeError) as error:
        # msal's way to say that the nonce is not ours.
        raise TokenForged from error
    if "error" in said:
        return _refusal_in(said)
    texts = [said.get(name) or "" for name in ("id_token", "access_token", "refresh_token")]
    if not all(isinstance(each, str) for each in texts):
        raise TokenForged
    return Tokens(*texts)


def _refusal_in(said: Mapping[str, Any]) -> Refusal:
    error, detail = str(said["error"]), str(said.get("error_description", ""))
    wanting = error in ("interaction_required", "login_required", "consent_required")
    return Refusal(error, wanting or any(code in detail for code in _WANTS_PERSON))


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer in the form msal reads."""

    status_code: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)

    def raise_for_status(self) -> None:
        if self.status_code >= 400:
            raise AnswerUnusable(f"the provider answers with status {self.status_code}")


class _Forgetful(msal.TokenCache):  # type: ignore[misc]
    """msal keeps the tokens it sees; nobody's may be kept here."""

    def add(self, event: Any, now: Any = None) -> None:
        """Take nothing in, and above all take nothing apart that was not verified."""


class _Wire:
    """What msal takes for its HTTP client: it reaches the token endpoint and nothing else."""

    def __init__(self, client: Client, provider: Provider) -> None:
        self._client = client
        self._provider = provider

    def get(self, url: str, **_: Any) -> _Said:
        """The document we know already. Entra's question after a user's realm stays unasked.

        With it unanswered msal hands the password to nobody but the token endpoint: never to the
        server that a federated realm would name.
        """
        if url.endswith(WELL_KNOWN):
            return _Said(200, json.dumps(self._provider.document))
        return _Said(404, "{}")

    def post(
        self, url: str, *, data: Mapping[str, str], headers: Mapping[str, str] | None = None, **_: Any
    ) -> _Said:
        """Ask the token endpoint. Raises DirectoryUnavailable, AnswerUnusable, TokenForged."""
        if url != self._provider.token_endpoint:
            raise AnswerUnusable("msal wanted to ask somebody else")
        sent, form = {**(headers or {}), "Content-Type": _FORM}, dict(data)
        if not self._provider.takes_secret_in_body:
            names = quote_plus(self._client.client_id), quote_plus(form.pop("client_secret", ""))
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(names).encode()).decode()
        issuer, ca = self._provider.issuer, self._client.ca
        content = urlencode(form).encode()
        answer = ask("POST", url, issuer=issuer, ca=ca, headers=sent, content=content)
        said = object_in(answer.content)
        if "error" not in said:
            if not answer.ok:
                raise AnswerUnusable(f"the token endpoint answers with status {answer.status}")
            _ensure_shaped(said)
        return _Said(answer.status, json.dumps(said))

    def close(self) -> None:
        """Nothing is held open."""


def _ensure_shaped(said: Mapping[str, Any]) -> None:
    # msal takes tokens apart before we verify them, and falls over what has no such parts.
    if "id_token" not in said:
        return
    token = said["id_token"]
    if not isinstance(token, str) or len(token) > LARGEST_TOKEN:
        raise TokenForged
    try:
        jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise TokenForged from error
