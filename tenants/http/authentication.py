"""Who asks: the access token or API key of a request, verified, becomes its actor and its tenant."""

from dataclasses import replace
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from tenants import scope, tokens, verified
from tenants.actors import Actor, ActorKind
from tenants.domain import keys
from tenants.selectors.api_keys import InvalidKey, open_key
from tenants.selectors.sessions import actor_of
from tenants.selectors.tenants import resolve_api_key
from tenants.services.api_keys import digest_of, note_use

_SCHEME = "bearer "


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`: an access token of ours, or an API key.

    Signature, session and membership, or the key and its maker, are checked against the database unless
    this process has done so within MEMBERSHIP_CACHE_SECONDS. From here on the request runs as the
    token's actor in the token's tenant; nothing else a request says is believed about that.
    """

    def authenticate(self, request: Request) -> tuple[Actor, str] | None:
        """None without a bearer token. Raises InvalidToken, InvalidKey, SessionOver, MembershipRevoked."""
        header: str = request.META.get("HTTP_AUTHORIZATION", "")
        if header[: len(_SCHEME)].lower() != _SCHEME:
            return None
        token = header[len(_SCHEME) :].strip()
        return act_by_key(token) if keys.is_key(token) else act_by(token), token

    def authenticate_header(self, request: Request) -> str:
        del request
        return 'Bearer realm="api"'


def act_by(token: str) -> Actor:
    """Go on as the actor of an access token, in its tenant.

    Raises InvalidToken, ExpiredToken, SessionOver, MembershipRevoked.
    """
    found = verified.tokens.get(token) or _verify(token)
    scope.become(replace(scope.current(), tenant_id=found.tenant_id, actor=found.actor))
    return found.actor


def act_by_key(token: str) -> Actor:
    """Go on as the actor of an API key, in its tenant. Raises InvalidKey."""
    found = verified.tokens.get(token) or _verify_key(token)
    scope.become(replace(scope.current(), tenant_id=found.tenant_id, actor=found.actor))
    return found.actor


def _verify_key(token: str) -> verified.Verified:
    resolved = None if len(token) > keys.LONGEST else resolve_api_key(digest=digest_of(token))
    if resolved is None:
        raise InvalidKey
    key_id, tenant_id = resolved
    outer = scope.current()
    scope.become(replace(outer, tenant_id=tenant_id, actor=Actor(kind=ActorKind.API_KEY, id=key_id)))
    try:
        opened = open_key(key_id=key_id)
        note_use(key_id=key_id, last_used_at=opened.last_used_at)
    finally:
        scope.become(outer)
    found = verified.Verified(tenant_id, opened.actor, opened.expires_at.timestamp())
    verified.tokens.put(token, found)
    return found


def _verify(token: str) -> verified.Verified:
    claims = tokens.access_tokens().verify(token)
    outer = scope.current()
    claimed = Actor(kind=ActorKind.USER, id=claims.user_id)
    scope.become(replace(outer, tenant_id=claims.tenant_id, actor=claimed))
    try:
        actor = actor_of(claims)
    finally:
        scope.become(outer)
    found = verified.Verified(claims.tenant_id, actor, claims.expires_at)
    verified.tokens.put(token, found)
    return found


class BearerScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = "tenants.http.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        del auto_schema
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token (a JWT of `auth/token`), or an API key (`qk_…`).",
        }
