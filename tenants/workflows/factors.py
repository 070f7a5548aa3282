"""Second factors of somebody who is logged in: each change is that of one member, with a proof.

The first factor needs none, as there is nothing yet that it could get round; whoever adds another one,
removes one or wants new recovery codes shows the password or a factor.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tenants import ceremonies
from tenants.domain.factors import Answer
from tenants.models import Membership, Passkey
from tenants.selectors import factors as selectors
from tenants.selectors.factors import Factors
from tenants.services import passkeys, proofs, recovery, totp
from tenants.services.totp import Enrolment
from tenants.workflows.proofs import ensure_proved, own_member


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What a browser is asked for a passkey; `id` (`chl_…`) stands for it in the answer."""

    id: str
    public_key: dict[str, Any]


def mine() -> Factors:
    """What the actor has enrolled. Raises NotFound."""
    member = own_member()
    return selectors.factors_of(membership_id=member.id, role=member.role)


def enrol_totp(*, name: str, proof: Answer | None) -> Enrolment:
    """Begin with an authenticator app. Raises ProofNeeded, ProofRefused, TooManyFactors, NotFound."""
    member = own_member()
    _ensure_may_add(member, proof)
    return totp.enrol(membership_id=member.id, name=name)


def confirm_totp(*, device_id: UUID, code: str) -> list[str]:
    """Finish with a code; returns recovery codes if there were none. Raises WrongCode, NotFound."""
    return totp.confirm(membership_id=own_member().id, device_id=device_id, code=code)


def pending_totp(*, device_id: UUID) -> Enrolment:
    """The app whose code was mistyped, to be shown again. Raises NotFound."""
    return totp.pending(membership_id=own_member().id, device_id=device_id)


def remove_totp(*, device_id: UUID, proof: Answer | None) -> None:
    """Raises ProofNeeded, ProofRefused, LastFactor, NotFound."""
    member = own_member()
    ensure_proved(member=member, answer=proof)
    totp.remove(membership_id=member.id, device_id=device_id)


def begin_registration(*, proof: Answer | None) -> Ceremony:
    """Ask a browser for a new passkey. Raises ProofNeeded, ProofRefused, PasskeysUnavailable, NotFound."""
    member = own_member()
    _ensure_may_add(member, proof)
    begun = proofs.begin_ceremony(membership_id=member.id, purpose=proofs.REGISTRATION)
    options = passkeys.creation_options(membership_id=member.id, challenge=begun.challenge)
    return Ceremony(begun.id, options)


def register_passkey(*, ceremony_id: UUID, name: str, credential: Any) -> tuple[Passkey, list[str]]:
    """Keep what the browser made, and recovery codes if there were none.

    Raises CeremonyOver, PasskeyRefused, PasskeyTaken, TooManyFactors, NotFound.
    """
    member = own_member()
    spent = proofs.spend_ceremony(
        ceremony_id=ceremony_id,
        membership_id=member.id,
        purpose=proofs.REGISTRATION,
    )
    # Not an attempt at a proof: a fault of the browser must not lock anybody out.
    proofs.succeed(spent)
    return passkeys.register(
        membership_id=member.id,
        name=name,
        credential=credential,
        challenge=proofs.asked_by(spent),
    )


def begin_proof() -> Ceremony:
    """Ask a browser for a passkey that is registered. Raises PasskeysUnavailable, NotFound."""
    member = own_member()
    known = selectors.known_passkeys(membership_id=member.id)
    begun = proofs.begin_ceremony(membership_id=member.id, purpose=proofs.PROOF)
    options = ceremonies.assertion_options(challenge=begun.challenge, known=known)
    return Ceremony(begun.id, options)


def remove_passkey(*, passkey_id: UUID, proof: Answer | None) -> None:
    """Raises ProofNeeded, ProofRefused, LastFactor, NotFound."""
    member = own_member()
    ensure_proved(member=member, answer=proof)
    passkeys.remove(membership_id=member.id, passkey_id=passkey_id)


def new_recovery_codes(*, proof: Answer | None) -> list[str]:
    """Ten new codes, those before are void. Raises ProofNeeded, ProofRefused, NothingToRecover, NotFound."""
    member = own_member()
    ensure_proved(member=member, answer=proof)
    return recovery.regenerate(membership_id=member.id)


def _ensure_may_add(member: Membership, proof: Answer | None) -> None:
    if selectors.standing_of(membership_id=member.id, role=member.role).has_to_show:
        ensure_proved(member=member, answer=proof)
