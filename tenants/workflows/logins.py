"""From names and a password to a session, from one session to the next, and out again.

The backend may ask a directory, which is why proving who one is and writing the session are two
steps and no transaction spans them.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID

from tenants import capabilities, scope, tokens
from tenants.actors import Actor, ActorKind
from tenants.backends.base import Identity, PasswordInfo, WrongPassword
from tenants.backends.registry import backends
from tenants.domain.people import Client
from tenants.errors import DomainError, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import Membership
from tenants.selectors import members, tenants
from tenants.selectors import sessions as selectors
from tenants.services import sessions
from tenants.services.pairs import Pair

# No tenant has it: looking for a member of nobody costs what looking for a member of somebody does.
_NOBODY = UUID(int=0)
_DEFAULT_BACKEND = "password"


class OtherLogin(DomainError):
    """That tenant has its own way of logging in: use it."""

    kind, code = Kind.FORBIDDEN, "other-login"


def log_in(*, slug: str, username: str, password: str, client: Client) -> Pair:
    """Log in to the tenant `slug` by its own backend.

    Wrong tenant, name or password, and whoever may not log in, get one answer after one time. Each
    attempt is in the trail. Raises LoginRefused, TooManyLogins.
    """
    outer = scope.current()
    found = tenants.resolve_tenant(slug=slug)
    with scope.enter(
        replace(outer, tenant_id=_NOBODY if found is None else found.id, actor=Actor.system("login"))
    ):
        tenant = tenants.tenant_rows().first()
        # To a directory an empty password may mean an anonymous bind: ours refuses it, taking its time.
        name = tenant.auth_backend if tenant is not None and password else _DEFAULT_BACKEND
        identity = backends().get(name).authenticate(tenant=tenant, username=username, password=password)
        member = None if identity is None else _member_of(identity)
    if found is None or identity is None or member is None or not password:
        _refuse(outer, None if found is None else found.id, slug, username, client)
        raise sessions.LoginRefused
    with scope.enter(replace(outer, tenant_id=found.id, actor=_actor_of(member))):
        return sessions.open_session(
            membership_id=member.id,
            client=client,
            proof=sessions.Proof(identity.credential_set_at),
        )


def refresh(*, token: str, client: Client) -> Pair:
    """A new pair for a refresh token. Raises InvalidToken, RefreshRefused, RefreshReused."""
    claims = tokens.refresh_tokens().verify(token)
    with scope.enter(_scope_of(claims)):
        return sessions.rotate(refresh=token, client=client)


def log_out(*, token: str) -> None:
    """End the session of a refresh token. Raises InvalidToken, RefreshRefused."""
    claims = tokens.refresh_tokens().verify(token)
    with scope.enter(_scope_of(claims)):
        sessions.log_out(refresh=token)


def log_out_everywhere(*, user_id: UUID) -> None:
    """End every session of a person, in every tenant the person works for."""
    here = scope.current()
    for place in tenants.resolve_memberships(user_id=user_id):
        with scope.enter(replace(here, tenant_id=place.tenant_id)):
            sessions.revoke_all(membership_id=place.membership_id, because="logout-everywhere")


def switch_tenant(*, slug: str, client: Client) -> Pair:
    """A session in another tenant of the same person, as old as this one and no longer lived.

    The session here goes on. Raises NotFound, OtherLogin, LoginRefused, SessionOver.
    """
    here = scope.current()
    actor = here.actor
    if actor.id is None:
        raise NotFound
    login = selectors.own_session(session_id=actor.session_id, membership_id=actor.membership_id)
    if login is None:
        raise selectors.SessionOver
    backend = tenants.current_tenant().auth_backend
    places = tenants.resolve_memberships(user_id=actor.id)
    target = next((place for place in places if place.slug == slug), None)
    if target is None:
        raise NotFound(pointer="/tenant")
    joined = replace(
        actor,
        role=target.role,
        capabilities=capabilities.of_role(target.role),
        membership_id=target.membership_id,
        session_id=None,
    )
    with scope.enter(replace(here, tenant_id=target.tenant_id, actor=joined)):
        if tenants.current_tenant().auth_backend != backend:
            raise OtherLogin
        return sessions.open_session(
            membership_id=target.membership_id,
            client=client,
            auth_time=login.auth_time,
            inherited_end=login.ends_at,
        )


def password_info(*, user_id: UUID) -> PasswordInfo:
    """What applies to this person's password in the current tenant."""
    return backends().get(tenants.current_tenant().auth_backend).get_password_info(user_id=user_id)


def change_password(*, old_password: str, new_password: str) -> None:
    """Change the actor's own password; every other session of the person ends.

    Raises WrongPassword, WeakPassword, PasswordUnchangeable, TooManyLogins.
    """
    actor = scope.current().actor
    if actor.id is None or actor.membership_id is None:
        raise NotFound
    backend = backends().get(tenants.current_tenant().auth_backend)
    try:
        backend.change_password(user_id=actor.id, old_password=old_password, new_password=new_password)
    except WrongPassword:
        publish(Event("password.refused", "tenants.user", str(actor.id)), refusal=True)
        raise
    sessions.follow_password_change(
        user_id=actor.id, membership_id=actor.membership_id, session_id=actor.session_id
    )


def _member_of(identity: Identity) -> Membership | None:
    """The membership of somebody proven; one issuer so far, whose subjects are our own users."""
    if identity.issuer != _DEFAULT_BACKEND:
        return None
    return members.membership_of_user(user_id=UUID(identity.subject))


def _actor_of(member: Membership) -> Actor:
    return Actor(
        kind=ActorKind.USER,
        id=member.user_id,
        role=member.role,
        capabilities=capabilities.of_role(member.role),
        membership_id=member.id,
    )


def _scope_of(claims: tokens.Claims) -> scope.Scope:
    # Without capabilities: a refresh token is good for sessions, and for nothing else.
    actor = Actor(
        kind=ActorKind.USER,
        id=claims.user_id,
        membership_id=claims.membership_id,
        session_id=claims.session_id,
    )
    return replace(scope.current(), tenant_id=claims.tenant_id, actor=actor)


def _refuse(outer: scope.Scope, tenant_id: UUID | None, slug: str, username: str, client: Client) -> None:
    # One entry whether or not there is such a tenant: writing takes time, too.
    data: dict[str, Any] = {"tenant": slug, "username": username, "address": client.address}
    with scope.enter(replace(outer, tenant_id=tenant_id, actor=Actor.system("login"))):
        publish(Event("login.refused", "tenants.session", data=data), refusal=True)
