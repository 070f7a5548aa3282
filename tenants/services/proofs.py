"""Proofs of somebody who is logged in: asked for before a factor comes or goes, and not guessed.

They share the table of the challenges of a login, and its count of wrong answers.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants import ceremonies
from tenants.errors import DomainError, Kind
from tenants.models import ChallengePurpose, LoginChallenge
from tenants.scope import require_tenant_id
from tenants.services.challenges import ensure_may_guess
from tenants.services.passkeys import PATIENCE

REGISTRATION: Final = ChallengePurpose.REGISTRATION
PROOF: Final = ChallengePurpose.PROOF


class CeremonyOver(DomainError):
    """This passkey was asked for too long ago, or answered before; begin again."""

    kind, code = Kind.CONFLICT, "ceremony-over"


@dataclass(frozen=True, slots=True)
class Begun:
    """A ceremony: `id` (`chl_…`) stands for it, `challenge` is what the browser has to answer."""

    id: str
    challenge: bytes


@transaction.atomic
def begin_ceremony(*, membership_id: UUID, purpose: str) -> Begun:
    """A challenge for a passkey that is to be registered, or shown. Raises TooManyGuesses."""
    ensure_may_guess(membership_id=membership_id)
    challenge = ceremonies.new_challenge()
    return Begun(_keep(membership_id, purpose, challenge).public_id, challenge)


@transaction.atomic
def spend_ceremony(*, ceremony_id: UUID, membership_id: UUID, purpose: str) -> LoginChallenge:
    """The ceremony, which nobody can answer again; a shown passkey counts as one attempt.

    Raises CeremonyOver.
    """
    row: LoginChallenge | None = (
        LoginChallenge.objects.select_for_update(no_key=True)
        .filter(id=ceremony_id, membership_id=membership_id, purpose=purpose)
        .exclude(webauthn_challenge=None)
        .filter(used_at=None, attempts=0, expires_at__gt=timezone.now())
        .first()
    )
    if row is None:
        raise CeremonyOver
    row.attempts = 1
    row.save(update_fields=["attempts", "updated_at"])
    return row


@transaction.atomic
def begin_attempt(*, membership_id: UUID) -> LoginChallenge:
    """Count an attempt at a proof before it is looked at. Raises TooManyGuesses."""
    ensure_may_guess(membership_id=membership_id)
    return _keep(membership_id, PROOF, None)


def asked_by(ceremony: LoginChallenge) -> bytes:
    """What the browser was asked at a ceremony. Raises CeremonyOver for an attempt without one."""
    if ceremony.webauthn_challenge is None:
        raise CeremonyOver
    return bytes(ceremony.webauthn_challenge)


def succeed(attempt: LoginChallenge) -> None:
    """The attempt was right and counts for nothing any more; one statement."""
    now = timezone.now()
    LoginChallenge.objects.filter(id=attempt.id).update(used_at=now, updated_at=now)


def ask_passkey(*, challenge: LoginChallenge, asked: bytes) -> None:
    """Remember what a browser is asked at this step of a login; what was asked before is void."""
    LoginChallenge.objects.filter(id=challenge.id).update(webauthn_challenge=asked, updated_at=timezone.now())


@transaction.atomic
def spend_asked(*, challenge: LoginChallenge) -> bytes | None:
    """What the browser was asked last, for one answer; None where nothing was, or somebody answered."""
    row = LoginChallenge.objects.select_for_update(no_key=True).get(id=challenge.id)
    if row.webauthn_challenge is None:
        return None
    asked = bytes(row.webauthn_challenge)
    row.webauthn_challenge = None
    row.save(update_fields=["webauthn_challenge", "updated_at"])
    return asked


def _keep(membership_id: UUID, purpose: str, challenge: bytes | None) -> LoginChallenge:
    kept: LoginChallenge = LoginChallenge.objects.create(
        tenant_id=require_tenant_id(),
        membership_id=membership_id,
        purpose=purpose,
        webauthn_challenge=challenge,
        attempts=0 if challenge else 1,
        expires_at=timezone.now() + PATIENCE,
    )
    return kept
