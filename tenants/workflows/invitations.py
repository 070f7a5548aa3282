"""Accepting an invitation: as a new person, as one of the directory, or as whoever is logged in."""

from dataclasses import dataclass, replace
from uuid import UUID

from tenants import scope
from tenants.actors import Actor
from tenants.backends.base import Backend, Identity
from tenants.backends.policy import current_policy, ensure_strong
from tenants.backends.registry import backends
from tenants.errors import DomainError, Kind, NotFound
from tenants.hashing import hash_password
from tenants.models import Invitation, Membership, Tenant
from tenants.selectors import invitations as selectors
from tenants.selectors import tenants
from tenants.services import invitations
from tenants.services.invitations import InvitationOver, Newcomer
from tenants.services.members import new_person
from tenants.services.sessions import LoginRefused


class NameMissing(DomainError):
    """Say what you are called."""

    kind, code = Kind.INVALID, "missing"


@dataclass(frozen=True, slots=True)
class Offer:
    """An open invitation as whoever holds its link may know it.

    `is_external`: the tenant's own directory asks for the password, ours is not set.
    """

    invitation: Invitation
    tenant: Tenant
    is_external: bool


@dataclass(frozen=True, slots=True)
class Accepted:
    """A membership that was just made."""

    member: Membership
    tenant: Tenant


def look_at(*, token: str) -> Offer:
    """What a link offers. Raises InvitationOver."""
    invitation_id, tenant_id = _resolve(token)
    with scope.enter(_scope(tenant_id)):
        tenant = tenants.current_tenant()
        found = selectors.invitation(invitation_id=invitation_id)
        if found is None or not invitations.is_open(found) or not tenant.is_active:
            raise InvitationOver
        return Offer(found, tenant, _backend_of(tenant).is_external)


def accept(*, token: str, username: str, password: str, name: str = "") -> Accepted:
    """Become a member as a new person.

    Where the tenant keeps passwords here, `password` is set by its policy and `name` is needed. Where it
    has a directory, name and password are proved there, and who it is comes from there. Nobody is found
    again by an e-mail address: who exists already logs in and calls `join`. Raises InvitationOver,
    NameMissing, WeakPassword, LoginRefused, UsernameTaken, TooManyLogins.
    """
    offer = look_at(token=token)
    with scope.enter(_scope(offer.tenant.id)):
        backend = _backend_of(offer.tenant)
        if offer.is_external:
            identity = (
                backend.authenticate(tenant=offer.tenant, username=username, password=password)
                if password
                else None
            )
            if identity is None:
                raise LoginRefused
            return _accept(token, offer, _newcomer_of(identity, offer))
        if not name.strip():
            raise NameMissing(pointer="/name")
        names = (name, username, offer.invitation.email)
        ensure_strong(password, policy=current_policy(), names=names, pointer="/password")
        user = new_person(name=name, email=offer.invitation.email, stored=hash_password(password))
        return _accept(token, offer, Newcomer(username, user.id, user))


def accept_identity(*, token: str, identity: Identity) -> Accepted:
    """Become a member as whom the tenant's directory has just proved, such as a round of SSO.

    Raises InvitationOver, UsernameTaken.
    """
    offer = look_at(token=token)
    with scope.enter(_scope(offer.tenant.id)):
        return _accept(token, offer, _newcomer_of(identity, offer))


def join(*, token: str, username: str) -> Accepted:
    """Become a member as the person who is logged in, wherever that is.

    Raises InvitationOver, UsernameTaken, NotFound.
    """
    actor = scope.current().actor
    if not actor.is_person or actor.id is None:
        raise NotFound
    offer = look_at(token=token)
    with scope.enter(_scope(offer.tenant.id)):
        return _accept(token, offer, Newcomer(username, actor.id))


def _accept(token: str, offer: Offer, newcomer: Newcomer) -> Accepted:
    member = invitations.accept(
        invitation_id=offer.invitation.id, digest=invitations.digest_of(token), newcomer=newcomer
    )
    return Accepted(member, offer.tenant)


def _newcomer_of(identity: Identity, offer: Offer) -> Newcomer:
    email = identity.email or offer.invitation.email
    user = new_person(name=identity.name or identity.username, email=email, stored=None)
    return Newcomer(identity.username, user.id, user, identity, offer.tenant.auth_backend)


def _resolve(token: str) -> tuple[UUID, UUID]:
    found = tenants.resolve_invitation(digest=invitations.digest_of(token))
    if found is None:
        raise InvitationOver
    return found


def _backend_of(tenant: Tenant) -> Backend:
    return backends().get(tenant.auth_backend)


def _scope(tenant_id: UUID) -> scope.Scope:
    return replace(scope.current(), tenant_id=tenant_id, actor=Actor.system("invitation"))
