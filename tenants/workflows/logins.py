"""From names and a password to a session, from one session to the next, and out again.

The backend may ask a directory, which is why proving who one is and writing the session are several
steps and no transaction spans them.
"""

from dataclasses import replace
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from tenants import scope, tokens
from tenants.actors import Actor, ActorKind
from tenants.backends.base import (
    Backend,
    DirectoryUnavailable,
    Identity,
    PasswordInfo,
    ProofExpired,
    WrongPassword,
)
from tenants.backends.configured import NotConfigured
from tenants.backends.registry import UnknownBackend, backends
from tenants.domain.logins import PASSWORD, Proved
from tenants.domain.people import Client
from tenants.domain.usernames import folded
from tenants.errors import DomainError, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import Membership, Session, Tenant
from tenants.selectors import logins, members, tenants
from tenants.selectors import sessions as selectors
from tenants.services import sessions
from tenants.services.pairs import Pair
from tenants.workflows import provisioning, steps

# No tenant has it: looking for a member of nobody costs what looking for a member of somebody does.
_NOBODY = UUID(int=0)


class ComparedInVain(DirectoryUnavailable):
    # No words of its own: nobody is told that a password of ours was compared before.
    is_guess = True


class OtherLogin(DomainError):
    """That tenant has its own way of logging in: use it."""

    kind, code = Kind.FORBIDDEN, "other-login"


def log_in(*, slug: str, username: str, password: str, client: Client) -> Pair:
    """Log in to the tenant `slug` by its own backend.

    Wrong tenant, name or password, and whoever may not log in, get one answer after one time. Each
    attempt is in the trail. Raises LoginRefused, TooManyLogins, DirectoryUnavailable and what
    `steps.proceed` raises.
    """
    outer = scope.current()
    found = tenants.resolve_tenant(slug=slug)
    tenant_id = _NOBODY if found is None else found.id
    with scope.enter(replace(outer, tenant_id=tenant_id, actor=Actor.system("login"))):
        try:
            proof = _prove(tenants.tenant_rows().first(), username, password)
        except DomainError as error:
            if error.kind is Kind.UNAUTHENTICATED or error.is_guess:
                # A backend's own words for no: an attempt like any other.
                _refuse(outer, None if found is None else found.id, slug, username, client)
            raise
        if proof is not None and found is not None:
            identity, backend = proof
            return enter(identity=identity, backend=backend.name, client=client)
    _refuse(outer, None if found is None else found.id, slug, username, client)
    raise sessions.LoginRefused


def enter(*, identity: Identity, backend: str, client: Client) -> Pair:
    """Let somebody in whom `backend` has proved, in the scope of the tenant.

    Finds or makes the member, and opens the session unless more has to be shown first. Raises
    LoginRefused (which is in the trail by then) and what `steps.proceed` raises.
    """
    here = scope.current()
    try:
        member = provisioning.member_for(identity=identity, backend=backend)
        if member is None:
            raise sessions.LoginRefused
        proved = Proved(
            backend=backend,
            factors=identity.factors,
            credential_set_at=identity.credential_set_at,
            must_change=identity.must_change,
        )
        with scope.enter(replace(here, actor=_actor_of(member))):
            return steps.proceed(member=member, proved=proved, client=client)
    except sessions.LoginRefused:
        _refuse(here, here.tenant_id, tenants.current_tenant().slug, identity.username, client)
        raise


def refresh(*, token: str, client: Client) -> Pair:
    """A new pair for a refresh token; a directory that knows the person is asked first.

    Raises InvalidToken, RefreshRefused, RefreshReused, and DirectoryUnavailable, which leaves the token
    as good as it was.
    """
    claims = tokens.refresh_tokens().verify(token)
    with scope.enter(_scope_of(claims)):
        found = sessions.find(refresh=token)
        # A spent token is either a retry, whose first one was asked about, or a theft.
        if found.backend == PASSWORD or found.used_at is not None:
            return sessions.rotate(refresh=token, client=client, found=found)
        _ensure_still_member(found.membership_id, found.session_id, found.backend)
        return sessions.rotate(refresh=token, client=client)


def _ensure_still_member(membership_id: UUID, session_id: UUID, backend: str) -> None:
    try:
        is_member = provisioning.is_still_member(membership_id=membership_id, backend=backend)
    except ProofExpired:
        sessions.revoke(session_ids=[session_id], because="directory-proof-expired")
        raise
    if not is_member:
        raise sessions.RefreshRefused


def log_out(*, token: str) -> None:
    """End the session of a refresh token. Raises InvalidToken, RefreshRefused."""
    claims = tokens.refresh_tokens().verify(token)
    with scope.enter(_scope_of(claims)):
        sessions.log_out(refresh=token)


def log_out_everywhere(*, user_id: UUID) -> None:
    """End every session of a person, in every tenant the person works for.

    A directory speaks for its company alone: a login by one ends the sessions there.
    """
    here = scope.current()
    actor = here.actor
    login = selectors.own_session(session_id=actor.session_id, membership_id=actor.membership_id)
    if login is not None and login.backend != PASSWORD and actor.membership_id is not None:
        sessions.revoke_all(membership_id=actor.membership_id, because="logout-everywhere")
        return
    for place in tenants.resolve_memberships(user_id=user_id):
        with scope.enter(replace(here, tenant_id=place.tenant_id)):
            sessions.revoke_all(membership_id=place.membership_id, because="logout-everywhere")


