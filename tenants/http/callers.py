"""What a view needs to know about its caller."""

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest
from rest_framework.request import Request

from tenants import scope
from tenants.domain.people import Client
from tenants.errors import NotFound
from tenants.tokens import access_tokens


def client_of(request: HttpRequest) -> Client:
    """Address and user agent of a request, as sessions remember them; control characters are dropped."""
    agent = "".join(mark for mark in request.META.get("HTTP_USER_AGENT", "") if mark.isprintable())
    return Client(address=scope.current().client_address, user_agent=agent[:300])


def own_membership_id() -> UUID:
    """The membership the actor acts through. Raises NotFound for actors that have none."""
    membership_id = scope.current().actor.membership_id
    if membership_id is None:
        raise NotFound
    return membership_id


def own_session_id() -> UUID:
    """The login the actor came with. Raises NotFound for actors that have none."""
    session_id = scope.current().actor.session_id
    if session_id is None:
        raise NotFound
    return session_id


def token_ends_at(request: Request) -> datetime:
    """When the access token of a request ends (UTC). Raises InvalidToken for what is none."""
    return datetime.fromtimestamp(access_tokens().verify(str(request.auth)).expires_at, UTC)


def own_user_id() -> UUID:
    """The person behind the actor. Raises NotFound where there is none."""
    user_id = scope.current().actor.id
    if user_id is None:
        raise NotFound
    return user_id
