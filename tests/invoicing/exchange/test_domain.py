"""Rates and book values as pure arithmetic: which rate holds, and that parts sum to their whole."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from invoicing.currencies import EXPONENTS
from invoicing.domain.booking import Holding, Values, gain, take, taken_back
from invoicing.domain.exchange import (
    Exchange,
    Quote,
    Rate,
    converted_from_json,
    converted_to_json,
    from_json,
    part_of_converted,
    rate_on,
    to_json,
)
from invoicing.money import fits, step_of

DAY = date(2026, 4, 7)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "BHD", "CLF", "CHF"])
RATES = st.decimals(min_value="0.0001", max_value="9999", places=4)


def quote(rate: str, *, unit: str = "EUR", quoted: str = "USD", ago: int = 0, source: str = "ECB") -> Quote:
    return Quote(unit, quoted, Decimal(rate), DAY - timedelta(days=ago), source)


def held(*quotes: Quote, currency: str = "USD", target: str = "EUR") -> Rate:
    rate = rate_on(quotes, currency=currency, target=target, day=DAY)
    assert rate is not None
    return rate


def test_a_published_rate_is_used_as_it_is() -> None:
    rate = held(quote("1.1172"), currency="EUR", target="USD")
    assert (rate.multiplier, rate.divisor, rate.shown) == (Decimal("1.1172"), Decimal(1), Decimal("1.1172"))


def test_an_inverse_rate_stays_a_fraction_and_rounds_once() -> None:
    rate = held(quote("1.1172"))
    assert rate.convert(Decimal("1117.20")) == Decimal("1000.00")
    assert rate.shown == Decimal("0.895094880057")


def test_a_cross_rate_takes_two_legs_of_one_day_and_one_source() -> None:
    legs = [quote("1.1172"), quote("0.9194", quoted="CHF")]
    assert held(*legs, target="CHF").convert(Decimal("1117.20")) == Decimal("919.40")
    other = [legs[0], quote("0.9194", quoted="CHF", source="bank")]
    assert rate_on(other, currency="USD", target="CHF", day=DAY) is None
    earlier = [legs[0], quote("0.9194", quoted="CHF", ago=1)]
    assert rate_on(earlier, currency="USD", target="CHF", day=DAY) is None


def test_over_easter_the_rate_of_the_thursday_before_holds_and_says_so() -> None:
    # 2026: the ECB published on Thursday 2 April, then on Tuesday 7 April.
    monday = date(2026, 4, 6)
    rate = rate_on([quote("1.1", ago=5), quote("1.2", ago=0)], currency="EUR", target="USD", day=monday)
    assert rate is not None
    assert (rate.day, rate.multiplier) == (date(2026, 4, 2), Decimal("1.1"))


@pytest.mark.parametrize("ago", [8, -1])
def test_a_rate_is_neither_older_than_a_week_nor_of_a_later_day(ago: int) -> None:
    assert rate_on([quote("1.1", ago=ago)], currency="EUR", target="USD", day=DAY) is None
    assert rate_on([quote("1.1", ago=7)], currency="EUR", target="USD", day=DAY) is not None


def test_the_last_quote_of_a_pair_and_day_corrects_those_before() -> None:
    assert held(quote("1.1"), quote("1.2"), currency="EUR", target="USD").multiplier == Decimal("1.2")


def test_a_closer_day_goes_before_a_straighter_rate() -> None:
    closer = quote("0.5", unit="USD", quoted="EUR", ago=1)
    assert held(closer, quote("3", ago=2), currency="EUR", target="USD").day == closer.day


@given(amount=st.decimals(min_value="-1e9", max_value="1e9", places=4), rate=RATES, target=CURRENCIES)
def test_what_is_converted_has_the_decimals_of_its_currency(
    amount: Decimal, rate: Decimal, target: str
) -> None:
    converted = Rate("XAF", target, Decimal(1), rate, DAY, "ECB").convert(amount)
    assert fits(converted, target)
    assert abs(converted - amount / rate) <= step_of(target) / 2 + Decimal("1e-9")


@given(st.data())
def test_parts_of_a_whole_convert_to_the_whole_exactly(data: st.DataObject) -> None:
    target = data.draw(CURRENCIES)
    rate = Rate("USD", target, data.draw(RATES), data.draw(RATES), DAY, "ECB")
    parts = data.draw(
        st.lists(st.decimals(min_value="0", max_value="1e6", places=2), min_size=1, max_size=12)
    )
    before = converted = Decimal(0)
    for part in parts:
        converted += part_of_converted(rate, before=before, converted_before=converted, part=part).amount
        before += part
    assert converted == rate.convert(sum(parts, Decimal(0)))


def cut(data: st.DataObject, whole: Decimal, places: int) -> list[Decimal]:
    """The whole in one to eight positive parts."""
    unit = Decimal(1).scaleb(-places)
    units = int(whole / unit)
    cuts = data.draw(st.sets(st.integers(1, max(1, units - 1)), max_size=7))
    bounds = [0, *sorted(each for each in cuts if each < units), units]
    return [(upper - lower) * unit for lower, upper in pairwise(bounds)]


@given(st.data())
def test_partial_settlements_take_the_whole_book_value_and_realise_the_whole_difference(
    data: st.DataObject,
) -> None:
    currency, base = data.draw(CURRENCIES), data.draw(CURRENCIES)
    places = EXPONENTS[currency]
    total = data.draw(st.decimals(min_value=step_of(currency), max_value=10**6, places=places))
    at_issue = Rate(currency, base, data.draw(RATES), Decimal(1), DAY, "ECB").convert(total)
    at_payment = Rate(currency, base, data.draw(RATES), Decimal(1), DAY, "ECB").convert(total)
    claim, money = Holding(total, at_issue, base), Holding(total, at_payment, base)
    realised = taken = Decimal(0)
    for part in cut(data, total, places):
        target, claim = take(claim, part)
        source, money = take(money, part)
        assert min(target, claim.value) >= 0
        assert fits(target, base)
        taken += target
        realised += gain(Values(source, target)) or 0
    assert not any((claim.amount, claim.value, money.value))
    assert taken == at_issue
    assert realised == at_payment - at_issue


@given(st.data())
def test_reversals_of_a_settlement_take_back_exactly_what_it_realised(data: st.DataObject) -> None:
    amount = data.draw(st.decimals(min_value="0.01", max_value=10**5, places=2))
    values = Values(*(data.draw(st.decimals(min_value=0, max_value=10**6, places=2)) for _ in range(2)))
    gone, before = Decimal(0), Values(Decimal(0), Decimal(0))
    back = Decimal(0)
    for part in cut(data, amount, 2):
        taken = taken_back(values, amount=amount, reversed_so_far=(gone, before), part=part, base="EUR")
        gone += part
        before = Values(*(a + b for a, b in zip(before, taken, strict=True)))  # type: ignore[operator]
        back += gain(taken) or 0
    assert before == values
    assert back == gain(values)


def test_a_side_without_a_book_value_has_none_to_give_back_and_no_gain() -> None:
    values = Values(None, Decimal("9.00"))
    nothing = (Decimal(0), Values())
    taken = taken_back(values, amount=Decimal(10), reversed_so_far=nothing, part=Decimal(10), base="EUR")
    assert taken == values
    assert gain(taken) is None


@given(multiplier=RATES, divisor=RATES, amount=st.decimals(min_value="-1e6", max_value="1e6", places=2))
def test_what_is_kept_is_read_back_equal(multiplier: Decimal, divisor: Decimal, amount: Decimal) -> None:
    assume(multiplier and divisor)
    rate = Rate("USD", "EUR", multiplier, divisor, DAY, "ECB")
    whole = part_of_converted(rate, before=Decimal(0), converted_before=Decimal(0), part=amount)
    assert converted_from_json(converted_to_json(whole)) == whole
    assert from_json(to_json(Exchange(tax=whole))) == Exchange(tax=whole)
    assert to_json(Exchange()) is None
