"""Customers that turned out to be one: who stands for whom, now and as it was known at a moment.

A merged customer points at the one that took its place, which may have been merged itself later. What was
posted under it is never rewritten: it is read as the survivor's from the moment of the merge on.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tenants.rows import fetch_rows

# The steps up from customers to those that took their places, as far as known.
_UP = """
WITH RECURSIVE up AS (
    SELECT c.id AS asked, c.id, c.merged_into_id, c.merged_at
    FROM invoicing_customer c WHERE c.tenant_id = %(tenant)s AND c.id = ANY(%(customers)s)
    UNION ALL
    SELECT up.asked, c.id, c.merged_into_id, c.merged_at
    FROM up JOIN invoicing_customer c ON c.tenant_id = %(tenant)s AND c.id = up.merged_into_id
    WHERE up.merged_at < %(known_at)s
), root AS (
    SELECT asked, id FROM up WHERE NOT coalesce(merged_at < %(known_at)s, false)
)"""
_ROOTS = f"{_UP} SELECT asked, id FROM root"
_MEMBERS = f"""{_UP}, down AS (
    SELECT DISTINCT id FROM root
    UNION ALL
    SELECT c.id FROM down JOIN invoicing_customer c ON c.tenant_id = %(tenant)s
        AND c.merged_into_id = down.id AND c.merged_at < %(known_at)s
)
SELECT id FROM down"""


def survivors_of(
    *, tenant_id: UUID, customers: Sequence[UUID], known_at: datetime | None = None
) -> dict[UUID, UUID]:
    """Who stands for each of the customers that are there: itself, unless it was merged. One statement.

    As it was known before `known_at`, by default as it is now.
    """
    values = {"tenant": tenant_id, "customers": list(customers), "known_at": known_at or "infinity"}
    return dict(fetch_rows(_ROOTS, values))


def members_of(*, tenant_id: UUID, customer: UUID, known_at: datetime | None = None) -> list[UUID]:
    """All that one customer stands for, or is stood for by, the survivor first. One statement.

    Empty for a customer that is not there.
    """
    values = {"tenant": tenant_id, "customers": [customer], "known_at": known_at or "infinity"}
    return [row[0] for row in fetch_rows(_MEMBERS, values)]
