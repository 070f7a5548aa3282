"""The books as they were at the end of a day, as far as they were known at a moment.

Every figure adds up rows that never change and bear two times: the day they count on, and when they
were recorded. What is recorded later can therefore not change an answer that was given before.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from tenants.rows import fetch_rows


class Close(NamedTuple):
    """A moment of which all that was recorded can be read, which day that is, and the end of a day."""

    now: datetime
    today: date
    end: datetime


class OpenItem(NamedTuple):
    """A document or payment with something left, claims above zero and credit below.

    `day` is when it is due, or its own day where it never is; `overdue` counts days, 0 where it is not.
    """

    kind: str
    id: UUID
    number: str
    customer: UUID
    legal_entity: UUID
    currency: str
    on: date
    due_date: date | None
    total: Decimal
    open: Decimal
    overdue: int
    day: date


class Ageing(NamedTuple):
    """Open claims in one currency by days overdue, and the credit that stands against them."""

    currency: str
    not_due: Decimal
    days_1_30: Decimal
    days_31_60: Decimal
    days_61_90: Decimal
    over_90: Decimal
    credit: Decimal
    total: Decimal


class Entry(NamedTuple):
    """One movement of a customer's account; `amount` above zero is owed to us."""

    kind: str
    id: UUID
    number: str
    currency: str
    on: date
    amount: Decimal


# The time first, then the wait: who begins to post after the look around records a later time.
_TIME = """
SELECT now, today, (coalesce(%(day)s, today) + 1)::timestamp AT TIME ZONE time_zone
FROM (SELECT time_zone, now, (now AT TIME ZONE time_zone)::date AS today
      FROM tenants_tenant, clock_timestamp() AS now WHERE id = %(tenant)s) AS tenant
"""
_AWAIT = "SELECT invoicing_await_postings(%(tenant)s, make_interval(secs => %(seconds)s))"
PATIENCE_SECONDS = 10.0


def close_of_recording(*, tenant_id: UUID, day: date | None) -> Close:
    """The time, today and the end of `day`, once all have finished who were posting at that time.

    Without a day that of today. What is read afterwards, in a statement of its own, has all that was
    recorded before `now`. Nobody waits for whoever waits here. Two statements; raises OperationalError
    where a posting takes longer than PATIENCE_SECONDS.
    """
    (told,) = fetch_rows(_TIME, {"tenant": tenant_id, "day": day})
    fetch_rows(_AWAIT, {"tenant": tenant_id, "seconds": PATIENCE_SECONDS})
    return Close._make(told)


_KNOWN = "{row}.effective_date <= %(as_of)s AND {row}.recorded_at < %(known_at)s"
POSTED = f"row.tenant_id = %(tenant)s AND {_KNOWN.format(row='row')}"
# A void takes a document out of the books from its day on, once it is known.
_DOCUMENTS = """
    SELECT i.*, CASE i.type WHEN 'credit_note' THEN -1 ELSE 1 END AS side
    FROM invoicing_invoice i
    WHERE i.tenant_id = %(tenant)s AND i.state <> 'draft' AND i.issue_date <= %(as_of)s
      AND i.recorded_at < %(known_at)s
      AND NOT coalesce(i.voided_on <= %(as_of)s AND i.voided_at < %(known_at)s, false)"""
