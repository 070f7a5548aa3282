"""What customers owed at the end of a day, as it was known then or at a stated moment."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from invoicing.domain.account import Horizon
from invoicing.selectors.parties import members_of
from invoicing.statements import merging
from invoicing.statements import receivables as statements
from invoicing.statements.receivables import Ageing, OpenItem
from tenants.errors import DomainError, Kind
from tenants.scope import require_tenant_id

__all__ = ["Ageing", "OpenItem", "OpenItemFilter"]


class DayInFuture(DomainError):
    """A day that has not come has no books."""

    kind, code = Kind.INVALID, "day-in-future"


class KnownInFuture(DomainError):
    """What will be recorded is not known yet."""

    kind, code = Kind.INVALID, "known-at-in-future"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItemFilter:
    """What open items are narrowed to; None leaves a filter out.

    A `customer` stands for those that were merged into it, as far as that was known at the time.
    """

    customer: UUID | None = None
    legal_entity: UUID | None = None
    currency: str | None = None

    def values(self, at: Horizon) -> dict[str, Any]:
        """The filters in use, ready for the statement."""
        used = {
            field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None
        }
        customer = used.pop("customer", None)
        if customer is not None:
            used["customers"] = members_of(customer_id=customer, known_at=at.known_at)
        return used


def horizon(*, as_of: date | None = None, known_at: datetime | None = None, named: str = "as_of") -> Horizon:
    """The day asked for (by default today) and what is known of it.

    Without `known_at` that is what was recorded by the end of the day in the tenant's zone, so that
    what comes late leaves the answer as it was. Waits for postings that are under way. Raises
    DayInFuture at the parameter `named`, KnownInFuture.
    """
    close = statements.close_of_recording(tenant_id=require_tenant_id(), day=as_of)
    day = as_of or close.today
    if day > close.today:
        raise DayInFuture(pointer=f"?{named}")
    if known_at is not None and known_at > close.now:
        raise KnownInFuture(pointer="?known_at")
    return Horizon(day, known_at or min(close.end, close.now), known_at is not None or day < close.today)


def list_open_items(
    *,
    at: Horizon,
    filters: OpenItemFilter,
    limit: int,
    after: tuple[date, UUID] | None = None,
    offset: int = 0,
) -> list[OpenItem]:
    """Documents and payments with something left, the longest due first, behind the key `after`.

    Each is told with the customer who stood for its own as far as was known. Two statements.
    """
    tenant_id = require_tenant_id()
    found = statements.open_items(
        tenant_id=tenant_id,
        as_of=at.as_of,
        known_at=at.known_at,
        filters=filters.values(at),
        limit=limit,
        after=after,
        offset=offset,
    )
    customers = list({item.customer for item in found})
    stands = merging.survivors_of(tenant_id=tenant_id, customers=customers, known_at=at.known_at)
    return [item._replace(customer=stands[item.customer]) for item in found]


def ageing(*, at: Horizon, filters: OpenItemFilter) -> list[Ageing]:
    """The same added up by currency and days overdue."""
    return statements.ageing(
        tenant_id=require_tenant_id(), as_of=at.as_of, known_at=at.known_at, filters=filters.values(at)
    )


def count_open_items(*, at: Horizon, filters: OpenItemFilter) -> int:
    """How many items were open: exact, as costly as the rows are many."""
    return statements.count_open_items(
        tenant_id=require_tenant_id(), as_of=at.as_of, known_at=at.known_at, filters=filters.values(at)
    )
