"""Logins: opened once, prolonged by rotation, ended at once (invariant 9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tenants import ids, tokens, verified
from tenants.domain.logins import MULTIPLE, PASSWORD
from tenants.domain.people import Client, Person
from tenants.domain.sessions import end_of_login, why_ended
from tenants.errors import DomainError, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import Session, User
from tenants.scope import require_tenant_id
from tenants.services.pairs import Pair, Terms, digest_of, make_pair, next_refresh, unseal
from tenants.statements import sessions as statements

ENTITY = "tenants.session"


class LoginRefused(DomainError):
    """No login under these names and this password."""

    kind, code = Kind.UNAUTHENTICATED, "login-refused"


class RefreshRefused(DomainError):
    """This session is over; log in again."""

    kind, code = Kind.UNAUTHENTICATED, "refresh-refused"


class RefreshReused(DomainError):
    """This refresh token was spent before, so its session was ended; log in again."""

    kind, code = Kind.UNAUTHENTICATED, "refresh-reused"


@dataclass(frozen=True, slots=True)
class Proof:
    """What a backend found before it said yes: when the password it compared with was set."""

    password_changed_at: datetime | None


@transaction.atomic
def open_session(
    *,
    membership_id: UUID,
    client: Client,
    proof: Proof | None = None,
    auth_time: datetime | None = None,
    inherited_end: datetime | None = None,
    backend: str = PASSWORD,
    factors: Sequence[str] = (),
) -> Pair:
    """Log a member of the current tenant in and return the first pair of tokens.

    `auth_time` and `inherited_end` are those of the login it continues, if any: nothing is renewed.
    `backend` and `factors` say how the login was proved. A way in that is not the tenant's is for
    break-glass members with several factors only, and has its own event in the trail. The person's row
    is locked, so that a password changed meanwhile (`proof`) cannot slip through. Raises LoginRefused.
    """
    member = statements.lock_member(membership_id=membership_id)
    if member is None:
        raise LoginRefused
    is_emergency = backend != member.auth_backend
    if is_emergency and not (backend == PASSWORD and member.is_break_glass and MULTIPLE in factors):
        raise LoginRefused
    now = timezone.now()
    began = auth_time or now
    changed = member.password_changed_at
    if proof is not None and proof.password_changed_at != changed:
        raise LoginRefused
    if changed is not None and began < changed:
        raise LoginRefused
    ends_at = end_of_login(
        auth_time=began,
        tenant_hours=member.login_lifetime_hours,
        installation_hours=settings.MAX_LOGIN_LIFETIME_HOURS,
        inherited=inherited_end,
    )
    if ends_at <= now:
        raise LoginRefused
    session = statements.NewSession(
        id=ids.uuid7(),
        membership_id=membership_id,
        auth_time=began,
        ends_at=ends_at,
        address=client.address or None,
        user_agent=client.user_agent[:300],
        backend=backend,
        factors=factors,
    )
    terms = _terms_of_member(member, session)
    refresh, first = next_refresh(terms, now)
    statements.open_session(session=session, first=first, now=now)
    data = {
        "username": member.username,
        "address": client.address,
        "backend": backend,
        "factors": list(factors),
    }
    kept = "login.continued" if auth_time else "login.succeeded"
    publish(Event("login.break-glass" if is_emergency else kept, ENTITY, str(session.id), data))
    return make_pair(terms, refresh, first.expires_at, now)


def find(*, refresh: str) -> statements.RefreshRow:
    """The refresh token in the current tenant, spent or not, of a login that holds. Raises RefreshRefused.

    A login by a way that the tenant has left since is over, but for those who break the glass; so is one
    that has not shown the second factor which the tenant demands by now.
    """
    now = timezone.now()
    row = statements.find_refresh_token(digest=digest_of(refresh))
    if row is None or row.expires_at <= now or why_ended(row.login, now=now) is not None:
        raise RefreshRefused
    if row.backend != row.auth_backend and not (row.backend == PASSWORD and row.is_break_glass):
        raise RefreshRefused
    if row.demands_factor and MULTIPLE not in row.factors:
        raise RefreshRefused
    return row


def rotate(*, refresh: str, client: Client, found: statements.RefreshRow | None = None) -> Pair:
    """Spend a refresh token for a new pair, in the scope of the tenant it names.

    One statement spends it, so that of many callers one wins. The same client may ask again for
    REFRESH_RETRY_SECONDS and gets the same successor; anybody else, or later, ends the session. `found`
    is the token if it was just read. Raises RefreshRefused, RefreshReused.
    """
    now = timezone.now()
    digest = digest_of(refresh)
    row = found or find(refresh=refresh)
    terms = _terms_of(row)
    if row.used_at is None:
        successor, made = next_refresh(terms, now)
        if statements.consume(digest=digest, successor=made, client=client.fingerprint, now=now):
            return make_pair(terms, successor, made.expires_at, now)
        spent = statements.find_refresh_token(digest=digest)
        if spent is None:
            raise RefreshRefused
        row = spent
    return _repeat(row, terms, client, now)


def _repeat(row: statements.RefreshRow, terms: Terms, client: Client, now: datetime) -> Pair:
    window = timedelta(seconds=settings.REFRESH_RETRY_SECONDS)
    is_retry = (
        row.used_at is not None
        and abs(now - row.used_at) <= window
        and row.used_by == client.fingerprint
        and row.successor is not None
    )
    if not is_retry or row.successor is None:
        _revoke_family(session_id=row.session_id, client=client)
        raise RefreshReused
    successor = unseal(row.successor)
    expires_at = tokens.refresh_tokens().verify(successor).expires_at
    return make_pair(terms, successor, datetime.fromtimestamp(expires_at, tz=now.tzinfo), now)


def _revoke_family(*, session_id: UUID, client: Client) -> None:
    revoke(session_ids=[session_id], because="refresh-reused")
    event = Event("refresh.reused", ENTITY, str(session_id), {"address": client.address})
    publish(event, refusal=True)


@transaction.atomic
def revoke(*, session_ids: Sequence[UUID], because: str) -> list[UUID]:
    """End sessions of the current tenant at once; those that were over stay as they are.

    Returns the ids of those it ended.
    """
    now = timezone.now()
    live = Session.objects.filter(id__in=session_ids, revoked_at=None)
    ended = list(live.order_by("id").select_for_update(no_key=True).values_list("id", flat=True))
    Session.objects.filter(id__in=ended).update(revoked_at=now, revoked_because=because, updated_at=now)

    def forget() -> None:
        for session_id in ended:
            verified.forget(session_id=session_id)

    transaction.on_commit(forget)
    return ended


@transaction.atomic
def log_out(*, refresh: str) -> None:
    """End the session that a refresh token belongs to, spent or not. Raises RefreshRefused."""
    row = statements.find_refresh_token(digest=digest_of(refresh))
    if row is None:
        raise RefreshRefused
    _end(session_ids=[row.session_id], because="logout")


@transaction.atomic
def end_session(*, session_id: UUID, membership_id: UUID) -> None:
    """End one of a member's own sessions. Raises NotFound."""
    if not Session.objects.filter(id=session_id, membership_id=membership_id).exists():
        raise NotFound
    _end(session_ids=[session_id], because="ended-by-user")


