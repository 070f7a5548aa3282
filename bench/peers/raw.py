"""The limit: psycopg with prepared statements, one for the business rows and one for the audit row.

No framework, no validation, no computing, no tenant rules: the values are ready, only ids are new.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import psycopg

from tenants.ids import uuid7

WRITE = """
WITH drawn AS (
    UPDATE bench_peers_counter SET last = last + %(count)s WHERE id = %(series)s RETURNING last
),
document AS (
    INSERT INTO bench_peers_invoice
        (id, tenant_id, legal_entity_id, customer_id, series_id, type, state, payment_state, period,
         sequence, number, issued_at, issue_date, due_date, payment_terms, currency, tax_rounding,
         sum_of_lines, allowance_total, charge_total, tax_exclusive, tax_total, tax_inclusive,
         prepaid_amount, rounding_amount, payable, allowances, charges, tax_breakdown, seller, buyer,
         version, created_at, updated_at)
    SELECT id, %(tenant)s, %(tenant)s, %(customer)s, %(series)s, 'invoice', 'issued', 'unpaid', '2026',
           drawn.last - %(count)s + place, 'INV-2026-' || (drawn.last - %(count)s + place), now(),
           %(issue_date)s, %(due_date)s, '', 'EUR', 'category', %(net)s, 0, 0, %(net)s, %(tax)s, %(gross)s,
           0, 0, %(gross)s, '[]', '[]', %(breakdown)s, %(seller)s, %(buyer)s, 1, now(), now()
    FROM drawn, unnest(%(ids)s::uuid[]) WITH ORDINALITY AS stated (id, place)
    RETURNING id, number
),
line AS (
    INSERT INTO bench_peers_line
        (id, invoice_id, position, description, quantity, unit_code, unit_price, base_quantity,
         tax_category, tax_rate, allowances, charges, net_amount)
    SELECT id, invoice_id, position, description, quantity, 'C62', unit_price, 1, 'S', 19, '[]', '[]',
           net_amount
    FROM unnest(%(line_ids)s::uuid[], %(invoices)s::uuid[], %(positions)s::int[], %(descriptions)s::text[],
                %(quantities)s::numeric[], %(prices)s::numeric[], %(nets)s::numeric[])
         AS stated (id, invoice_id, position, description, quantity, unit_price, net_amount)
)
SELECT id, number FROM document
"""

AUDIT = """
INSERT INTO bench_auditlog (id, tenant_id, created_at, actor, operation, entity_type, record_id, new_values)
SELECT id, %(tenant)s, %(now)s, 'usr_bench', 'insert', 'invoice', record_id, new_values
FROM unnest(%(ids)s::uuid[], %(records)s::text[], %(values)s::jsonb[]) AS entry (id, record_id, new_values)
"""

LIST = """
SELECT i.id, i.type, i.number, i.state, i.payment_state,
       i.state = 'issued' AND i.payment_state <> 'paid' AND i.due_date < %(today)s, i.legal_entity_id,
       i.series_id, i.currency, i.issue_date, i.due_date, i.tax_exclusive, i.tax_total, i.tax_inclusive,
       i.payable, i.issued_at, i.created_at, i.updated_at, i.version,
       c.id, c.name, c.reference, c.vat_id, c.country
FROM bench_peers_invoice i JOIN bench_peers_customer c ON c.id = i.customer_id
WHERE i.tenant_id = %(tenant)s AND i.state = 'issued' AND i.issue_date >= %(from)s
      AND (i.issue_date, i.id) < (%(after_date)s, %(after_id)s)
ORDER BY i.issue_date DESC, i.id DESC LIMIT 51
"""
NAMES = (
    "id", "type", "number", "status", "payment_status", "overdue", "legal_entity", "series", "currency",
    "issue_date", "due_date", "tax_exclusive", "tax_total", "tax_inclusive", "payable", "issued_at",
    "created_at", "updated_at", "version", "customer", "name", "reference", "vat_id", "country",
)  # fmt: skip

LINES = 10
QUANTITY, PRICE, NET = Decimal(3), Decimal("10.25"), Decimal("30.75")


class Writer(NamedTuple):
    """Issues invoices of ten lines for one customer; `audit` is None where nothing is audited."""

    main: "psycopg.Connection[Any]"
    audit: "psycopg.Connection[Any] | None"
    tenant: UUID
    customer: UUID
    series: UUID
    seller: str
    buyer: str

    def issue(self, count: int) -> list[tuple[UUID, str]]:
        """Write `count` invoices and then their audit rows; returns ids and numbers."""
        ids = [uuid7() for _ in range(count)]
        net = NET * LINES
        tax = Decimal("58.43")
        rows = self.main.execute(
            WRITE,
            {
                "count": count,
                "tenant": self.tenant,
                "customer": self.customer,
                "series": self.series,
                "issue_date": date(2026, 11, 20),
                "due_date": date(2026, 11, 20) + timedelta(days=30),
                "net": net,
                "tax": tax,
                "gross": net + tax,
                "breakdown": '[{"category": "S", "rate": "19", "taxable": "307.50", "tax": "58.43"}]',
                "seller": self.seller,
                "buyer": self.buyer,
                "ids": ids,
                "line_ids": [uuid7() for _ in range(count * LINES)],
                "invoices": [one for one in ids for _ in range(LINES)],
                "positions": list(range(1, LINES + 1)) * count,
                "descriptions": [f"Line {number}" for number in range(LINES)] * count,
                "quantities": [QUANTITY] * (count * LINES),
                "prices": [PRICE] * (count * LINES),
                "nets": [NET] * (count * LINES),
            },
        ).fetchall()
        if self.audit is not None:
            self.audit.execute(
                AUDIT,
                {
                    "tenant": self.tenant,
                    "now": datetime.now(UTC),
                    "ids": [uuid7() for _ in ids],
                    "records": [str(one) for one in ids],
                    "values": [f'{{"number": "{number}", "payable": "{net + tax}"}}' for _, number in rows],
                },
            )
        return rows


def list_page(connection: "psycopg.Connection[Any]", values: dict[str, Any]) -> bytes:
    """A filtered page of 50 behind a key, as JSON; decimals as text, ids as UUIDs."""
    rows = connection.execute(LIST, values, binary=True).fetchall()
    return orjson.dumps(
        {"data": [dict(zip(NAMES, row, strict=True)) for row in rows[:50]], "has_more": len(rows) > 50},
        default=str,
    )
