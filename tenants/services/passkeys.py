"""Passkeys of somebody who is logged in or about to be: registered, used, removed.

Each ceremony has its own challenge: a row that is spent by the first answer, good or bad.
"""

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import ceremonies
from tenants.errors import DomainError, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import Membership, Passkey
from tenants.scope import require_tenant_id
from tenants.selectors.factors import known_passkeys
from tenants.services.factors import ensure_dispensable, ensure_room, lock_member, void_begun
from tenants.services.recovery import first_codes

ENTITY: Final = "tenants.passkey"
UNNAMED: Final = "Passkey"
PATIENCE: Final = timedelta(minutes=5)


class PasskeyTaken(DomainError):
    """This passkey is registered already."""

    kind, code = Kind.CONFLICT, "passkey-taken"


def creation_options(*, membership_id: UUID, challenge: bytes) -> dict[str, Any]:
    """What the browser of a member is asked for a new passkey. Raises NotFound, PasskeysUnavailable."""
    member = Membership.objects.select_related("user").filter(id=membership_id).first()
    if member is None:
        raise NotFound
    return ceremonies.registration_options(
        challenge=challenge,
        handle=member.id.bytes,
        account=member.username,
        name=member.user.name or member.username,
        known=known_passkeys(membership_id=membership_id),
    )


@transaction.atomic
def register(
    *, membership_id: UUID, name: str, credential: Any, challenge: bytes
) -> tuple[Passkey, list[str]]:
    """Keep a new passkey. Also returns recovery codes, to be shown once, if there were none yet.

    Raises PasskeyRefused, PasskeyTaken, TooManyFactors, NotFound.
    """
    lock_member(membership_id=membership_id)
    ensure_room(membership_id=membership_id)
    found = ceremonies.verify_registration(credential=credential, challenge=challenge)
    try:
        with transaction.atomic():
            passkey: Passkey = Passkey.objects.create(
                tenant_id=require_tenant_id(),
                membership_id=membership_id,
                name=name or UNNAMED,
                credential_id=found.credential_id,
                public_key=found.public_key,
                sign_count=found.sign_count,
                transports=found.transports,
            )
    except IntegrityError as error:
        raise PasskeyTaken from error
    void_begun(membership_id=membership_id)
    publish(Event("mfa.enrolled", ENTITY, str(passkey.id), {"method": "passkey"}))
    return passkey, first_codes(membership_id=membership_id)


def take(*, membership_id: UUID, credential: Any, challenge: bytes) -> bool:
    """Whether `credential` answers `challenge` with a passkey of the member, whose counter has grown."""
    try:
        claimed = ceremonies.credential_id_of(credential)
        passkey = Passkey.objects.filter(membership_id=membership_id, credential_id=claimed).first()
        if passkey is None:
            return False
        count = ceremonies.verify_assertion(
            credential=credential,
            challenge=challenge,
            public_key=bytes(passkey.public_key),
            sign_count=passkey.sign_count,
        )
    except ceremonies.PasskeyRefused:
        return False
    return _advance(passkey_id=passkey.id, count=count)


def _advance(*, passkey_id: UUID, count: int) -> bool:
    # A counter that stands still is that of a copy, unless the authenticator has none and says 0.
    now = timezone.now()
    rows = Passkey.objects.filter(id=passkey_id)
    rows = rows.filter(sign_count__lt=count) if count else rows.filter(sign_count=0)
    return rows.update(sign_count=count, last_used_at=now, updated_at=now) == 1


@transaction.atomic
def remove(*, membership_id: UUID, passkey_id: UUID) -> None:
    """Take a passkey out. Raises NotFound, LastFactor."""
    member = lock_member(membership_id=membership_id)
    passkey = Passkey.objects.filter(membership_id=membership_id, id=passkey_id).first()
    if passkey is None:
        raise NotFound
    ensure_dispensable(member=member)
    publish(Event("mfa.removed", ENTITY, str(passkey.id), {"method": "passkey"}))
    passkey.delete()
