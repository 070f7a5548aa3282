"""What postings have taken of book values so far: of payments, of documents, and back of postings."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from tenants.rows import fetch_rows

_TAKEN = """
SELECT id, sum(value) FROM (
    SELECT payment_id AS id, source_value AS value FROM invoicing_allocation
    WHERE tenant_id = %(tenant)s AND payment_id = ANY(%(payments)s)
    UNION ALL
    SELECT payment_id, source_value FROM invoicing_refund
    WHERE tenant_id = %(tenant)s AND payment_id = ANY(%(payments)s)
    UNION ALL
    SELECT payment_id, CASE kind WHEN 'allocation' THEN -source_value ELSE source_value END
    FROM invoicing_reversal WHERE tenant_id = %(tenant)s AND payment_id = ANY(%(payments)s)
    UNION ALL
    SELECT invoice_id, target_value FROM invoicing_allocation
    WHERE tenant_id = %(tenant)s AND invoice_id = ANY(%(documents)s)
    UNION ALL
    SELECT invoice_id, target_value FROM invoicing_writeoff
    WHERE tenant_id = %(tenant)s AND invoice_id = ANY(%(documents)s)
    UNION ALL
    SELECT invoice_id, -target_value FROM invoicing_reversal
    WHERE tenant_id = %(tenant)s AND invoice_id = ANY(%(documents)s)
    UNION ALL
    SELECT credit_note_id, source_value FROM invoicing_allocation
    WHERE tenant_id = %(tenant)s AND credit_note_id = ANY(%(documents)s)
    UNION ALL
    SELECT credit_note_id, source_value FROM invoicing_refund
    WHERE tenant_id = %(tenant)s AND credit_note_id = ANY(%(documents)s)
    UNION ALL
    SELECT credit_note_id, -source_value FROM invoicing_reversal
    WHERE tenant_id = %(tenant)s AND credit_note_id = ANY(%(documents)s)
) AS moved GROUP BY id HAVING sum(value) IS NOT NULL
"""
_REVERSED = """
SELECT coalesce(allocation_id, write_off_id), sum(amount), sum(source_value), sum(target_value)
FROM invoicing_reversal
WHERE tenant_id = %(tenant)s AND (allocation_id = ANY(%(postings)s) OR write_off_id = ANY(%(postings)s))
GROUP BY 1
"""


class Gone(NamedTuple):
    """What was taken back of one posting: its amount, and the book values of its two sides."""

    amount: Decimal
    source: Decimal | None
    target: Decimal | None


def taken(*, tenant_id: UUID, payments: Sequence[UUID], documents: Sequence[UUID]) -> dict[UUID, Decimal]:
    """What live postings have of the book values of payments and documents; the caller has them locked."""
    values = {"tenant": tenant_id, "payments": list(payments), "documents": list(documents)}
    return {row[0]: row[1] for row in fetch_rows(_TAKEN, values)}


def reversed_so_far(*, tenant_id: UUID, postings: Sequence[UUID]) -> dict[UUID, Gone]:
    """What was taken back of allocations and write-offs, of those of which something was."""
    found = fetch_rows(_REVERSED, {"tenant": tenant_id, "postings": list(postings)})
    return {row[0]: Gone(row[1], row[2], row[3]) for row in found}
