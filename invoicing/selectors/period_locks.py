"""Reading which periods are closed."""

from datetime import date
from uuid import UUID

from django.db.models import Max, QuerySet

from invoicing.models import PeriodLock
from tenants.errors import NotFound


def get_period_lock(*, period_lock_id: UUID) -> PeriodLock:
    """One lock, in force or released. Raises NotFound."""
    lock: PeriodLock | None = PeriodLock.objects.filter(id=period_lock_id).first()
    if lock is None:
        raise NotFound
    return lock


def list_period_locks(
    *, legal_entity: UUID | None = None, in_force: bool | None = None
) -> QuerySet[PeriodLock]:
    """Locks, the latest first; `in_force` leaves out those that were released, or the others."""
    rows: QuerySet[PeriodLock] = PeriodLock.objects.order_by("-id")
    if legal_entity is not None:
        rows = rows.filter(legal_entity_id=legal_entity)
    if in_force is not None:
        rows = rows.filter(released_at__isnull=in_force)
    return rows


def closed_through(*, legal_entity: UUID) -> date | None:
    """The last day on which the books of a company are closed; None where all are open."""
    in_force = PeriodLock.objects.filter(legal_entity_id=legal_entity, released_at__isnull=True)
    latest: date | None = in_force.aggregate(latest=Max("closed_through"))["latest"]
    return latest
