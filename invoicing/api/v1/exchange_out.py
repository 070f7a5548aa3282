"""How v1 shows amounts in other currencies, with the rate that made them."""

from typing import Any

from rest_framework import serializers

from invoicing.domain.exchange import Converted, Exchange
from tenants.http.serializers import DecimalText, StrictDateField
from tenants.http.values import Price

Data = dict[str, Any]


class ConvertedOut(serializers.Serializer[Any]):
    """`amount` of `currency`, at `rate` of it for one of the document's; `date` and `source` are its own."""

    currency = serializers.CharField()
    amount = DecimalText()
    rate = DecimalText(Price)
    date = StrictDateField()
    source = serializers.CharField()  # type: ignore[assignment]


class ExchangeOut(serializers.Serializer[Any]):
    """`tax`: the total tax in the tax currency (BT-111); `base`: what is due in the currency of the books."""

    tax = ConvertedOut(allow_null=True)
    base = ConvertedOut(allow_null=True)


def exchange_data(exchange: Exchange) -> Data | None:
    """None for a document of one currency, and for a draft."""
    if not exchange:
        return None
    return {"tax": converted_data(exchange.tax), "base": converted_data(exchange.base)}


def converted_data(made: Converted | None) -> Data | None:
    """An amount with its rate."""
    if made is None:
        return None
    rate = made.rate
    return {
        "currency": rate.target,
        "amount": made.amount,
        "rate": rate.shown,
        "date": rate.day,
        "source": rate.source,
    }
