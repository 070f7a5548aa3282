"""What stands under the numbers of a series: for its certificate, and for the check of all series."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from tenants.rows import fetch_rows


class Summary(NamedTuple):
    """All numbers of one period: `last` is the counter's, `digest` SHA-256 over the canonical rows."""

    last: int
    documents: int
    voided: int
    digest: str


class NumberRow(NamedTuple):
    """One number with its document."""

    sequence: int
    number: str
    id: UUID
    state: str
    issue_date: date
    currency: str
    total: Decimal


class Fault(NamedTuple):
    """Numbers of a period that are not there (gap), there twice (duplicate) or not drawn (beyond).

    `first` and `last` are the places in the sequence, both included.
    """

    series: UUID
    period: str
    kind: str
    first: int
    last: int


_PERIODS = """
SELECT period FROM invoicing_seriescounter
WHERE tenant_id = %(tenant)s AND series_id = %(series)s ORDER BY period DESC
"""

# A row reads "sequence|number|id|state|issue date|currency|total with tax", rows end in a line feed.
_CANONICAL = """concat_ws('|', i.sequence, i.number, i.id, i.state, to_char(i.issue_date, 'YYYY-MM-DD'),
                i.currency, i.tax_inclusive) || chr(10)"""
_OF_PERIOD = """i.tenant_id = %(tenant)s AND i.series_id = %(series)s AND i.period = %(period)s
      AND i.sequence IS NOT NULL"""
_SUMMARY = f"""
SELECT coalesce((SELECT last FROM invoicing_seriescounter
                 WHERE tenant_id = %(tenant)s AND series_id = %(series)s AND period = %(period)s), 0),
       count(*), count(*) FILTER (WHERE i.state = 'voided'),
       encode(sha256(convert_to(
           coalesce(string_agg({_CANONICAL}, '' ORDER BY i.sequence, i.id), ''), 'UTF8')), 'hex')
FROM invoicing_invoice i WHERE {_OF_PERIOD}
"""
_NUMBERS = f"""
SELECT i.sequence, i.number, i.id, i.state, i.issue_date, i.currency, i.tax_inclusive
FROM invoicing_invoice i WHERE {_OF_PERIOD} AND i.sequence > %(after)s
ORDER BY i.sequence, i.id LIMIT %(limit)s OFFSET %(offset)s
"""

FAULTS = """
WITH numbered AS (
    SELECT tenant_id, series_id, period, sequence, count(*) AS copies,
           lag(sequence, 1, 0::bigint) OVER (
               PARTITION BY tenant_id, series_id, period ORDER BY sequence) AS before
    FROM invoicing_invoice
    WHERE tenant_id = %(tenant)s AND sequence IS NOT NULL
          AND (%(series)s::uuid IS NULL OR series_id = %(series)s)
    GROUP BY tenant_id, series_id, period, sequence
), reached AS (
    SELECT series_id, period, max(sequence) AS last FROM numbered GROUP BY series_id, period
), drawn AS (
    SELECT series_id, period, last FROM invoicing_seriescounter
    WHERE tenant_id = %(tenant)s AND (%(series)s::uuid IS NULL OR series_id = %(series)s)
)
SELECT series_id, period, 'gap', before + 1, sequence - 1 FROM numbered WHERE sequence > before + 1
UNION ALL
SELECT series_id, period, 'duplicate', sequence, sequence FROM numbered WHERE copies > 1
UNION ALL
SELECT series_id, period, CASE WHEN coalesce(reached.last, 0) < coalesce(drawn.last, 0)
                               THEN 'gap' ELSE 'beyond' END,
       least(coalesce(reached.last, 0), coalesce(drawn.last, 0)) + 1,
       greatest(coalesce(reached.last, 0), coalesce(drawn.last, 0))
FROM reached FULL JOIN drawn USING (series_id, period)
WHERE reached.last IS DISTINCT FROM drawn.last AND (reached.last > 0 OR drawn.last > 0)
ORDER BY 1, 2, 4, 3
"""


def periods(*, tenant_id: UUID, series_id: UUID) -> list[str]:
    """The periods in which numbers were drawn, the latest first; keys of one kind of period sort by time."""
    return [period for (period,) in fetch_rows(_PERIODS, {"tenant": tenant_id, "series": series_id})]


def summary(*, tenant_id: UUID, series_id: UUID, period: str) -> Summary:
    """One period as a whole; of one without numbers all is zero."""
    values = {"tenant": tenant_id, "series": series_id, "period": period}
    (row,) = fetch_rows(_SUMMARY, values)
    return Summary(*row)


def numbers(
    *, tenant_id: UUID, series_id: UUID, period: str, limit: int, after: int = 0, offset: int = 0
) -> list[NumberRow]:
    """The numbers of a period behind the place `after`, in their order."""
    values = {
        "tenant": tenant_id,
        "series": series_id,
        "period": period,
        "after": after,
        "limit": limit,
        "offset": offset,
    }
    return [NumberRow(*row) for row in fetch_rows(_NUMBERS, values)]


def faults(*, tenant_id: UUID, series_id: UUID | None = None) -> list[Fault]:
    """What is wrong with the numbers of one series, or of all of the tenant (invariant 5); none is right."""
    return [Fault(*row) for row in fetch_rows(FAULTS, {"tenant": tenant_id, "series": series_id})]
