"""Amounts in another currency: which published rate holds on a day, and what it makes of an amount.

A rate is never guessed: it is the one of the day asked for, or of the closest earlier day within a week,
and carries its own day and source to wherever it is used. What is not rounded is not written down as a
decimal: an inverse or a cross rate stays a fraction, so that each amount is rounded exactly once.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Any

from invoicing.domain.document import ONE, ZERO
from invoicing.money import exactly, round_quotient
from tenants.errors import DomainError, Kind

# Central banks publish on working days: the longest pause of the ECB is that of Easter or Christmas.
FURTHEST_DAYS = 7
PIVOT = "EUR"
_SHOWN = Context(prec=12)


class RateMissing(DomainError):
    """There is no exchange rate for the day, nor for the seven days before it: record one."""

    kind, code = Kind.CONFLICT, "exchange-rate-missing"


@dataclass(frozen=True, slots=True)
class Quote:
    """What was published for `day` by `source`: so many units of `quoted` (`rate`) for one of `unit`."""

    unit: str
    quoted: str
    rate: Decimal
    day: date
    source: str


@dataclass(frozen=True, slots=True)
class Rate:
    """How amounts of `currency` become amounts of `target`: times `multiplier`, by `divisor`.

    A rate as it was published has the divisor 1, its inverse the multiplier 1, a cross rate both.
    """

    currency: str
    target: str
    multiplier: Decimal
    divisor: Decimal
    day: date
    source: str

    def convert(self, amount: Decimal) -> Decimal:
        """The amount in `target`, rounded once, half-up away from zero, to its minor unit."""
        with exactly():
            return round_quotient(amount * self.multiplier, self.divisor, self.target)

    @property
    def shown(self) -> Decimal:
        """Units of `target` for one of `currency`, to twelve significant digits: for people to read."""
        if self.divisor == ONE:
            return self.multiplier
        return Decimal(format(_SHOWN.divide(self.multiplier, self.divisor), "f"))


@dataclass(frozen=True, slots=True)
class Converted:
    """An amount of a document in another currency, with the rate that made it: `amount` is in its target."""

    rate: Rate
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a document is in other currencies than its own, frozen when it is issued.

    `tax` is its total tax in the tax currency (BT-6, BT-111), `base` its payable amount in the currency
    the legal entity keeps its books in. None where there is nothing to convert, or no rate is known.
    """

    tax: Converted | None = None
    base: Converted | None = None

    def __bool__(self) -> bool:
        return self.tax is not None or self.base is not None


NOTHING = Exchange()


def earliest(day: date) -> date:
    """The first day whose rate may still stand for `day`."""
    return day - timedelta(days=FURTHEST_DAYS)


def rate_on(quotes: Iterable[Quote], *, currency: str, target: str, day: date) -> Rate | None:
    """The rate of `day` or of the closest day before it, no further back than a week; None without one.

    Of several quotes for one pair and day the last one given counts: it corrects those before. On one
    day a rate as published goes before its inverse, and that before a cross rate over the euro, whose
    two legs are of that day and of one source.
    """
    known: dict[date, dict[tuple[str, str], Quote]] = {}
    for quote in quotes:
        if earliest(day) <= quote.day <= day and quote.rate > ZERO:
            known.setdefault(quote.day, {})[quote.unit, quote.quoted] = quote
    for each in sorted(known, reverse=True):
        found = _rate_among(known[each], currency, target)
        if found is not None:
            return found
    return None


def _rate_among(quotes: Mapping[tuple[str, str], Quote], currency: str, target: str) -> Rate | None:
    straight = _leg(quotes, currency, target)
    if straight is not None:
        multiplier, divisor, quote = straight
        return Rate(currency, target, multiplier, divisor, quote.day, quote.source)
    to_pivot, from_pivot = _leg(quotes, currency, PIVOT), _leg(quotes, PIVOT, target)
    if to_pivot is None or from_pivot is None or to_pivot[2].source != from_pivot[2].source:
        return None
    with exactly():
        multiplier, divisor = to_pivot[0] * from_pivot[0], to_pivot[1] * from_pivot[1]
    return Rate(currency, target, multiplier, divisor, to_pivot[2].day, to_pivot[2].source)


def _leg(
    quotes: Mapping[tuple[str, str], Quote], currency: str, target: str
) -> tuple[Decimal, Decimal, Quote] | None:
    published = quotes.get((currency, target))
    if published is not None:
        return published.rate, ONE, published
    inverse = quotes.get((target, currency))
    return None if inverse is None else (ONE, inverse.rate, inverse)


def missing(*, currency: str, target: str, day: date, pointer: str) -> RateMissing:
    """The refusal where a rate is needed and none is known."""
    return RateMissing(
        f"There is no exchange rate from {currency} to {target} for {day} or the {FURTHEST_DAYS} days"
        " before it: record one.",
        pointer=pointer,
        currency=currency,
        target=target,
        date=day.isoformat(),
    )


def part_of_converted(rate: Rate, *, before: Decimal, converted_before: Decimal, part: Decimal) -> Converted:
    """The next part of a whole that is converted piece by piece: the parts sum to the whole, converted.

    Each time what has been taken so far is converted as one amount, and what earlier parts came to goes
    off; the last part thereby takes the residual.
    """
    with exactly():
        return Converted(rate, rate.convert(before + part) - converted_before)


def to_json(exchange: Exchange) -> dict[str, Any] | None:
    """An exchange as it is kept, numbers as text; None where there is none."""
    if not exchange:
        return None
    parts = {"tax": exchange.tax, "base": exchange.base}
    return {name: converted_to_json(part) for name, part in parts.items() if part is not None}


def from_json(stored: Mapping[str, Any] | None) -> Exchange:
    """The inverse of `to_json`."""
    if stored is None:
        return NOTHING
    return Exchange(**{name: converted_from_json(part) for name, part in stored.items()})


def converted_to_json(converted: Converted) -> dict[str, str]:
    """One converted amount with its rate."""
    rate = converted.rate
    return {
        "currency": rate.target,
        "amount": format(converted.amount, "f"),
        "of": rate.currency,
        "rate": format(rate.shown, "f"),
        "multiplier": format(rate.multiplier, "f"),
        "divisor": format(rate.divisor, "f"),
        "date": rate.day.isoformat(),
        "source": rate.source,
    }


def converted_from_json(stored: Mapping[str, str]) -> Converted:
    """The inverse of `converted_to_json`."""
    rate = Rate(
        stored["of"],
        stored["currency"],
        Decimal(stored["multiplier"]),
        Decimal(stored["divisor"]),
        date.fromisoformat(stored["date"]),
        stored["source"],
    )
    return Converted(rate, Decimal(stored["amount"]))
