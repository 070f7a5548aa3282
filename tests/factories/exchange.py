"""Exchange rates for tests. Call them inside a scope."""

from datetime import date
from decimal import Decimal

from invoicing.domain.exchange import Quote
from invoicing.models import FxRate
from invoicing.services import exchange_rates
from tests.factories.ledger import days_ago


def a_rate(
    rate: str = "1.1",
    *,
    unit: str = "EUR",
    quoted: str = "USD",
    day: date | None = None,
    source: str = "bank",
) -> FxRate:
    """A recorded rate: so many units of `quoted` for one of `unit`."""
    quote = Quote(unit, quoted, Decimal(rate), day or days_ago(1), source)
    return exchange_rates.record_rate(quote=quote)
