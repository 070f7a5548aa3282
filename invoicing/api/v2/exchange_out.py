"""How v2 shows amounts in other currencies, with the rate that made them."""

from datetime import date

import msgspec

from invoicing.domain.exchange import Converted, Exchange


class ConvertedOut(msgspec.Struct):
    """`amount` of `currency`, at `rate` of it for one of the document's; `date` and `source` are its own.

    The rate is shown to twelve digits; `explain` has the exact fraction.
    """

    currency: str
    amount: str
    rate: str
    date: date
    source: str


class ExchangeOut(msgspec.Struct):
    """`tax`: the total tax in the tax currency (BT-111); `base`: what is due in the currency of the books."""

    tax: ConvertedOut | None
    base: ConvertedOut | None


def exchange_out(exchange: Exchange) -> ExchangeOut | None:
    """None for a document of one currency, and for a draft."""
    if not exchange:
        return None
    return ExchangeOut(converted_out(exchange.tax), converted_out(exchange.base))


def converted_out(made: Converted | None) -> ConvertedOut | None:
    """An amount with its rate."""
    if made is None:
        return None
    rate = made.rate
    return ConvertedOut(rate.target, format(made.amount, "f"), format(rate.shown, "f"), rate.day, rate.source)
