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
_BALANCE = "SELECT invoicing_credit_balance(%(customers)s::uuid[], %(currency)s)"


def lock_limited(*, tenant_id: UUID, customers: Sequence[UUID]) -> list[Limited]:
    """Those of the customers that have a limit, locked in the order of their ids until the transaction ends.

    Whoever issues to them waits; drafts, payments and changes that name them do not.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, {"tenant": tenant_id, "customers": list(customers)})
        return [Limited(*row) for row in cursor.fetchall()]


def balance_of(*, customers: Sequence[UUID], currency: str) -> Decimal:
    """What customers who are one owe now in a currency: open documents, less credit that is free.

    Of all legal entities, also of those that the member who issues is held away from.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BALANCE, {"customers": list(customers), "currency": currency})
        return Decimal(cursor.fetchone()[0])
