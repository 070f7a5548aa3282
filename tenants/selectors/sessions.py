"""Reading logins: does one still hold, and which are open."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tenants.actors import Actor, ActorKind
from tenants.domain.sessions import Ended, why_ended
from tenants.errors import DomainError, Kind
from tenants.models import Session
from tenants.statements.sessions import login_for_access
from tenants.tokens import Claims


class SessionOver(DomainError):
    """This session is over; log in again."""

    kind, code = Kind.UNAUTHENTICATED, "session-over"


class MembershipRevoked(DomainError):
    """You are no member of this tenant."""

    kind, code = Kind.FORBIDDEN, "membership-revoked"


def actor_of(claims: Claims) -> Actor:
    """The actor a verified access token stands for at this moment, in the scope of its tenant.

    Raises MembershipRevoked where tenant or membership is gone, SessionOver where only the login is.
    """
    return _actor(membership_id=claims.membership_id, user_id=claims.user_id, session_id=claims.session_id)


def actor_of_session(*, session_id: UUID) -> Actor:
    """The actor of a login of the current tenant at this moment. Raises as `actor_of` does."""
    found = Session.objects.filter(id=session_id).values_list("membership_id", "membership__user_id").first()
    if found is None:
        raise SessionOver
    membership_id, user_id = found
    return _actor(membership_id=membership_id, user_id=user_id, session_id=session_id)


def _actor(*, membership_id: UUID, user_id: UUID, session_id: UUID) -> Actor:
    found = login_for_access(membership_id=membership_id, user_id=user_id, session_id=session_id)
    if found is None:
        raise MembershipRevoked
    login, role, rights, legal_entities = found
    ended = why_ended(login, now=timezone.now())
    if ended in (Ended.TENANT, Ended.MEMBERSHIP):
        raise MembershipRevoked
    if ended is not None:
        raise SessionOver
    return Actor(
        kind=ActorKind.USER,
        id=user_id,
        role=role,
        capabilities=rights,
        membership_id=membership_id,
        session_id=session_id,
        legal_entities=legal_entities,
    )


def open_sessions(*, membership_id: UUID | None) -> "QuerySet[Session]":
    """The logins of a member in the current tenant that still hold, newest first (ids follow time)."""
    return Session.objects.filter(
        membership_id=membership_id, revoked_at=None, ends_at__gt=timezone.now()
    ).order_by("-id")


def own_session(*, session_id: UUID | None, membership_id: UUID | None) -> Session | None:
    """One open login of a member."""
    if session_id is None:
        return None
    return open_sessions(membership_id=membership_id).filter(id=session_id).first()
