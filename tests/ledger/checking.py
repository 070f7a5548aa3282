"""A checker that runs beside the clients: it adds the rows up anew and knows nothing of how they came."""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, connections

from invoicing.selectors import receivables
from invoicing.selectors.receivables import OpenItemFilter
from tests.factories import scope_of
from tests.ledger.clients import Office

# One statement sees one state: what was committed when it began, and nothing else.
VIOLATIONS = """
WITH taken AS (
    SELECT payment_id, sum(allocated) AS allocated, sum(refunded) AS refunded, sum(returned) AS returned,
           bool_and(currency = 'EUR') AS alike
    FROM (
        SELECT payment_id, amount AS allocated, 0 AS refunded, 0 AS returned, currency
        FROM invoicing_allocation WHERE tenant_id = %(tenant)s
        UNION ALL
        SELECT payment_id, CASE kind WHEN 'allocation' THEN -amount ELSE 0 END, 0,
               CASE kind WHEN 'allocation' THEN 0 ELSE amount END, currency
        FROM invoicing_reversal WHERE tenant_id = %(tenant)s AND payment_id IS NOT NULL
        UNION ALL
        SELECT payment_id, 0, amount, 0, currency FROM invoicing_refund WHERE tenant_id = %(tenant)s
    ) AS moved GROUP BY payment_id
), settled AS (
    SELECT document_id, sum(amount) AS amount FROM (
        SELECT invoice_id AS document_id, amount FROM invoicing_allocation WHERE tenant_id = %(tenant)s
        UNION ALL SELECT credit_note_id, amount FROM invoicing_allocation
            WHERE tenant_id = %(tenant)s AND credit_note_id IS NOT NULL
        UNION ALL SELECT credit_note_id, amount FROM invoicing_refund
            WHERE tenant_id = %(tenant)s AND credit_note_id IS NOT NULL
        UNION ALL SELECT invoice_id, amount FROM invoicing_writeoff WHERE tenant_id = %(tenant)s
        UNION ALL SELECT invoice_id, -amount FROM invoicing_reversal
            WHERE tenant_id = %(tenant)s AND invoice_id IS NOT NULL
        UNION ALL SELECT credit_note_id, -amount FROM invoicing_reversal
            WHERE tenant_id = %(tenant)s AND credit_note_id IS NOT NULL
    ) AS moved GROUP BY document_id
), reversed AS (
    SELECT allocation_id, sum(amount) AS amount FROM invoicing_reversal
    WHERE tenant_id = %(tenant)s AND allocation_id IS NOT NULL GROUP BY allocation_id
)
SELECT 'allocations above payment - refunds - chargebacks' AS what, count(*)
FROM invoicing_payment p JOIN taken t ON t.payment_id = p.id
WHERE p.tenant_id = %(tenant)s AND t.allocated > p.amount - t.refunded - t.returned
UNION ALL
SELECT 'sums of a payment', count(*) FROM invoicing_payment p LEFT JOIN taken t ON t.payment_id = p.id
WHERE p.tenant_id = %(tenant)s AND (p.allocated_amount, p.refunded_amount, p.returned_amount)
    IS DISTINCT FROM (coalesce(t.allocated, 0), coalesce(t.refunded, 0), coalesce(t.returned, 0))
UNION ALL
SELECT 'balance of a document', count(*)
FROM invoicing_invoice i LEFT JOIN settled s ON s.document_id = i.id
WHERE i.tenant_id = %(tenant)s AND i.settled_amount <> coalesce(s.amount, 0)
UNION ALL
SELECT 'settled above total', count(*) FROM invoicing_invoice i JOIN settled s ON s.document_id = i.id
WHERE i.tenant_id = %(tenant)s AND NOT s.amount BETWEEN 0 AND i.payable
UNION ALL
SELECT 'payment state', count(*) FROM invoicing_invoice i LEFT JOIN settled s ON s.document_id = i.id
WHERE i.tenant_id = %(tenant)s AND i.state = 'issued' AND i.payment_state <> CASE coalesce(s.amount, 0)
    WHEN i.payable THEN 'paid' WHEN 0 THEN 'unpaid' ELSE 'partially_paid' END
UNION ALL
SELECT 'reversed above allocation', count(*)
FROM invoicing_allocation a JOIN reversed r ON r.allocation_id = a.id
WHERE a.tenant_id = %(tenant)s AND r.amount > a.amount
UNION ALL
SELECT 'currency', count(*) FROM invoicing_allocation a
JOIN invoicing_invoice i ON i.tenant_id = a.tenant_id AND i.id = a.invoice_id
LEFT JOIN invoicing_payment p ON p.tenant_id = a.tenant_id AND p.id = a.payment_id
WHERE a.tenant_id = %(tenant)s
      AND (a.currency <> i.currency OR a.currency <> coalesce(p.currency, a.currency))
UNION ALL
SELECT 'customer', count(*) FROM invoicing_allocation a
JOIN invoicing_invoice i ON i.tenant_id = a.tenant_id AND i.id = a.invoice_id
JOIN invoicing_payment p ON p.tenant_id = a.tenant_id AND p.id = a.payment_id
WHERE a.tenant_id = %(tenant)s AND p.customer_id <> i.customer_id
"""


@dataclass
class Report:
    """What was told of a moment, to be told again later."""

    as_of: date
    known_at: datetime
    told: Any


@dataclass
class Checker:
    """A thread with a connection of its own that checks, and asks for receivables, until it is stopped.

    `violations` counts what must never be; `changed` reports that were told differently in the end.
    """

    office: Office
    pause: float = 0.5
    checks: int = 0
    changed: int = 0
    violations: Counter[str] = field(default_factory=Counter)
    reports: list[Report] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Checker":
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop.set()
        self._thread.join()
        with scope_of(self.office.tenant):
            self._check()
            self.changed = sum(_told(one.as_of, one.known_at) != one.told for one in self.reports)

    def _run(self) -> None:
        try:
            with scope_of(self.office.tenant):
                while not self._stop.wait(self.pause):
                    self._check()
                    at = receivables.horizon()
                    self.reports.append(Report(at.as_of, at.known_at, _told(at.as_of, at.known_at)))
        # A checker that died must not look like one that found nothing.
        except Exception as error:  # noqa: BLE001
            self.errors.append(error)
        finally:
            connections.close_all()

    def _check(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(VIOLATIONS, {"tenant": self.office.tenant.id})
            for what, count in cursor.fetchall():
                if count:
                    self.violations[what] += count
        self.checks += 1


def _told(as_of: date, known_at: datetime) -> Any:
    at = receivables.horizon(as_of=as_of, known_at=known_at)
    return receivables.ageing(at=at, filters=OpenItemFilter())
