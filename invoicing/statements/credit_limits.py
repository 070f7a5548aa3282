"""What customers with a credit limit owe, read under a lock that whoever issues to them takes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db import connection


class Limited(NamedTuple):
    """A customer's limit in major units of `currency`."""

    customer: UUID
    limit: Decimal
    currency: str


_LOCK = """
SELECT id, credit_limit, credit_limit_currency FROM invoicing_customer
WHERE tenant_id = %(tenant)s AND id = ANY(%(customers)s) AND credit_limit IS NOT NULL
ORDER BY id FOR NO KEY UPDATE
"""
_BALANCE = """
SELECT coalesce((
    SELECT sum(CASE type WHEN 'credit_note' THEN settled_amount - payable ELSE payable - settled_amount END)
    FROM invoicing_invoice
    WHERE tenant_id = %(tenant)s AND customer_id = ANY(%(customers)s) AND currency = %(currency)s
      AND state = 'issued' AND payment_state <> 'paid'
), 0) - coalesce((
    SELECT sum(amount - allocated_amount - refunded_amount - returned_amount)
    FROM invoicing_payment
    WHERE tenant_id = %(tenant)s AND customer_id = ANY(%(customers)s) AND currency = %(currency)s
), 0)
"""


def lock_limited(*, tenant_id: UUID, customers: Sequence[UUID]) -> list[Limited]:
    """Those of the customers that have a limit, locked in the order of their ids until the transaction ends.

    Whoever issues to them waits; drafts, payments and changes that name them do not.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"tenant": tenant_id, "customers": list(customers)})
        return [Limited(*row) for row in cursor.fetchall()]


def balance_of(*, tenant_id: UUID, customers: Sequence[UUID], currency: str) -> Decimal:
    """What customers who are one owe now in a currency: open documents, less credit that is free."""
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, {"tenant": tenant_id, "customers": list(customers), "currency": currency})
        return Decimal(cursor.fetchone()[0])
