"""Trying a provider before anybody logs in by it, one step after the other."""

from collections.abc import Iterator
from typing import Final

from django.conf import settings

from tenants.backends.base import DirectoryUnavailable, Step
from tenants.backends.oidc.discovery import IssuerMismatch, Provider, discover, keys_of
from tenants.backends.oidc.id_tokens import ALGORITHMS, TokenForged
from tenants.backends.oidc.protocol import is_client_known
from tenants.backends.oidc.settings import Client
from tenants.backends.oidc.wire import AnswerUnusable
from tenants.models import Tenant
from tenants.scope import require_tenant_id

CALLBACK: Final = "/api/v2/auth/sso/callback"
OWN_CALLBACK: Final = "/api/v2/auth/sso/{slug}/callback"


def steps_of(client: Client) -> list[Step]:
    """What was tried; the last step is where it failed, if it did. Nothing is taken from memory."""
    return list(_steps(client))


def _steps(client: Client) -> Iterator[Step]:
    try:
        provider = discover(issuer=client.issuer, url=client.discovery_url, ca=client.ca, anew=True)
    except IssuerMismatch as error:
        yield Step("discovery", ok=True, detail=f"{client.discovery_url} answers.")
        yield Step("issuer", ok=False, detail=_sentence(error))
        return
    except (DirectoryUnavailable, AnswerUnusable) as error:
        yield Step("discovery", ok=False, detail=_why(error, client.discovery_url))
        return
    yield Step("discovery", ok=True, detail=f"{client.discovery_url} answers.")
    yield Step("issuer", ok=True, detail=f"The provider calls itself {client.issuer}.")
    for step in (_keys, _client):
        tried = step(client, provider)
        yield tried
        if not tried.ok:
            return
    yield Step("callback", ok=True, detail=_callback(provider))


def _keys(client: Client, provider: Provider) -> Step:
    try:
        keys = keys_of(provider, ca=client.ca, anew=True)
    except (DirectoryUnavailable, AnswerUnusable) as error:
        return Step("keys", ok=False, detail=_why(error, provider.jwks_uri))
    if provider.algorithms and not provider.algorithms & ALGORITHMS.keys():
        said = ", ".join(sorted(provider.algorithms))[:200]
        return Step("keys", ok=False, detail=f"It signs with {said}, none of which is taken here.")
    return Step("keys", ok=True, detail=f"{len(keys)} keys to verify its signatures.")


def _client(client: Client, provider: Provider) -> Step:
    """Shows the secret together with a code that cannot be good, and looks what is refused."""
    try:
        refusal = is_client_known(client, provider)
    except TokenForged:
        return Step("client", ok=False, detail="It gave tokens for a code that nobody has issued.")
    except (DirectoryUnavailable, AnswerUnusable) as error:
        return Step("client", ok=False, detail=_why(error, provider.token_endpoint))
    if refusal is not None:
        said = refusal.error[:100]
        return Step("client", ok=False, detail=f"It does not take our client id and secret: {said}.")
    return Step("client", ok=True, detail="It takes our client id and secret.")


def _callback(provider: Provider) -> str:
    own = settings.PUBLIC_BASE_URL + OWN_CALLBACK.format(slug=_slug())
    shared = settings.PUBLIC_BASE_URL + CALLBACK
    used = shared if provider.names_itself else own
    return f"It has to know {used} as an address to return to; register {shared} and {own}."


def _slug() -> str:
    return str(Tenant.objects.values_list("slug", flat=True).get(id=require_tenant_id()))


def _why(error: Exception, url: str) -> str:
    if isinstance(error, AnswerUnusable):
        return _sentence(error)
    return f"{url} does not answer, or not with a certificate that is trusted."


def _sentence(error: Exception) -> str:
    text = "".join(mark for mark in str(error) if mark.isprintable())[:500]
    return f"{text[:1].upper()}{text[1:]}."
