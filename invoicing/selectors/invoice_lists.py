"""Lists of documents, filtered and in a total order: newest issue date first, then newest id."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone
from psycopg.types.json import Jsonb

from invoicing.selectors.parties import members_of
from invoicing.statements import listing
from invoicing.statements.listing import SummaryRow
from tenants.scope import require_tenant_id

__all__ = ["InvoiceFilter", "SummaryRow", "count_invoices", "list_invoices"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceFilter:
    """What a list is narrowed to; None leaves a filter out. Totals are tax inclusive.

    A `customer` stands for those that were merged into it, which is found out with one more statement.
    `q` is the beginning of a number (as written) or of a customer's name (in any case).
    `metadata` are pairs that a document has all of.
    """

    status: str | None = None
    type: str | None = None
    payment_status: str | None = None
    overdue: bool | None = None
    corrects: UUID | None = None
    customer: UUID | None = None
    legal_entity: UUID | None = None
    series: UUID | None = None
    currency: str | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    min_total: Decimal | None = None
    max_total: Decimal | None = None
    q: str | None = None
    metadata: Mapping[str, str] | None = None

    def values(self) -> dict[str, Any]:
        """The filters in use, ready for the statement."""
        used = {
            field.name: value for field in fields(self) if (value := getattr(self, field.name)) is not None
        }
        if self.q is not None:
            used["q"] = _prefix(self.q)
        if self.metadata is not None:
            used["metadata"] = Jsonb(self.metadata)
        if self.customer is not None and len(members := members_of(customer_id=self.customer)) > 1:
            del used["customer"]
            used["customers"] = members
        return used


def list_invoices(
    *,
    filters: InvoiceFilter,
    limit: int,
    after: tuple[date | None, UUID] | None = None,
    offset: int = 0,
) -> list[SummaryRow]:
    """At most `limit` documents, behind the row with the sort key `after`. One statement."""
    return listing.summaries(
        tenant_id=require_tenant_id(),
        now=timezone.now(),
        filters=filters.values(),
        limit=limit,
        after=after,
        offset=offset,
    )


def count_invoices(*, filters: InvoiceFilter) -> int:
    """How many documents the filters leave. One statement, exact, as costly as the rows are many."""
    return listing.count(tenant_id=require_tenant_id(), now=timezone.now(), filters=filters.values())


def _prefix(text: str) -> str:
    """A LIKE pattern for what begins with `text`, its wildcards taken literally."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"{escaped}%"
