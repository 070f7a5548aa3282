"""What is still missing before a proved login becomes a session."""

from typing import Final

from tenants.backends.registry import backends
from tenants.domain.logins import Proved
from tenants.domain.people import Client
from tenants.errors import DomainError, Kind
from tenants.models import ChallengePurpose, Membership
from tenants.selectors import factors
from tenants.services import challenges, sessions
from tenants.services.pairs import Pair

ENROLLABLE: Final = ("totp", "passkey")
SECONDS: Final = int(challenges.LIFETIME.total_seconds())


class MfaRequired(DomainError):
    """The password was right; a second factor has to be shown."""

    kind, code = Kind.UNAUTHENTICATED, "mfa-required"
    is_progress = True


class PasswordChangeRequired(DomainError):
    """The password was right; it has to be changed before you can go on."""

    kind, code = Kind.FORBIDDEN, "password-change-required"
    is_progress = True


def proceed(*, member: Membership, proved: Proved, client: Client) -> Pair:
    """Open the session of a member who has proved enough, or say what to prove next.

    The second factor comes before the change of a password, so that an expired one alone changes nothing.
    Runs in the member's tenant. Raises MfaRequired, PasswordChangeRequired (both carry the token of a
    challenge), LoginRefused, TooManyGuesses.
    """
    _ensure_factor(member, proved, client)
    if proved.must_change:
        raise PasswordChangeRequired(
            challenge=_challenge(member, ChallengePurpose.PASSWORD_CHANGE, proved, client),
            expires_in=SECONDS,
        )
    return sessions.open_session(
        membership_id=member.id,
        client=client,
        proof=_proof(proved),
        auth_time=proved.auth_time,
        inherited_end=proved.ends_at,
        backend=proved.backend,
        factors=proved.factors,
    )


def _ensure_factor(member: Membership, proved: Proved, client: Client) -> None:
    if proved.shows_second_factor:
        return
    standing = factors.standing_of(membership_id=member.id, role=member.role)
    if standing.has_to_show:
        raise MfaRequired(
            challenge=_challenge(member, ChallengePurpose.SECOND_FACTOR, proved, client),
            methods=[str(method) for method in standing.methods],
            enrol=False,
            expires_in=SECONDS,
        )
    if proved.backend != member.tenant.auth_backend:
        # Break-glass without a factor: whoever found the password must not get to enrol one.
        raise sessions.LoginRefused
    if standing.has_to_enrol:
        raise MfaRequired(
            "The password was right; a second factor has to be set up first.",
            challenge=_challenge(member, ChallengePurpose.ENROLMENT, proved, client),
            methods=list(ENROLLABLE),
            enrol=True,
            expires_in=SECONDS,
        )


def _challenge(member: Membership, purpose: ChallengePurpose, proved: Proved, client: Client) -> str:
    return challenges.open_challenge(member=member, purpose=purpose, proved=proved, client=client)


def _proof(proved: Proved) -> sessions.Proof | None:
    """Only our own passwords have a time at which they were set; a directory's are its own affair."""
    if backends().get(proved.backend).is_external:
        return None
    return sessions.Proof(proved.credential_set_at)
