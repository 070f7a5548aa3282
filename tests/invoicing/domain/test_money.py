"""Money and the two ways to round."""

from decimal import Decimal, Inexact
from fractions import Fraction

import pytest
from babel.core import get_global
from hypothesis import given
from hypothesis import strategies as st

from invoicing.currencies import EXPONENTS
from invoicing.money import (
    MixedCurrency,
    Money,
    UnknownCurrency,
    exactly,
    exponent_of,
    fits,
    known_currency,
    round_amount,
    round_quotient,
)


def eur(amount: str) -> Money:
    return Money(Decimal(amount), "EUR")


@pytest.mark.parametrize(
    ("currency", "exponent"),
    [
        ("EUR", 2),
        ("HUF", 2),
        ("JPY", 0),
        ("ISK", 0),
        ("UGX", 0),
        ("CLP", 0),
        ("KWD", 3),
        ("IQD", 3),
        ("UYW", 4),
    ],
)
def test_exponents_are_those_of_iso_4217(currency: str, exponent: int) -> None:
    assert exponent_of(currency) == exponent


def test_the_exponents_depart_from_cldr_only_where_prices_are_written_otherwise() -> None:
    digits = get_global("currency_fractions")
    departing = {code for code in EXPONENTS if digits.get(code, digits["DEFAULT"])[0] != EXPONENTS[code]}
    assert " ".join(sorted(departing)) == "AFN ALL IQD IRR KPW LAK LBP MGA MMK RSD SOS SYP YER"


@pytest.mark.parametrize("code", ["eur", "EURO", "XXX", "XAU", "ABC", "", "ＥＵＲ"])
def test_what_no_invoice_can_be_stated_in_is_unknown(code: str) -> None:
    assert not known_currency(code)
    with pytest.raises(UnknownCurrency):
        round_amount(Decimal(1), code)


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [
        ("1.005", "EUR", "1.01"),
        ("-1.005", "EUR", "-1.01"),
        ("2.5", "JPY", "3"),
        ("-2.5", "JPY", "-3"),
        ("0.0005", "KWD", "0.001"),
        ("1.00499999999999999999999999999999999999", "EUR", "1.00"),
        ("-0.004", "EUR", "0.00"),
        ("1E+3", "EUR", "1000.00"),
    ],
)
def test_ties_round_away_from_zero_and_zero_has_no_sign(amount: str, currency: str, rounded: str) -> None:
    assert str(round_amount(Decimal(amount), currency)) == rounded


@given(
    st.decimals(-(10**12), 10**12, places=8),
    st.decimals("0.000001", 10**6, places=6),
    st.sampled_from(["EUR", "JPY", "KWD", "UYW"]),
)
def test_a_quotient_is_rounded_once(dividend: Decimal, divisor: Decimal, currency: str) -> None:
    scale = 10 ** exponent_of(currency)
    exact = abs(Fraction(dividend) / Fraction(divisor)) * scale
    nearest = int(exact + Fraction(1, 2))
    expected = Fraction(nearest if dividend >= 0 else -nearest, scale)
    assert Fraction(round_quotient(dividend, divisor, currency)) == expected


def test_a_quotient_just_below_a_tie_is_not_carried_over_it() -> None:
    # To 28 digits this quotient is 0.005 exactly, which would round up.
    divisor = Decimal(10) ** 40
    tie = Decimal(5).scaleb(37)
    with exactly():
        assert str(round_quotient(tie - 1, divisor, "EUR")) == "0.00"
    assert str(round_quotient(tie, divisor, "EUR")) == "0.01"
    assert str(round_quotient(tie, -divisor, "EUR")) == "-0.01"


def test_exact_arithmetic_refuses_to_round() -> None:
    with exactly():
        assert Decimal("1." + "1" * 40) * Decimal("1." + "1" * 40) != Decimal(0)
        with pytest.raises(Inexact):
            Decimal(1) / Decimal(3)
    with pytest.raises(Inexact):
        eur("1E+990") + eur("1E-990")


def test_sums_stay_exact_beyond_the_default_precision() -> None:
    assert (eur("12345678901234567890123456789.01") + eur("0.01")).amount == Decimal(
        "12345678901234567890123456789.02"
    )


def test_two_currencies_neither_add_nor_compare() -> None:
    yen = Money(Decimal(1), "JPY")
    for operation in (Money.__add__, Money.__sub__, Money.__lt__, Money.__le__, Money.__gt__, Money.__ge__):
        with pytest.raises(MixedCurrency):
            operation(eur("1"), yen)
    assert eur("1") != yen


def test_money_behaves_as_a_value() -> None:
    assert eur("1.0") == eur("1.00")
    assert hash(eur("1.0")) == hash(eur("1.00"))
    assert Money.total([eur("1.10"), eur("2.20")], "EUR") == eur("3.30")
    assert Money.total([], "JPY") == Money.zero("JPY")
    assert eur("2") * 3 - eur("1") == 5 * eur("1")
    assert abs(-eur("1")) == eur("1") > eur("0.5")
    assert not Money.zero("EUR")
    assert str(eur("1.005").rounded()) == "1.01 EUR"


@pytest.mark.parametrize("amount", [1.1, 1, "1"])
def test_money_is_made_of_decimals_only(amount: object) -> None:
    with pytest.raises(TypeError):
        Money(amount, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("amount", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_money_is_finite(amount: str) -> None:
    with pytest.raises(ValueError, match="finite"):
        eur(amount)


def test_an_amount_fits_a_currency_by_its_significant_decimals() -> None:
    assert fits(Decimal("5.0000"), "EUR")
    assert not fits(Decimal("5.001"), "EUR")
    assert not fits(Decimal("1.50"), "JPY")
    assert fits(Decimal("1.234"), "KWD")
