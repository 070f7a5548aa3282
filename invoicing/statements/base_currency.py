"""What was open in the currency the books are kept in, and what was gained and lost on settled claims.

Book values are of rows that never change and bear two times, so these answers stay as they were given
just as those of `statements.receivables` do.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from invoicing.statements.receivables import POSTED, open_items_of
from tenants.rows import fetch_rows


class Position(NamedTuple):
    """What was open in one currency on the books of legal entities that are kept in `base`.

    `claims` and `credit` (below zero) are in `currency`; `book_value` is what those of them that have one
    are carried at, `unvalued` how many have none.
    """

    base: str
    currency: str
    claims: Decimal
    credit: Decimal
    book_value: Decimal
    unvalued: int


class Realised(NamedTuple):
    """Gains, and losses below zero, that postings of a period in one currency realised, in `base`."""

    base: str
    currency: str
    gains: Decimal
    losses: Decimal


_POSITIONS = f""",
taken AS (
    SELECT id, sum(value) AS value FROM (
        SELECT row.payment_id AS id, row.source_value AS value FROM invoicing_allocation row
            JOIN open_item o ON o.id = row.payment_id WHERE {POSTED}
        UNION ALL SELECT o.id, row.source_value FROM invoicing_refund row
            JOIN open_item o ON o.id = row.payment_id WHERE {POSTED}
        UNION ALL SELECT o.id,
            CASE row.kind WHEN 'allocation' THEN -row.source_value ELSE row.source_value END
            FROM invoicing_reversal row JOIN open_item o ON o.id = row.payment_id WHERE {POSTED}
        UNION ALL SELECT o.id, row.target_value FROM invoicing_allocation row
            JOIN open_item o ON o.id = row.invoice_id WHERE {POSTED}
        UNION ALL SELECT o.id, row.target_value FROM invoicing_writeoff row
            JOIN open_item o ON o.id = row.invoice_id WHERE {POSTED}
        UNION ALL SELECT o.id, -row.target_value FROM invoicing_reversal row
            JOIN open_item o ON o.id = row.invoice_id WHERE {POSTED}
        UNION ALL SELECT o.id, row.source_value FROM invoicing_allocation row
            JOIN open_item o ON o.id = row.credit_note_id WHERE {POSTED}
        UNION ALL SELECT o.id, row.source_value FROM invoicing_refund row
            JOIN open_item o ON o.id = row.credit_note_id WHERE {POSTED}
        UNION ALL SELECT o.id, -row.source_value FROM invoicing_reversal row
            JOIN open_item o ON o.id = row.credit_note_id WHERE {POSTED}
    ) AS moved GROUP BY id
),
valued AS (
    SELECT e.currency AS base, o.currency, o.open,
           CASE WHEN e.currency = o.currency THEN o.open
                ELSE sign(o.open) * (
                    abs((coalesce(d.exchange, p.exchange) -> 'base' ->> 'amount')::numeric)
                    - coalesce(t.value, 0)) END AS value
    FROM open_item o
    JOIN invoicing_legalentity e ON e.tenant_id = %(tenant)s AND e.id = o.legal_entity_id
    LEFT JOIN invoicing_invoice d ON d.tenant_id = %(tenant)s AND d.id = o.id
    LEFT JOIN invoicing_payment p ON p.tenant_id = %(tenant)s AND p.id = o.id
    LEFT JOIN taken t ON t.id = o.id
)
SELECT base, currency, coalesce(sum(open) FILTER (WHERE open > 0), 0),
       coalesce(sum(open) FILTER (WHERE open < 0), 0), coalesce(sum(value), 0), count(*) - count(value)
FROM valued GROUP BY base, currency ORDER BY base, currency
"""
# A reversal gives back what its posting realised, and that counts on its own day.
_REALISED = f"""
WITH difference AS (
    SELECT i.legal_entity_id, row.currency, row.effective_date, row.source_value - row.target_value AS gain
    FROM invoicing_allocation row
    JOIN invoicing_invoice i ON i.tenant_id = row.tenant_id AND i.id = row.invoice_id WHERE {POSTED}
    UNION ALL
    SELECT coalesce(p.legal_entity_id, i.legal_entity_id), row.currency, row.effective_date,
           row.source_value - row.target_value
    FROM invoicing_refund row
    LEFT JOIN invoicing_payment p ON p.tenant_id = row.tenant_id AND p.id = row.payment_id
    LEFT JOIN invoicing_invoice i ON i.tenant_id = row.tenant_id AND i.id = row.credit_note_id WHERE {POSTED}
    UNION ALL
    SELECT coalesce(p.legal_entity_id, i.legal_entity_id), row.currency, row.effective_date,
           CASE row.kind WHEN 'allocation' THEN row.target_value - row.source_value
                         ELSE row.source_value - row.target_value END
    FROM invoicing_reversal row
    LEFT JOIN invoicing_payment p ON p.tenant_id = row.tenant_id AND p.id = row.payment_id
    LEFT JOIN invoicing_invoice i ON i.tenant_id = row.tenant_id AND i.id = row.invoice_id WHERE {POSTED}
)
SELECT e.currency, difference.currency, coalesce(sum(gain) FILTER (WHERE gain > 0), 0),
       coalesce(sum(gain) FILTER (WHERE gain < 0), 0)
FROM difference
JOIN invoicing_legalentity e ON e.tenant_id = %(tenant)s AND e.id = difference.legal_entity_id
WHERE gain <> 0 AND effective_date >= %(from)s AND (%(entity)s::uuid IS NULL OR e.id = %(entity)s)
GROUP BY 1, 2 ORDER BY 1, 2
"""


def positions(
    *, tenant_id: UUID, as_of: date, known_at: datetime, filters: Mapping[str, Any]
) -> list[Position]:
    """What was open at the end of `as_of`, at book value; `filters` are names of `receivables.FILTERS`."""
    values = {**filters, "tenant": tenant_id, "as_of": as_of, "known_at": known_at}
    return list(map(Position._make, fetch_rows(open_items_of(filters) + _POSITIONS, values)))


def realised(
    *, tenant_id: UUID, first: date, last: date, known_at: datetime, legal_entity: UUID | None
) -> list[Realised]:
    """Gains and losses of postings effective from `first` to `last`."""
    values = {"tenant": tenant_id, "from": first, "as_of": last, "known_at": known_at, "entity": legal_entity}
    return list(map(Realised._make, fetch_rows(_REALISED, values)))