_PAYMENTS = f"SELECT row.* FROM invoicing_payment row WHERE {POSTED}"
FILTERS = {
    "customers": "customer_id = ANY(%(customers)s)",
    "legal_entity": "legal_entity_id = %(legal_entity)s",
    "currency": "currency = %(currency)s",
}
_OPEN_ITEMS = f"""
WITH document AS ({_DOCUMENTS} {{documents}}),
payment AS ({_PAYMENTS} {{payments}}),
settled AS (
    SELECT document_id, sum(amount) AS amount FROM (
        SELECT d.id AS document_id, row.amount FROM invoicing_allocation row
            JOIN document d ON d.id = row.invoice_id WHERE {POSTED}
        UNION ALL SELECT d.id, row.amount FROM invoicing_allocation row
            JOIN document d ON d.id = row.credit_note_id WHERE {POSTED}
        UNION ALL SELECT d.id, row.amount FROM invoicing_refund row
            JOIN document d ON d.id = row.credit_note_id WHERE {POSTED}
        UNION ALL SELECT d.id, row.amount FROM invoicing_writeoff row
            JOIN document d ON d.id = row.invoice_id WHERE {POSTED}
        UNION ALL SELECT d.id, -row.amount FROM invoicing_reversal row
            JOIN document d ON d.id = row.invoice_id WHERE {POSTED}
        UNION ALL SELECT d.id, -row.amount FROM invoicing_reversal row
            JOIN document d ON d.id = row.credit_note_id WHERE {POSTED}
    ) AS moved GROUP BY document_id
),
used AS (
    SELECT payment_id, sum(amount) AS amount FROM (
        SELECT p.id AS payment_id, row.amount FROM invoicing_allocation row
            JOIN payment p ON p.id = row.payment_id WHERE {POSTED}
        UNION ALL SELECT p.id, row.amount FROM invoicing_refund row
            JOIN payment p ON p.id = row.payment_id WHERE {POSTED}
        UNION ALL SELECT p.id, CASE row.kind WHEN 'allocation' THEN -row.amount ELSE row.amount END
            FROM invoicing_reversal row JOIN payment p ON p.id = row.payment_id WHERE {POSTED}
    ) AS moved GROUP BY payment_id
),
item AS (
    SELECT d.type AS kind, d.id, d.number, d.customer_id, d.legal_entity_id, d.currency, d.issue_date AS "on",
           d.due_date, d.side * d.payable AS total,
           d.side * (d.payable - sign(d.payable) * coalesce(s.amount, 0)) AS open
    FROM document d LEFT JOIN settled s ON s.document_id = d.id
    UNION ALL
    SELECT 'payment', p.id, p.reference, p.customer_id, p.legal_entity_id, p.currency, p.effective_date,
           NULL, -p.amount, coalesce(u.amount, 0) - p.amount
    FROM payment p LEFT JOIN used u ON u.payment_id = p.id
),
open_item AS (
    SELECT item.*, greatest(%(as_of)s - coalesce(due_date, %(as_of)s), 0) AS overdue,
           coalesce(due_date, "on") AS day
    FROM item WHERE open <> 0
)
"""
_LIST = """
SELECT * FROM open_item WHERE {after} ORDER BY day, id LIMIT %(limit)s OFFSET %(offset)s
"""
_AGEING = """
SELECT currency, coalesce(sum(open) FILTER (WHERE open > 0 AND overdue = 0), 0),
       coalesce(sum(open) FILTER (WHERE open > 0 AND overdue BETWEEN 1 AND 30), 0),
       coalesce(sum(open) FILTER (WHERE open > 0 AND overdue BETWEEN 31 AND 60), 0),
       coalesce(sum(open) FILTER (WHERE open > 0 AND overdue BETWEEN 61 AND 90), 0),
       coalesce(sum(open) FILTER (WHERE open > 0 AND overdue > 90), 0),
       coalesce(sum(open) FILTER (WHERE open < 0), 0), sum(open)
FROM open_item GROUP BY currency ORDER BY currency
"""
_COUNT = "SELECT count(*) FROM open_item"


def open_items(
    *,
    tenant_id: UUID,
    as_of: date,
    known_at: datetime,
    filters: Mapping[str, Any],
    limit: int,
    after: tuple[date, UUID] | None = None,
    offset: int = 0,
) -> list[OpenItem]:
    """What was open at the end of `as_of`, the longest due first; `filters` are names of FILTERS."""
    values = {**filters, "tenant": tenant_id, "as_of": as_of, "known_at": known_at}
    values |= {"limit": limit, "offset": offset}
    condition = "true"
    if after is not None:
        values["after_day"], values["after_id"] = after
        condition = "(day, id) > (%(after_day)s, %(after_id)s)"
    sql = open_items_of(filters) + _LIST.format(after=condition)
    return list(map(OpenItem._make, fetch_rows(sql, values)))


def ageing(*, tenant_id: UUID, as_of: date, known_at: datetime, filters: Mapping[str, Any]) -> list[Ageing]:
    """The same added up by currency and days overdue."""
    values = {**filters, "tenant": tenant_id, "as_of": as_of, "known_at": known_at}
    return list(map(Ageing._make, fetch_rows(open_items_of(filters) + _AGEING, values)))


def count_open_items(*, tenant_id: UUID, as_of: date, known_at: datetime, filters: Mapping[str, Any]) -> int:
    """How many items were open."""
    values = {**filters, "tenant": tenant_id, "as_of": as_of, "known_at": known_at}
    ((total,),) = fetch_rows(open_items_of(filters) + _COUNT, values)
    return int(total)


def open_items_of(filters: Mapping[str, Any]) -> str:
    """The common table expressions that end in `open_item`, narrowed; for statements about what is open."""
    conditions = [FILTERS[name] for name in filters]
    return _OPEN_ITEMS.format(
        documents="".join(f" AND i.{condition}" for condition in conditions),
        payments="".join(f" AND row.{condition}" for condition in conditions),
    )


