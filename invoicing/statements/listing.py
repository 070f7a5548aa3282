"""The list of documents, as typed rows: one statement whatever the page, filters and ordering."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from invoicing.domain.lifecycle import State, balance_of
from tenants.rows import fetch_rows


class SummaryRow(NamedTuple):
    """A document in a list, with what a list shows of its customer."""

    id: UUID
    type: str
    number: str | None
    state: str
    payment_state: str
    overdue: bool
    legal_entity: UUID
    series: UUID
    currency: str
    issue_date: date | None
    due_date: date | None
    tax_exclusive: Decimal
    tax_total: Decimal
    tax_inclusive: Decimal
    payable: Decimal
    settled: Decimal
    issued_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    customer: UUID
    customer_name: str
    customer_reference: str
    customer_vat_id: str
    customer_country: str

    @property
    def balance(self) -> Decimal | None:
        return balance_of(state=State(self.state), payable=self.payable, settled=self.settled)


# "Today" is the tenant's, asked for once a statement.
_TODAY = "(SELECT (%(now)s AT TIME ZONE time_zone)::date FROM tenants_tenant WHERE id = %(tenant)s)"
_OVERDUE = (
    f"(i.state = 'issued' AND i.payment_state <> 'paid' AND i.due_date IS NOT NULL AND i.due_date < {_TODAY})"
)
_SELECT = f"""
SELECT i.id, i.type, i.number, i.state, i.payment_state, {_OVERDUE}, i.legal_entity_id, i.series_id,
       i.currency, i.issue_date, i.due_date, i.tax_exclusive, i.tax_total, i.tax_inclusive, i.payable,
       i.settled_amount, i.issued_at, i.created_at, i.updated_at, i.version,
       c.id, c.name, c.reference, c.vat_id, c.country
FROM invoicing_invoice i
JOIN invoicing_customer c ON c.tenant_id = i.tenant_id AND c.id = i.customer_id
WHERE i.tenant_id = %(tenant)s"""

# The filters a list may have; whatever is not here cannot be asked for. A value in a sub-select is hidden
# from the planner, so that one plan serves every call: planning anew cost as much as reading the page.
# Only the beginning of a text must be seen, or no index could be used for it.
CONDITIONS: dict[str, str] = {
    "status": "i.state = (SELECT %(status)s)",
    "type": "i.type = (SELECT %(type)s)",
    "payment_status": "i.payment_state = (SELECT %(payment_status)s)",
    "overdue": f"{_OVERDUE} = (SELECT %(overdue)s)",
    "corrects": "i.corrects_id = (SELECT %(corrects)s)",
    "customer": "i.customer_id = (SELECT %(customer)s)",
    "customers": "i.customer_id = ANY(%(customers)s::uuid[])",
    "legal_entity": "i.legal_entity_id = (SELECT %(legal_entity)s)",
    "series": "i.series_id = (SELECT %(series)s)",
    "currency": "i.currency = (SELECT %(currency)s)",
    "issued_from": "i.issue_date >= (SELECT %(issued_from)s)",
    "issued_to": "i.issue_date <= (SELECT %(issued_to)s)",
    "due_from": "i.due_date >= (SELECT %(due_from)s)",
    "due_to": "i.due_date <= (SELECT %(due_to)s)",
    "min_total": "i.tax_inclusive >= (SELECT %(min_total)s)",
    "max_total": "i.tax_inclusive <= (SELECT %(max_total)s)",
    "q": (
        "(i.number LIKE %(q)s OR i.customer_id IN (SELECT id FROM invoicing_customer"
        " WHERE tenant_id = %(tenant)s AND name ILIKE %(q)s))"
    ),
    "metadata": "i.id IN (SELECT invoicing_invoice_with_metadata(%(metadata)s::jsonb))",
}
# Drafts without a date come first, newest first: PostgreSQL sorts nulls before the rest in DESC.
_ORDER = "ORDER BY i.issue_date DESC, i.id DESC"
_AFTER_DATED = "(i.issue_date, i.id) < ((SELECT %(after_date)s), (SELECT %(after_id)s))"
_AFTER_UNDATED = "(i.issue_date IS NOT NULL OR i.id < (SELECT %(after_id)s))"


def summaries(
    *,
    tenant_id: UUID,
    now: datetime,
    filters: Mapping[str, Any],
    limit: int,
    after: tuple[date | None, UUID] | None = None,
    offset: int = 0,
) -> list[SummaryRow]:
    """At most `limit` rows by issue date and id, both descending, behind the key `after`.

    `filters` are names of CONDITIONS with their values.
    """
    conditions = [CONDITIONS[name] for name in filters]
    values = {**filters, "tenant": tenant_id, "now": now, "limit": limit, "offset": offset}
    if after is not None:
        values["after_date"], values["after_id"] = after
        conditions.append(_AFTER_UNDATED if after[0] is None else _AFTER_DATED)
    sql = f"{_where(_SELECT, conditions)} {_ORDER} LIMIT (SELECT %(limit)s)"
    if offset:
        sql += " OFFSET %(offset)s"
    return list(map(SummaryRow._make, fetch_rows(sql, values)))


def count(*, tenant_id: UUID, now: datetime, filters: Mapping[str, Any]) -> int:
    """How many documents match."""
    sql = _where(
        "SELECT count(*) FROM invoicing_invoice i WHERE i.tenant_id = %(tenant)s",
        [CONDITIONS[name] for name in filters],
    )
    ((total,),) = fetch_rows(sql, {**filters, "tenant": tenant_id, "now": now})
    return int(total)


def _where(select: str, conditions: Sequence[str]) -> str:
    return " AND ".join([select, *conditions])
