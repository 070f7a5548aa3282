"""Whose request is this: an access token with session and membership, against simplejwt as one gets it."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework_simplejwt.authentication import JWTAuthentication, JWTStatelessUserAuthentication
from rest_framework_simplejwt.tokens import AccessToken

from bench.harness import OURS, Contender, Goal, Trial, WrongResult, expect
from bench.wire import traffic
from bench.world import World
from tenants import scope, verified
from tenants.actors import Actor
from tenants.errors import DomainError
from tenants.http.authentication import BearerAuthentication
from tenants.services import sessions
from tests.factories import client_of, scope_of

PEER = "simplejwt + user query"


@contextmanager
def trial(world: World) -> Iterator[Trial]:
    """Each contender turns a request's header into somebody; ours has also looked at the membership."""
    ours, theirs = _request(world.access_token()), _request(world.access_token(foreign=True))
    plain = _request(str(AccessToken.for_user(world.member.user)))
    bearer, simple, stateless = BearerAuthentication(), JWTAuthentication(), JWTStatelessUserAuthentication()

    def verify() -> Any:
        return bearer.authenticate(ours)

    def verify_anew() -> Any:
        verified.forget(tenant_id=world.ours.id)
        return bearer.authenticate(ours)

    with _outside():
        _check_ours(bearer, ours, world)
        bearer.authenticate(theirs)
        expect(scope.current().tenant_id, world.theirs.id, "tenant of the other's token")
    with scope_of(world.ours):
        found = simple.authenticate(plain)
        expect(found and found[0].pk, world.member.user_id, "the peer's user")
    _refused(lambda: simple.authenticate(_request(str(AccessToken.for_user(world.member.user))[:-2] + "AA")))

    def in_tenant() -> AbstractContextManager[object]:
        return scope_of(world.ours)

    with _outside():
        facts = {"ours": str(traffic(verify)), "first time in 5 s": str(traffic(verify_anew))}
    with scope_of(world.ours):
        facts[PEER] = str(traffic(lambda: simple.authenticate(plain)))
    yield Trial(
        contenders=[
            Contender(OURS, verify, around=_outside),
            Contender(PEER, lambda: simple.authenticate(plain), around=in_tenant),
            Contender("simplejwt alone", lambda: stateless.authenticate(plain), around=in_tenant),
            Contender("ours, token not seen before", verify_anew, around=_outside),
        ],
        goals=[Goal(PEER, "at least", 10)],
        facts=facts,
    )


def _check_ours(bearer: BearerAuthentication, request: Request, world: World) -> None:
    """The right person in the right tenant; nobody with a broken token or an ended session."""
    found = bearer.authenticate(request)
    expect(found and found[0].membership_id, world.member.id, "member of our token")
    expect(scope.current().tenant_id, world.ours.id, "tenant of our token")
    token = request.META["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    _refused(lambda: bearer.authenticate(_request(token[:-2] + "AA")))
    ended = client_of(world.member)
    bearer.authenticate(_request(ended.access))
    with scope_of(world.ours, member=world.member):
        sessions.log_out(refresh=ended.refresh)
    _refused(lambda: bearer.authenticate(_request(ended.access)))


def _refused(attempt: Any) -> None:
    try:
        attempt()
    except (DomainError, APIException):
        return
    raise WrongResult("a token that is not good was taken")


def _request(token: str) -> Request:
    return Request(APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"Bearer {token}"))


def _outside() -> AbstractContextManager[object]:
    """Where a request begins: nobody, in no tenant."""
    return scope.enter(scope.Scope(None, Actor.system("anonymous"), "bench", "127.0.0.1"))
