"""Authenticator apps: enrolled, confirmed by a code, used code by code, removed."""

from dataclasses import dataclass
from io import BytesIO
from typing import Final
from uuid import UUID

import segno
from django.db import transaction
from django.utils import timezone
from pyotp import random_base32

from tenants.domain.totp import enrolment_uri, matching_step
from tenants.errors import DomainError, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import Membership, TotpDevice
from tenants.scope import require_tenant_id
from tenants.services.factors import ensure_dispensable, ensure_room, lock_member, void_begun
from tenants.services.recovery import first_codes

ENTITY: Final = "tenants.totpdevice"
UNNAMED: Final = "Authenticator app"


class WrongCode(DomainError):
    """This is not the code that the app shows now."""

    kind, code = Kind.UNPROCESSABLE, "wrong-code"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An app that waits for its first code. `uri` holds the secret, `qr_svg` is the same for a camera."""

    id: UUID
    name: str
    secret: str
    uri: str
    qr_svg: str


@transaction.atomic
def enrol(*, membership_id: UUID, name: str) -> Enrolment:
    """Begin with an app; it counts for nothing before `confirm`. What was begun before is dropped.

    The secret is shown here and never again. Raises NotFound, TooManyFactors.
    """
    member = lock_member(membership_id=membership_id)
    ensure_room(membership_id=membership_id)
    TotpDevice.objects.filter(membership_id=membership_id, confirmed_at=None).delete()
    device = TotpDevice.objects.create(
        tenant_id=require_tenant_id(),
        membership_id=membership_id,
        name=name or UNNAMED,
        secret=random_base32(),
    )
    return _shown(member, device)


def pending(*, membership_id: UUID, device_id: UUID) -> Enrolment:
    """An app that waits for its code, to be shown once more to whoever mistyped it. Raises NotFound.

    By its id, which only the one who began it knows: nobody must confirm a secret that somebody else,
    with the password alone, has begun with and seen.
    """
    device = _begun(membership_id, device_id)
    member = Membership.objects.select_related("tenant").get(id=membership_id)
    return _shown(member, device)


@transaction.atomic
def confirm(*, membership_id: UUID, device_id: UUID, code: str) -> list[str]:
    """Take the first code of an app; from now on a login asks for it.

    Returns recovery codes, to be shown once, if there were none yet. Raises NotFound, WrongCode.
    """
    lock_member(membership_id=membership_id)
    device = _begun(membership_id, device_id)
    now = timezone.now()
    step = matching_step(secret=device.secret, code=code, at=now)
    if step is None:
        raise WrongCode(pointer="/code")
    device.confirmed_at, device.last_step = now, step
    device.save(update_fields=["confirmed_at", "last_step", "updated_at"])
    void_begun(membership_id=membership_id)
    publish(Event("mfa.enrolled", ENTITY, str(device.id), {"method": "totp"}))
    return first_codes(membership_id=membership_id)


def take(*, membership_id: UUID, code: str) -> bool:
    """Whether `code` is good; it is spent thereby, so that of many callers one gets True."""
    devices = TotpDevice.objects.filter(membership_id=membership_id).exclude(confirmed_at=None)
    now = timezone.now()
    for device in devices.order_by("id"):
        step = matching_step(secret=device.secret, code=code, at=now)
        if step is not None and _spend(device_id=device.id, step=step):
            return True
    return False


def _spend(*, device_id: UUID, step: int) -> bool:
    # One statement decides: a code that was read over a shoulder is worth nothing any more.
    fresh = TotpDevice.objects.filter(id=device_id, last_step__lt=step)
    return fresh.update(last_step=step, updated_at=timezone.now()) == 1


@transaction.atomic
def remove(*, membership_id: UUID, device_id: UUID) -> None:
    """Take an app out. Raises NotFound, LastFactor."""
    member = lock_member(membership_id=membership_id)
    device = TotpDevice.objects.filter(membership_id=membership_id, id=device_id).first()
    if device is None:
        raise NotFound
    if device.confirmed_at is not None:
        ensure_dispensable(member=member)
        publish(Event("mfa.removed", ENTITY, str(device.id), {"method": "totp"}))
    device.delete()


def _begun(membership_id: UUID, device_id: UUID) -> TotpDevice:
    begun = TotpDevice.objects.filter(membership_id=membership_id, id=device_id, confirmed_at=None)
    device: TotpDevice | None = begun.first()
    if device is None:
        raise NotFound
    return device


def _shown(member: Membership, device: TotpDevice) -> Enrolment:
    uri = enrolment_uri(
        secret=device.secret, account=member.username, issuer=f"Quittance {member.tenant.name}"
    )
    drawn = BytesIO()
    segno.make(uri, error="m").save(
        drawn, kind="svg", scale=4, light="#fff", xmldecl=False, svgclass=None, lineclass=None, nl=False
    )
    return Enrolment(device.id, device.name, device.secret, uri, drawn.getvalue().decode())
