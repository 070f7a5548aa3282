"""Recording exchange rates: stated one by one, uploaded, or taken over from who publishes them."""

from collections.abc import Collection, Sequence
from datetime import date

from django.db import transaction

from invoicing.domain import rate_table
from invoicing.domain.exchange import PIVOT, Quote
from invoicing.models import FxRate
from invoicing.money import known_currency
from invoicing.selectors.exchange_rates import PUBLISHED, recorded_quotes
from invoicing.services import posting
from tenants.errors import FieldError, InvalidInput
from tenants.scope import require_tenant_id


@transaction.atomic
def record_rate(*, quote: Quote) -> FxRate:
    """Record a rate for good; a further one for the same pair and day corrects it from now on.

    Documents that were issued keep theirs, reports that were given stay as they were. Raises
    InvalidInput.
    """
    today = posting.join_ledger().today
    members = "from_currency", "to_currency"
    faults = list(rate_table.faults_of(quote, today=today, pointer="", members=members))
    if faults:
        raise InvalidInput(faults)
    row = _row(quote)
    row.save(force_insert=True)
    return row


@transaction.atomic
def record_rates(*, quotes: Sequence[Quote]) -> int:
    """Record those of the quotes that say something new, all or none; tells how many that were.

    Raises InvalidInput with every fault, under `/csv/{place}`.
    """
    today = posting.join_ledger().today
    faults = [
        fault
        for place, quote in enumerate(quotes, start=1)
        for fault in rate_table.faults_of(quote, today=today, pointer=f"/csv/{place}")
    ]
    if faults:
        raise InvalidInput(faults)
    return _add_new(quotes)


@transaction.atomic
def record_published(*, source: str, currencies: Collection[str], first: date, last: date) -> int:
    """Take over what a source published for these currencies; tells how many rates were new.

    From then on the tenant's reports know them. Raises InvalidInput for an unknown source, an unknown
    currency, a period that ends before it begins or holds too many rates.
    """
    posting.join_ledger()
    faults = [
        FieldError(f"/currencies/{place}", "unknown-currency", f"{code!r} is not a current ISO 4217 code.")
        for place, code in enumerate(currencies)
        if not known_currency(code)
    ]
    if source not in PUBLISHED:
        faults.append(FieldError("/source", "unknown-source", f"Expected one of {', '.join(PUBLISHED)}."))
    if last < first or (last - first).days > rate_table.MOST_QUOTES:
        faults.append(FieldError("/last", "bad-period", "Expected a day on or after the first one."))
    if faults:
        raise InvalidInput(faults)
    quotes = PUBLISHED[source].quotes(currencies=currencies, first=first, last=last)
    if len(quotes) > rate_table.MOST_QUOTES:
        detail = f"At most {rate_table.MOST_QUOTES} rates at once: these are {len(quotes)}."
        raise InvalidInput([FieldError("/currencies", "too-many-rates", detail)])
    return _add_new(quotes)


def _add_new(quotes: Sequence[Quote]) -> int:
    """What repeats the rate that counts already is no correction."""
    if not quotes:
        return 0
    currencies = {PIVOT}.union(*((quote.unit, quote.quoted) for quote in quotes))
    days = [quote.day for quote in quotes]
    recorded = recorded_quotes(currencies=currencies, first=min(days), last=max(days))
    counts = {(quote.unit, quote.quoted, quote.day): quote for quote in recorded}
    new = []
    for quote in quotes:
        key = quote.unit, quote.quoted, quote.day
        if counts.get(key) != quote:
            counts[key] = quote
            new.append(_row(quote))
    FxRate.objects.bulk_create(new)
    return len(new)


def _row(quote: Quote) -> FxRate:
    return FxRate(
        tenant_id=require_tenant_id(),
        from_currency=quote.unit,
        to_currency=quote.quoted,
        rate=quote.rate,
        day=quote.day,
        source=quote.source.strip(),
    )
