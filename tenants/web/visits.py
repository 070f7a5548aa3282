"""Who looks at a page: the cookies of a request, verified as the API verifies a bearer token."""

from dataclasses import dataclass

from django.http import HttpRequest

from tenants.actors import Actor
from tenants.backends.base import ProofExpired
from tenants.http.authentication import act_by
from tenants.http.callers import client_of
from tenants.selectors.sessions import MembershipRevoked, SessionOver
from tenants.services.pairs import Pair
from tenants.services.sessions import RefreshRefused, RefreshReused
from tenants.tokens import ExpiredToken, InvalidToken
from tenants.web import cookies
from tenants.workflows import logins

_OVER = (InvalidToken, SessionOver, MembershipRevoked, RefreshRefused, RefreshReused, ProofExpired)


@dataclass(slots=True)
class Visit:
    """The visitor of one request.

    `pair` goes into the cookies of the answer; `is_over` says that the cookies brought along are good
    for nothing any more and have to go.
    """

    actor: Actor | None = None
    pair: Pair | None = None
    is_over: bool = False


def begin(request: HttpRequest) -> Visit:
    """Go on as whoever the cookies stand for.

    An access token that is over is replaced through the refresh token, as long as the login lasts. Of
    two tabs that do so at once both get the same successor. Raises DomainError only where a service
    is down.
    """
    access, refresh = cookies.read(request)
    try:
        if access and (actor := _actor_by(access)) is not None:
            return Visit(actor)
        if refresh:
            pair = logins.refresh(token=refresh, client=client_of(request))
            return Visit(act_by(pair.access), pair)
    except _OVER:
        return Visit(is_over=True)
    return Visit(is_over=bool(access))


def _actor_by(access: str) -> Actor | None:
    """None for a token that has expired: the login behind it may still hold."""
    try:
        return act_by(access)
    except ExpiredToken:
        return None
