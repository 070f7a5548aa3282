"""Closing the books of a legal entity through a day, and opening them again with a reason."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from invoicing.domain import periods
from invoicing.models import LegalEntity, PeriodLock
from invoicing.selectors.period_locks import closed_through as last_closed_day
from invoicing.selectors.period_locks import get_period_lock
from invoicing.services import posting
from tenants import events, ids
from tenants.errors import FieldError, InvalidInput
from tenants.scope import require_tenant_id


@transaction.atomic
def lock_period(*, closed_through: date, legal_entity_id: UUID | None = None, note: str = "") -> PeriodLock:
    """Close the books of a company, by default the tenant's default one, through a day.

    Waits for documents and postings that are under way; those that come later and are dated in the
    period are refused. Raises InvalidInput (no such company), DayNotOver, AlreadyClosed.
    """
    today = posting.hold_ledger().today
    entity = _legal_entity(legal_entity_id)
    before = last_closed_day(legal_entity=entity)
    periods.ensure_can_close(closed_through, before=before, today=today)
    lock: PeriodLock = PeriodLock.objects.create(
        tenant_id=require_tenant_id(), legal_entity_id=entity, closed_through=closed_through, note=note
    )
    _publish("period.locked", lock, note=note)
    return lock


@transaction.atomic
def release_period(*, period_lock_id: UUID, reason: str) -> PeriodLock:
    """Take the latest lock of a company back; the one before it, if any, is in force again.

    The trail keeps who did so and the reason. Raises NotFound, AlreadyReleased, LaterLockInForce.
    """
    posting.hold_ledger()
    lock = get_period_lock(period_lock_id=period_lock_id)
    if lock.released_at is not None:
        raise periods.AlreadyReleased
    in_force = last_closed_day(legal_entity=lock.legal_entity_id)
    periods.ensure_can_release(lock.closed_through, in_force=in_force)
    lock.released_at, lock.release_reason = timezone.now(), reason
    lock.save(update_fields=["released_at", "release_reason", "updated_at"])
    _publish("period.released", lock, reason=reason)
    return lock


def _legal_entity(legal_entity_id: UUID | None) -> UUID:
    """A company that was deactivated has books to close, too."""
    rows = LegalEntity.objects.filter(is_default=True)
    if legal_entity_id is not None:
        rows = LegalEntity.all_objects.filter(id=legal_entity_id)
    found: UUID | None = rows.values_list("id", flat=True).first()
    if found is None:
        detail = "There is no such legal entity."
        if legal_entity_id is None:
            detail = "The tenant has no default legal entity: name one."
        raise InvalidInput([FieldError("/legal_entity", "unknown-reference", detail)])
    return found


def _publish(name: str, lock: PeriodLock, **data: str) -> None:
    told = {
        "legal_entity": ids.encode("le", lock.legal_entity_id),
        "closed_through": lock.closed_through.isoformat(),
        **data,
    }
    events.publish(events.Event(name, PeriodLock._meta.label_lower, str(lock.id), told))