@transaction.atomic
def revoke_all(*, membership_id: UUID, because: str, keep: UUID | None = None) -> None:
    """End all sessions of a member in the current tenant, but for `keep`."""
    live = Session.objects.filter(membership_id=membership_id, revoked_at=None).exclude(id=keep)
    _end(session_ids=list(live.values_list("id", flat=True)), because=because)


@transaction.atomic
def follow_password_change(
    *, user_id: UUID, membership_id: UUID, session_id: UUID | None, is_ours: bool = True
) -> None:
    """After a new password: this session stays, as one that was proved just now, the others end.

    Those in other tenants are older than the password and thereby void; where the password is a
    directory's (not `is_ours`) they do not depend on it. The end of this one stays where it was.
    """
    if is_ours:
        changed = User.objects.values_list("password_changed_at", flat=True).get(id=user_id)
        Session.objects.filter(id=session_id, membership_id=membership_id).update(auth_time=changed)
    revoke_all(membership_id=membership_id, because="password-changed", keep=session_id)
    publish(Event("password.changed", "tenants.user", str(user_id)))
    transaction.on_commit(lambda: verified.forget(user_id=user_id))


def _end(*, session_ids: Sequence[UUID], because: str) -> None:
    for session_id in revoke(session_ids=session_ids, because=because):
        publish(Event("logout.done", ENTITY, str(session_id), {"because": because}))


def _terms_of_member(member: statements.MemberRow, session: statements.NewSession) -> Terms:
    return Terms(
        person=_person_of(member),
        session_id=session.id,
        auth_time=session.auth_time,
        ends_at=session.ends_at,
        access_minutes=member.access_token_minutes,
        refresh_days=member.refresh_token_days,
    )


def _terms_of(row: statements.RefreshRow) -> Terms:
    if row.login.auth_time is None or row.login.ends_at is None:
        raise RefreshRefused
    return Terms(
        person=_person_of(row),
        session_id=row.session_id,
        auth_time=row.login.auth_time,
        ends_at=row.login.ends_at,
        access_minutes=row.access_token_minutes,
        refresh_days=row.refresh_token_days,
    )


def _person_of(row: statements.MemberRow | statements.RefreshRow) -> Person:
    return Person(
        tenant_id=require_tenant_id(),
        tenant_slug=row.tenant_slug,
        tenant_name=row.tenant_name,
        user_id=row.user_id,
        user_name=row.user_name,
        user_email=row.user_email,
        membership_id=row.membership_id,
        role=row.role,
    )
