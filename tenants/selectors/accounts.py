"""Reading oneself."""

from dataclasses import dataclass
from uuid import UUID

from tenants.actors import Actor
from tenants.domain.logins import PASSWORD
from tenants.domain.people import Person
from tenants.errors import NotFound
from tenants.selectors.members import own_membership, person_of
from tenants.selectors.sessions import own_session
from tenants.statements.resolvers import MembershipRow, resolve_memberships


@dataclass(frozen=True, slots=True)
class Account:
    """A member with the rights of the moment and all tenants the person may enter from here."""

    person: Person
    username: str
    time_zone: str
    capabilities: list[str]
    session_id: UUID | None
    memberships: list[MembershipRow]


def account_of(*, actor: Actor) -> Account:
    """The account behind an actor. Raises NotFound where no member is.

    Other tenants are told to whoever has shown a password of ours, which is the person's everywhere. A
    directory could prove anybody, and its company must not learn for whom else its people work.
    """
    member = own_membership(membership_id=actor.membership_id)
    if member is None:
        raise NotFound
    login = own_session(session_id=actor.session_id, membership_id=member.id)
    places = resolve_memberships(user_id=member.user_id)
    if login is None or login.backend != PASSWORD:
        places = [place for place in places if place.membership_id == member.id]
    return Account(
        person=person_of(member),
        username=member.username,
        time_zone=member.tenant.time_zone,
        capabilities=sorted(actor.capabilities),
        session_id=actor.session_id,
        memberships=places,
    )
