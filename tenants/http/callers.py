"""What a view needs to know about its caller."""

from uuid import UUID

from django.http import HttpRequest

from tenants import scope
from tenants.domain.people import Client
from tenants.errors import NotFound


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


def own_user_id() -> UUID:
    """The person behind the actor. Raises NotFound where there is none."""
    user_id = scope.current().actor.id
    if user_id is None:
        raise NotFound
    return user_id
