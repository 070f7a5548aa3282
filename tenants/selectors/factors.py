"""Reading second factors: which a member has, and whether the tenant demands one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from tenants.ceremonies import Known
from tenants.domain.factors import FactorStanding, Method
from tenants.errors import NotFound
from tenants.models import Passkey, RecoveryCode, TotpDevice
from tenants.statements.factors import kept_of


@dataclass(frozen=True, slots=True)
class Factors:
    """The factors of a member, oldest first; `recovery_codes_left` are those not used yet."""

    is_required: bool
    methods: Sequence[Method]
    totp: Sequence[TotpDevice]
    passkeys: Sequence[Passkey]
    recovery_codes_left: int


def standing_of(*, membership_id: UUID, role: str) -> FactorStanding:
    """What a member in `role` can show, and whether that is demanded; one statement."""
    kept = kept_of(membership_id=membership_id, role=role)
    methods = [Method.TOTP] if kept.has_totp else []
    if kept.has_passkey:
        methods.append(Method.PASSKEY)
    # Codes stand in for a factor and are none: alone they do not count.
    if methods and kept.has_recovery_codes:
        methods.append(Method.RECOVERY_CODE)
    return FactorStanding(tuple(methods), kept.is_required)


def demands_factor(*, membership_id: UUID, role: str) -> bool:
    """Whether the current tenant demands a second factor of a member in `role`."""
    return kept_of(membership_id=membership_id, role=role).is_required


def factors_of(*, membership_id: UUID, role: str) -> Factors:
    """Everything a member has enrolled; what was begun and not confirmed is left out."""
    standing = standing_of(membership_id=membership_id, role=role)
    devices = TotpDevice.objects.filter(membership_id=membership_id).exclude(confirmed_at=None)
    return Factors(
        is_required=standing.is_required,
        methods=standing.methods,
        totp=list(devices.order_by("id")),
        passkeys=list(Passkey.objects.filter(membership_id=membership_id).order_by("id")),
        recovery_codes_left=RecoveryCode.objects.filter(membership_id=membership_id, used_at=None).count(),
    )


def known_passkeys(*, membership_id: UUID) -> list[Known]:
    """The passkeys of a member, as their browser is told about them."""
    rows = Passkey.objects.filter(membership_id=membership_id).order_by("id")
    return [Known(bytes(each.credential_id), each.transports) for each in rows]


def ensure_own_totp(*, membership_id: UUID, device_id: UUID) -> None:
    """Raises NotFound unless the member has this app, confirmed or not."""
    if not TotpDevice.objects.filter(membership_id=membership_id, id=device_id).exists():
        raise NotFound


def ensure_own_passkey(*, membership_id: UUID, passkey_id: UUID) -> None:
    """Raises NotFound unless the member has this passkey."""
    if not Passkey.objects.filter(membership_id=membership_id, id=passkey_id).exists():
        raise NotFound
