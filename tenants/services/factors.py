"""What all second factors of a member have in common: how many there are, and when they may go."""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants import scope
from tenants.errors import DomainError, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import (
    ChallengePurpose,
    LoginChallenge,
    Membership,
    Passkey,
    RecoveryCode,
    TotpDevice,
)
from tenants.selectors.factors import demands_factor
from tenants.services import sessions
from tenants.services.rights import ensure_no_more
from tenants.statements.rights import rights_of_member

MOST: Final = 20


class TooManyFactors(DomainError):
    """Nobody needs that many: remove one first."""

    kind, code = Kind.CONFLICT, "too-many-factors"


class LastFactor(DomainError):
    """Your company demands a second factor: enrol another one before you remove this."""

    kind, code = Kind.CONFLICT, "last-factor"


class NotYourself(DomainError):
    """One's own factors are removed one by one, each with a proof."""

    kind, code = Kind.FORBIDDEN, "not-yourself"


def lock_member(*, membership_id: UUID) -> Membership:
    """The member with its tenant, locked: factors come and go one after another. Raises NotFound."""
    member: Membership | None = (
        Membership.objects.select_related("tenant")
        .select_for_update(of=("self",), no_key=True)
        .filter(id=membership_id)
        .first()
    )
    if member is None:
        raise NotFound
    return member


def count_factors(*, membership_id: UUID) -> int:
    """How many factors a login of the member could ask for."""
    devices = TotpDevice.objects.filter(membership_id=membership_id).exclude(confirmed_at=None)
    return int(devices.count() + Passkey.objects.filter(membership_id=membership_id).count())


def ensure_room(*, membership_id: UUID) -> None:
    """Raises TooManyFactors."""
    if count_factors(membership_id=membership_id) >= MOST:
        raise TooManyFactors


def void_begun(*, membership_id: UUID) -> None:
    """After a factor was added: what was begun beside it is good for nothing any more.

    The first factor takes no proof, so whoever began with one and waited would get round the proof that
    adding a second one takes. In the transaction that adds it.
    """
    TotpDevice.objects.filter(membership_id=membership_id, confirmed_at=None).delete()
    begun = LoginChallenge.objects.filter(
        membership_id=membership_id, purpose=ChallengePurpose.REGISTRATION, used_at=None
    )
    # Not marked as used: what was answered wrongly stays counted.
    begun.update(expires_at=timezone.now(), updated_at=timezone.now())


def ensure_dispensable(*, member: Membership) -> None:
    """Before one factor of a locked member goes: with the last one go the recovery codes.

    Raises LastFactor.
    """
    if count_factors(membership_id=member.id) > 1:
        return
    if demands_factor(membership_id=member.id, role=member.role):
        raise LastFactor
    RecoveryCode.objects.filter(membership_id=member.id).delete()


@transaction.atomic
def reset_factors(*, membership_id: UUID) -> None:
    """Take all factors of another member away, who has lost them; the member's sessions here end.

    A tenant that demands a factor leads the next login into enrolment. Raises NotFound, NotYourself,
    MayDoMore.
    """
    if scope.current().actor.membership_id == membership_id:
        raise NotYourself
    lock_member(membership_id=membership_id)
    ensure_no_more(rights_of_member(membership_id=membership_id))
    for model in (TotpDevice, Passkey, RecoveryCode):
        model.objects.filter(membership_id=membership_id).delete()
    publish(Event("mfa.reset", "tenants.membership", str(membership_id)))
    sessions.revoke_all(membership_id=membership_id, because="factors-reset")
