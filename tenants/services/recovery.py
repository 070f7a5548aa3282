"""Recovery codes: made ten at a time, shown once, each good once."""

import secrets
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants.domain.recovery import ALPHABET, COUNT, LENGTH, digest_of, shown
from tenants.errors import DomainError, Kind
from tenants.events import Event, publish
from tenants.models import RecoveryCode
from tenants.scope import require_tenant_id
from tenants.services.factors import count_factors, lock_member

ENTITY = "tenants.membership"


class NothingToRecover(DomainError):
    """Recovery codes stand in for a second factor: enrol one first."""

    kind, code = Kind.CONFLICT, "nothing-to-recover"


@transaction.atomic
def regenerate(*, membership_id: UUID) -> list[str]:
    """Ten new codes as they are to be shown, now or never; those there were are void.

    Raises NotFound, NothingToRecover.
    """
    lock_member(membership_id=membership_id)
    if not count_factors(membership_id=membership_id):
        raise NothingToRecover
    publish(Event("mfa.codes-made", ENTITY, str(membership_id)))
    return _make(membership_id)


def first_codes(*, membership_id: UUID) -> list[str]:
    """Codes for whoever has none, in the transaction that enrols the first factor; none otherwise.

    The member is locked already.
    """
    if RecoveryCode.objects.filter(membership_id=membership_id, used_at=None).exists():
        return []
    return _make(membership_id)


def take(*, membership_id: UUID, code: str) -> bool:
    """Whether `code` is good; it is spent thereby, so that of many callers one gets True."""
    digest = digest_of(code, membership_id=membership_id)
    if digest is None:
        return False
    now = timezone.now()
    unused = RecoveryCode.objects.filter(membership_id=membership_id, digest=digest, used_at=None)
    return unused.update(used_at=now, updated_at=now) == 1


def _make(membership_id: UUID) -> list[str]:
    RecoveryCode.objects.filter(membership_id=membership_id).delete()
    codes = ["".join(secrets.choice(ALPHABET) for _ in range(LENGTH)) for _ in range(COUNT)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(
            tenant_id=require_tenant_id(),
            membership_id=membership_id,
            digest=digest_of(code, membership_id=membership_id),
        )
        for code in codes
    )
    return [shown(code) for code in codes]
