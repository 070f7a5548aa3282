"""The certificate of a series' numbers: contiguous, and under each number its document (invariant 5)."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from invoicing.models import Series
from invoicing.selectors.series import get_series
from invoicing.statements import certificates as statements
from invoicing.statements.certificates import Fault, NumberRow
from tenants.scope import require_tenant_id

__all__ = ["Certificate", "Fault", "NumberRow", "certificate_of", "numbering_faults"]


@dataclass(frozen=True, slots=True)
class Certificate:
    """The numbers 1 to `last` of one period, as they stood at `as_of`.

    `digest` is the SHA-256 (hexadecimal) of all rows in UTF-8, each "sequence|number|id|state|issue date|
    currency|total with tax" and a line feed, the id as a UUID. Voided documents count; `faults` is empty
    where every number from 1 on stands once. `numbers` is the part that was asked for.
    """

    series: Series
    period: str
    periods: tuple[str, ...]
    last: int
    documents: int
    voided: int
    digest: str
    as_of: datetime
    faults: tuple[Fault, ...]
    numbers: tuple[NumberRow, ...]

    @property
    def is_contiguous(self) -> bool:
        return not self.faults


def certificate_of(
    *, series_id: UUID, period: str | None = None, limit: int, after: int = 0, offset: int = 0
) -> Certificate:
    """One period of a series, the latest where none is named; at most `limit` numbers behind `after`.

    A number that is drawn while this reads may be missing in it. Raises NotFound.
    """
    series = get_series(series_id=series_id)
    tenant_id = require_tenant_id()
    periods = statements.periods(tenant_id=tenant_id, series_id=series_id)
    chosen = period if period is not None else next(iter(periods), "")
    summary = statements.summary(tenant_id=tenant_id, series_id=series_id, period=chosen)
    found = statements.faults(tenant_id=tenant_id, series_id=series_id)
    return Certificate(
        series=series,
        period=chosen,
        periods=tuple(periods),
        last=summary.last,
        documents=summary.documents,
        voided=summary.voided,
        digest=summary.digest,
        as_of=timezone.now(),
        faults=tuple(fault for fault in found if fault.period == chosen),
        numbers=tuple(
            statements.numbers(
                tenant_id=tenant_id,
                series_id=series_id,
                period=chosen,
                limit=limit,
                after=after,
                offset=offset,
            )
        ),
    )


def numbering_faults() -> list[Fault]:
    """What is wrong with any number of the tenant; an empty list is the proof that nothing is."""
    return statements.faults(tenant_id=require_tenant_id())