# What settles a document moves nothing here: its money moved the account when it came.
_ENTRIES = f"""
WITH entry AS (
    SELECT i.type AS kind, i.id, i.number, i.currency, i.issue_date AS "on", i.recorded_at,
           CASE i.type WHEN 'credit_note' THEN -i.payable ELSE i.payable END AS amount
    FROM invoicing_invoice i
    WHERE i.tenant_id = %(tenant)s AND i.customer_id = ANY(%(customers)s) AND i.state <> 'draft'
      AND i.issue_date <= %(to)s AND i.recorded_at < %(known_at)s
    UNION ALL
    SELECT i.type || '_void', i.id, i.number, i.currency, i.voided_on, i.voided_at,
           CASE i.type WHEN 'credit_note' THEN i.payable ELSE -i.payable END
    FROM invoicing_invoice i
    WHERE i.tenant_id = %(tenant)s AND i.customer_id = ANY(%(customers)s) AND i.voided_on <= %(to)s
      AND i.voided_at < %(known_at)s
    UNION ALL
    SELECT 'payment', row.id, row.reference, row.currency, row.effective_date, row.recorded_at, -row.amount
    FROM invoicing_payment row
    WHERE row.customer_id = ANY(%(customers)s) AND {POSTED.replace("%(as_of)s", "%(to)s")}
    UNION ALL
    SELECT 'refund', row.id, row.reference, row.currency, row.effective_date, row.recorded_at, row.amount
    FROM invoicing_refund row
    LEFT JOIN invoicing_payment p ON p.tenant_id = row.tenant_id AND p.id = row.payment_id
    LEFT JOIN invoicing_invoice i ON i.tenant_id = row.tenant_id AND i.id = row.credit_note_id
    WHERE (p.customer_id = ANY(%(customers)s) OR i.customer_id = ANY(%(customers)s))
      AND {POSTED.replace("%(as_of)s", "%(to)s")}
    UNION ALL
    SELECT row.kind, row.id, p.reference, row.currency, row.effective_date, row.recorded_at, row.amount
    FROM invoicing_reversal row
    JOIN invoicing_payment p ON p.tenant_id = row.tenant_id AND p.id = row.payment_id
    WHERE row.kind IN ('return', 'chargeback', 'mistake') AND p.customer_id = ANY(%(customers)s)
      AND {POSTED.replace("%(as_of)s", "%(to)s")}
    UNION ALL
    SELECT 'write_off', row.id, i.number, row.currency, row.effective_date, row.recorded_at, -row.amount
    FROM invoicing_writeoff row
    JOIN invoicing_invoice i ON i.tenant_id = row.tenant_id AND i.id = row.invoice_id
    WHERE i.customer_id = ANY(%(customers)s) AND {POSTED.replace("%(as_of)s", "%(to)s")}
    UNION ALL
    SELECT 'write_off_reversal', row.id, i.number, row.currency, row.effective_date, row.recorded_at,
           row.amount
    FROM invoicing_reversal row
    JOIN invoicing_invoice i ON i.tenant_id = row.tenant_id AND i.id = row.invoice_id
    WHERE row.kind = 'write_off' AND i.customer_id = ANY(%(customers)s)
      AND {POSTED.replace("%(as_of)s", "%(to)s")}
)
"""
_MOVEMENTS = """
SELECT kind, id, number, currency, "on", amount FROM entry WHERE "on" >= %(from)s
ORDER BY currency, "on", recorded_at, id, kind
"""
_OPENING = 'SELECT currency, sum(amount) FROM entry WHERE "on" < %(from)s GROUP BY currency'
_BY_KIND = "SELECT currency, kind, sum(amount) FROM entry GROUP BY currency, kind ORDER BY currency, kind"


def movements(
    *, tenant_id: UUID, customers: list[UUID], first: date, last: date, known_at: datetime
) -> list[Entry]:
    """What moved a customer's account in a period, in order, by currency."""
    values = {
        "tenant": tenant_id,
        "customers": customers,
        "from": first,
        "to": last,
        "known_at": known_at,
    }
    return list(map(Entry._make, fetch_rows(_ENTRIES + _MOVEMENTS, values)))


def opening_balances(
    *, tenant_id: UUID, customers: list[UUID], first: date, known_at: datetime
) -> dict[str, Decimal]:
    """What an account stood at before the day `first`, by currency."""
    values = {
        "tenant": tenant_id,
        "customers": customers,
        "from": first,
        "to": first,
        "known_at": known_at,
    }
    return dict(fetch_rows(_ENTRIES + _OPENING, values))


def turnover(
    *, tenant_id: UUID, customers: list[UUID], as_of: date, known_at: datetime
) -> list[tuple[str, str, Decimal]]:
    """What all movements of an account come to, as (currency, kind, amount)."""
    values = {"tenant": tenant_id, "customers": customers, "to": as_of, "known_at": known_at}
    return [(row[0], row[1], row[2]) for row in fetch_rows(_ENTRIES + _BY_KIND, values)]