def switch_tenant(*, slug: str, client: Client) -> Pair:
    """A session in another tenant of the same person, as old as this one and no longer lived.

    The session here goes on. A second factor shown here proves nothing there, where it was not enrolled.
    Raises NotFound, OtherLogin, SessionOver and what `steps.proceed` raises.
    """
    here = scope.current()
    actor = here.actor
    if actor.id is None:
        raise NotFound
    login = selectors.own_session(session_id=actor.session_id, membership_id=actor.membership_id)
    if login is None:
        raise selectors.SessionOver
    places = tenants.resolve_memberships(user_id=actor.id)
    target = next((place for place in places if place.slug == slug), None)
    if target is None:
        raise NotFound(pointer="/tenant")
    # Only our own passwords are the person's in every tenant: a directory speaks for its company alone.
    if login.backend != PASSWORD:
        raise OtherLogin
    joined = replace(
        actor,
        role=target.role,
        capabilities=frozenset(),
        membership_id=target.membership_id,
        session_id=None,
    )
    with scope.enter(replace(here, tenant_id=target.tenant_id, actor=joined)):
        return _continue(login, client)


def password_info(*, user_id: UUID) -> PasswordInfo:
    """What applies to the password that the actor's session was proved by."""
    return _own_backend().get_password_info(user_id=user_id)


def change_password(*, old_password: str, new_password: str) -> None:
    """Change the actor's own password; every other session of the person ends.

    Raises WrongPassword, WeakPassword, PasswordUnchangeable, TooManyLogins.
    """
    actor = scope.current().actor
    if actor.id is None or actor.membership_id is None:
        raise NotFound
    backend = _own_backend()
    try:
        backend.change_password(user_id=actor.id, old_password=old_password, new_password=new_password)
    except WrongPassword:
        publish(Event("password.refused", "tenants.user", str(actor.id)), refusal=True)
        raise
    sessions.follow_password_change(
        user_id=actor.id,
        membership_id=actor.membership_id,
        session_id=actor.session_id,
        is_ours=not backend.is_external,
    )


def _prove(tenant: Tenant | None, username: str, password: str) -> tuple[Identity, Backend] | None:
    """Who this is, and which backend says so.

    In a tenant with break-glass members every attempt computes a hash, whoever tries; the directory is
    asked in any case and never sees the password of one, however the name is spelt. An attempt is a guess
    there even while the directory is down: what would be compared for ever is our own password.
    """
    ours = backends().get(PASSWORD)
    # To a directory an empty password may mean an anonymous bind: ours refuses it, taking its time.
    if tenant is None or not tenant.is_active or not password or tenant.auth_backend == PASSWORD:
        identity = ours.authenticate(tenant=tenant, username=username, password=password)
        return None if identity is None or not password else (identity, ours)
    try:
        theirs = backends().get(tenant.auth_backend)
    except UnknownBackend as error:
        raise NotConfigured from error
    names = set(logins.break_glass_members().values_list("username", flat=True))
    if not names:
        identity = theirs.authenticate(tenant=tenant, username=username, password=password)
        return None if identity is None else (identity, theirs)
    identity = ours.authenticate(tenant=tenant, username=username, password=password)
    if username in names and identity is not None:
        return identity, ours
    is_ours = folded(username) in map(folded, names)
    try:
        identity = theirs.authenticate(
            tenant=tenant, username=username, password=token_urlsafe(32) if is_ours else password
        )
    except DirectoryUnavailable as error:
        raise ComparedInVain(retry_after=error.retry_after) from error
    return None if identity is None or is_ours else (identity, theirs)


def _continue(login: Session, client: Client) -> Pair:
    """Go on in the tenant of the current scope with what the password alone proves there."""
    membership_id = scope.current().actor.membership_id
    member = members.own_membership(membership_id=membership_id)
    if member is None or member.tenant.auth_backend != PASSWORD:
        raise OtherLogin
    ours = backends().get(PASSWORD)
    proved = Proved(
        backend=PASSWORD,
        credential_set_at=member.user.password_changed_at,
        must_change=ours.get_password_info(user_id=member.user_id).must_change,
        auth_time=login.auth_time,
        ends_at=login.ends_at,
    )
    return steps.proceed(member=member, proved=proved, client=client)


def _own_backend() -> Backend:
    """The backend of the actor's session: a break-glass login changes our password, not a directory's."""
    actor = scope.current().actor
    login = selectors.own_session(session_id=actor.session_id, membership_id=actor.membership_id)
    name = tenants.current_tenant().auth_backend if login is None else login.backend
    return backends().get(name)


def _actor_of(member: Membership) -> Actor:
    """Without capabilities: a login is no right to anything."""
    return Actor(kind=ActorKind.USER, id=member.user_id, role=member.role, membership_id=member.id)


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
