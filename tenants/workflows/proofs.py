"""Showing who one is: a password asked of its backend, a code or a passkey taken once."""

from tenants import scope
from tenants.actors import ActorKind
from tenants.backends.base import Identity
from tenants.backends.registry import backends
from tenants.domain.factors import Answer, Method
from tenants.errors import DomainError, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import LoginChallenge, Membership
from tenants.selectors import members, tenants
from tenants.selectors import sessions as open_sessions
from tenants.selectors.factors import standing_of
from tenants.selectors.identities import is_identity_of
from tenants.services import passkeys, proofs, recovery, totp


class ProofNeeded(DomainError):
    """Show that it is you: by your password or by a second factor."""

    kind, code = Kind.FORBIDDEN, "proof-needed"
    is_progress = True


class ProofRefused(DomainError):
    """This does not show that it is you."""

    kind, code = Kind.FORBIDDEN, "proof-refused"


def own_member() -> Membership:
    """The member who asks, person and tenant read with it. Raises NotFound for programs and systems."""
    actor = scope.current().actor
    member = members.own_membership(membership_id=actor.membership_id)
    if actor.kind is not ActorKind.USER or actor.session_id is None or member is None:
        raise NotFound
    return member


def has_shown(*, member: Membership, answer: Answer, challenge: bytes | None) -> bool:
    """Whether `answer` shows a second factor of `member`; what works once is spent."""
    if answer.method is Method.TOTP:
        return totp.take(membership_id=member.id, code=answer.text)
    if answer.method is Method.RECOVERY_CODE:
        return recovery.take(membership_id=member.id, code=answer.text)
    if answer.method is Method.PASSKEY and challenge is not None:
        return passkeys.take(membership_id=member.id, credential=answer.credential, challenge=challenge)
    return False


def ensure_proved(*, member: Membership, answer: Answer | None) -> None:
    """Let nobody but the member itself change factors: a session alone may have been stolen.

    Each attempt is counted before it is looked at. Raises ProofNeeded, ProofRefused, CeremonyOver,
    TooManyGuesses, TooManyLogins, DirectoryUnavailable.
    """
    if answer is None:
        standing = standing_of(membership_id=member.id, role=member.role)
        raise ProofNeeded(methods=[Method.PASSWORD, *standing.methods])
    attempt = _counted(member, answer)
    if answer.method is Method.PASSWORD:
        is_proved = _knows_password(member, answer.text)
    else:
        asked = proofs.asked_by(attempt) if answer.method is Method.PASSKEY else None
        is_proved = has_shown(member=member, answer=answer, challenge=asked)
    if not is_proved:
        data = {"method": answer.method.value, "address": scope.current().client_address}
        publish(Event("proof.refused", "tenants.membership", str(member.id), data), refusal=True)
        raise ProofRefused
    proofs.succeed(attempt)


def _counted(member: Membership, answer: Answer) -> LoginChallenge:
    if answer.method is not Method.PASSKEY:
        return proofs.begin_attempt(membership_id=member.id)
    if answer.ceremony is None:
        raise proofs.CeremonyOver
    return proofs.spend_ceremony(
        ceremony_id=answer.ceremony,
        membership_id=member.id,
        purpose=proofs.PROOF,
    )


def _knows_password(member: Membership, password: str) -> bool:
    """Asks the backend that the session began with, as a login would."""
    session = open_sessions.own_session(session_id=scope.current().actor.session_id, membership_id=member.id)
    if session is None or not password:
        return False
    found: Identity | None = (
        backends()
        .get(session.backend)
        .authenticate(tenant=tenants.current_tenant(), username=member.username, password=password)
    )
    return found is not None and is_identity_of(member=member, issuer=found.issuer, subject=found.subject)
