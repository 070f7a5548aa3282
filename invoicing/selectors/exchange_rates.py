"""Reading exchange rates: those recorded, and the one that holds on a day."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q, QuerySet

from invoicing.domain import exchange
from invoicing.domain.exchange import PIVOT, Quote, Rate
from invoicing.models import FxRate
from invoicing.sources.base import RateSource
from invoicing.sources.ecb import EcbRates
from tenants.errors import NotFound

# In the order in which they are asked where the tenant has recorded nothing.
PUBLISHED: Mapping[str, RateSource] = {EcbRates.name: EcbRates()}


class Wanted(NamedTuple):
    """Which rate somebody wants."""

    currency: str
    target: str
    day: date


def get_rate(*, rate_id: UUID) -> FxRate:
    """One recorded rate. Raises NotFound, for another tenant's too."""
    row: FxRate | None = FxRate.objects.filter(id=rate_id).first()
    if row is None:
        raise NotFound
    return row


def list_rates(
    *,
    from_currency: str | None = None,
    to_currency: str | None = None,
    source: str | None = None,
    first: date | None = None,
    last: date | None = None,
) -> QuerySet[FxRate]:
    """Recorded rates, corrected ones among them: the latest day first, on a day the last recorded."""
    used = {
        "from_currency": from_currency,
        "to_currency": to_currency,
        "source": source,
        "day__gte": first,
        "day__lte": last,
    }
    given = {lookup: value for lookup, value in used.items() if value is not None}
    rows: QuerySet[FxRate] = FxRate.objects.filter(**given)
    return rows.order_by("-day", "-id")


def rates_after(rows: QuerySet[FxRate], *, key: tuple[date, UUID]) -> QuerySet[FxRate]:
    """Those of `list_rates` that come behind the row with this day and id."""
    day, row_id = key
    return rows.filter(day__lte=day).filter(Q(day__lt=day) | Q(id__lt=row_id))


def recorded_quotes(
    *, currencies: Collection[str], first: date, last: date, known_at: datetime | None = None
) -> list[Quote]:
    """What the tenant recorded of rates between these currencies, corrections after what they correct.

    With `known_at` only what was recorded before that moment. One statement.
    """
    rows = FxRate.objects.filter(
        from_currency__in=currencies, to_currency__in=currencies, day__gte=first, day__lte=last
    )
    if known_at is not None:
        rows = rows.filter(recorded_at__lt=known_at)
    found = rows.order_by("recorded_at", "id").values_list(
        "from_currency", "to_currency", "rate", "day", "source"
    )
    return [Quote(*row) for row in found]


def rates_of(wanted: Iterable[Wanted]) -> dict[Wanted, Rate]:
    """The rates that hold, of those wanted; what has none is left out. One statement, none for nothing.

    What the tenant recorded goes before what is published elsewhere, and within either the closest day
    counts, at most a week before the one wanted.
    """
    todo = set(wanted)
    if not todo:
        return {}
    currencies = {PIVOT}.union(*((each.currency, each.target) for each in todo))
    first = exchange.earliest(min(each.day for each in todo))
    last = max(each.day for each in todo)
    found = _pick(todo, recorded_quotes(currencies=currencies, first=first, last=last))
    for source in PUBLISHED.values():
        for each in todo - set(found):
            quotes = source.quotes(
                currencies={each.currency, each.target}, first=exchange.earliest(each.day), last=each.day
            )
            found |= _pick({each}, quotes)
    return found


def rate_of(*, currency: str, target: str, day: date) -> Rate:
    """The rate that holds on a day. Raises RateMissing."""
    wanted = Wanted(currency, target, day)
    found = rates_of([wanted]).get(wanted)
    if found is None:
        raise exchange.missing(currency=currency, target=target, day=day, pointer="?date")
    return found


def _pick(wanted: Iterable[Wanted], quotes: list[Quote]) -> dict[Wanted, Rate]:
    picked = {
        each: exchange.rate_on(quotes, currency=each.currency, target=each.target, day=each.day)
        for each in wanted
    }
    return {each: rate for each, rate in picked.items() if rate is not None}
