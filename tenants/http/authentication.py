"""Who asks: the access token of a request, verified, becomes its actor and its tenant."""

from dataclasses import replace
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from tenants import scope, tokens, verified
from tenants.actors import Actor, ActorKind
from tenants.selectors.sessions import actor_of

_SCHEME = "bearer "


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer …`: an access token of ours.

    Signature, session and membership are checked against the database unless this process has done
    so within MEMBERSHIP_CACHE_SECONDS. From here on the request runs as the token's actor in the
    token's tenant; nothing else a request says is believed about that.
    """

    def authenticate(self, request: Request) -> tuple[Actor, str] | None:
        """None without a bearer token. Raises InvalidToken, SessionOver, MembershipRevoked."""
        header: str = request.META.get("HTTP_AUTHORIZATION", "")
        if header[: len(_SCHEME)].lower() != _SCHEME:
            return None
        token = header[len(_SCHEME) :].strip()
        return act_by(token), token

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
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
