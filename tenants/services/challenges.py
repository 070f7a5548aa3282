"""Logins that have proved something but not enough: opened, answered a few times at most, used once."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from tenants import ids, tokens
from tenants.domain.logins import Proved
from tenants.domain.people import Client
from tenants.errors import DomainError, Kind
from tenants.models import LoginChallenge, Membership

LIFETIME: Final = timedelta(minutes=10)
MOST_ATTEMPTS: Final = 5
# Whoever has the password can open one challenge after the other: guesses are counted across them.
MOST_GUESSES: Final = 20
GUESSES_WITHIN: Final = timedelta(hours=1)


class ChallengeRefused(DomainError):
    """This step of the login is over; log in again."""

    kind, code = Kind.UNAUTHENTICATED, "challenge-refused"


class TooManyGuesses(DomainError):
    """Too many wrong answers; try again later."""

    kind, code = Kind.THROTTLED, "too-many-attempts"


@transaction.atomic
def open_challenge(*, member: Membership, purpose: str, proved: Proved, client: Client) -> str:
    """Keep what was proved and return the token that stands for it, good for LIFETIME.

    Raises TooManyGuesses where a member's challenges were answered wrongly too often of late.
    """
    now = timezone.now()
    ensure_may_guess(membership_id=member.id)
    challenge: LoginChallenge = LoginChallenge.objects.create(
        tenant_id=member.tenant_id,
        membership_id=member.id,
        purpose=purpose,
        backend=proved.backend,
        factors=list(proved.factors),
        must_change=proved.must_change,
        credential_set_at=proved.credential_set_at,
        auth_time=proved.auth_time,
        ends_at=proved.ends_at,
        client=client.fingerprint,
        expires_at=now + LIFETIME,
    )
    claims = tokens.Claims(
        tenant_id=member.tenant_id,
        user_id=member.user_id,
        membership_id=member.id,
        session_id=challenge.id,
        token_id=ids.uuid7(),
        issued_at=int(now.timestamp()),
        expires_at=int(challenge.expires_at.timestamp()),
        auth_time=int((proved.auth_time or now).timestamp()),
    )
    return tokens.challenge_tokens().issue(claims)


def ensure_may_guess(*, membership_id: UUID) -> None:
    """Raises TooManyGuesses where a member's challenges were answered wrongly too often of late.

    In a transaction: the member's row is held until the commit, so that guesses are counted one by one.
    """
    Membership.all_objects.select_for_update(no_key=True).filter(id=membership_id).first()
    recent = LoginChallenge.objects.filter(
        membership_id=membership_id, used_at=None, created_at__gt=timezone.now() - GUESSES_WITHIN
    )
    if (recent.aggregate(all=Sum("attempts"))["all"] or 0) >= MOST_GUESSES:
        raise TooManyGuesses(retry_after=int(GUESSES_WITHIN.total_seconds()))


def claims_of(token: str) -> tokens.Claims:
    """What a challenge's token says: whose scope to enter. Raises InvalidToken, ExpiredToken."""
    return tokens.challenge_tokens().verify(token)


def peek(*, token: str, client: Client, purposes: tuple[str, ...]) -> LoginChallenge:
    """The challenge of a token, without counting: for what has to be known before an answer.

    Call it in the scope of the token's tenant. Raises ChallengeRefused, InvalidToken.
    """
    found: LoginChallenge | None = _open(token, client, purposes).select_related("membership").first()
    if found is None:
        raise ChallengeRefused
    return found


@transaction.atomic
def take(*, token: str, client: Client, purposes: tuple[str, ...]) -> LoginChallenge:
    """Count one attempt and return the challenge; only then may the answer be looked at.

    Committed at once: of many guesses made together no more than MOST_ATTEMPTS are ever compared for one
    challenge, and no more than MOST_GUESSES for a member, however many challenges were opened before. The
    same client only. Call it in the scope of the token's tenant, in no transaction. Raises
    ChallengeRefused, TooManyGuesses, InvalidToken.
    """
    if not _open(token, client, purposes).exists():
        raise ChallengeRefused
    ensure_may_guess(membership_id=claims_of(token).membership_id)
    counted = _open(token, client, purposes).update(attempts=F("attempts") + 1, updated_at=timezone.now())
    if not counted:
        raise ChallengeRefused
    taken: LoginChallenge = LoginChallenge.objects.select_related("membership").get(
        id=claims_of(token).session_id
    )
    return taken


def finish(*, challenge: LoginChallenge) -> None:
    """The answer was right: use the challenge up. Raises ChallengeRefused for whoever comes second."""
    now = timezone.now()
    unused = LoginChallenge.objects.filter(id=challenge.id, used_at=None, expires_at__gt=now)
    if not unused.update(used_at=now, updated_at=now):
        raise ChallengeRefused


def proved_by(challenge: LoginChallenge) -> Proved:
    """What was proved before this challenge."""
    return Proved(
        backend=challenge.backend,
        factors=tuple(challenge.factors),
        credential_set_at=challenge.credential_set_at,
        must_change=challenge.must_change,
        auth_time=challenge.auth_time,
        ends_at=challenge.ends_at,
    )


def _open(token: str, client: Client, purposes: tuple[str, ...]) -> "QuerySet[LoginChallenge]":
    claims = claims_of(token)
    return LoginChallenge.objects.filter(
        id=claims.session_id,
        membership_id=claims.membership_id,
        purpose__in=purposes,
        client=client.fingerprint,
        used_at=None,
        expires_at__gt=timezone.now(),
        attempts__lt=MOST_ATTEMPTS,
    )
