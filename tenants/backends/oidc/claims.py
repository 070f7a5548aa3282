"""What a provider says about a person: the verified ID token, and userinfo where that says more."""

from dataclasses import dataclass
from typing import Any

from tenants.backends.oidc.discovery import Provider
from tenants.backends.oidc.id_tokens import TokenForged, verify
from tenants.backends.oidc.protocol import Tokens
from tenants.backends.oidc.settings import Client
from tenants.backends.oidc.wire import ask_json


@dataclass(frozen=True, slots=True)
class Claims:
    """`signed` are those of the ID token; `all` has userinfo's beside them, which never replace one."""

    signed: dict[str, Any]
    all: dict[str, Any]


def claims_of(tokens: Tokens, *, client: Client, provider: Provider, nonce: str | None) -> Claims:
    """The claims of a login. Raises TokenForged, DirectoryUnavailable, AnswerUnusable.

    Userinfo is asked only for what the ID token leaves out, as providers may, and believed only if it
    speaks of the same subject (OpenID Connect Core 5.3.2).
    """
    if not tokens.id_token:
        raise TokenForged
    signed = verify(tokens.id_token, provider=provider, client_id=client.client_id, nonce=nonce, ca=client.ca)
    wanted = {client.groups_claim, client.username_claim}
    # Entra's userinfo knows no groups, and names people by another `sub` than ours.
    if client.directory or wanted <= signed.keys() or not provider.userinfo_endpoint or not tokens.access:
        return Claims(signed, signed)
    headers = {"Authorization": f"Bearer {tokens.access}"}
    more = ask_json(provider.userinfo_endpoint, issuer=provider.issuer, ca=client.ca, headers=headers)
    if more.get("sub") != signed["sub"]:
        raise TokenForged
    return Claims(signed, {**more, **signed})
