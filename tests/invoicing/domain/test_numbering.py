"""Patterns of series, their periods and the numbers that result."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.numbering import InvalidPattern, Reset, ensure_pattern, period_of, shape_of

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("pattern", "number"),
    [
        ("INV-{year}-{number:05}", "INV-2026-00042"),
        ("{yy}{month}/{number}", "2611/42"),
        ("{number:04}-Q{quarter}.{year}", "0042-Q4.2026"),
        ("{number}", "42"),
    ],
)
def test_a_pattern_becomes_a_number(pattern: str, number: str) -> None:
    assert shape_of(pattern, DAY).number(42) == number


def test_a_sequence_outgrows_its_width_uncut() -> None:
    assert shape_of("A{number:02}", DAY).number(12345) == "A12345"


@pytest.mark.parametrize(
    ("reset", "period"),
    [(Reset.NEVER, ""), (Reset.YEAR, "2026"), (Reset.QUARTER, "2026-Q4"), (Reset.MONTH, "2026-11")],
)
def test_the_period_of_a_counter(reset: Reset, period: str) -> None:
    assert period_of(reset, DAY) == period


@pytest.mark.parametrize(
    ("pattern", "reset"),
    [
        ("INV", Reset.NEVER),
        ("{number}{number}", Reset.NEVER),
        ("{tenant}-{number}", Reset.NEVER),
        ("{number:5}", Reset.NEVER),
        ("{year:04}-{number}", Reset.NEVER),
        ("a\n{number}", Reset.NEVER),
        ("=cmd|{number}", Reset.NEVER),
        ("A" * 51 + "{number}", Reset.NEVER),
        ("{number:99}", Reset.NEVER),
        ("INV-{number}", Reset.YEAR),
        ("{year}-{number}", Reset.MONTH),
        ("{year}-{number}", Reset.QUARTER),
    ],
)
def test_a_pattern_that_cannot_number_is_refused(pattern: str, reset: Reset) -> None:
    with pytest.raises(InvalidPattern):
        ensure_pattern(pattern, reset)


@given(
    st.sampled_from([("{year}-{number:04}", Reset.YEAR), ("{yy}{month}-{number}", Reset.MONTH)]),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
)
def test_two_places_of_a_series_never_get_one_number(
    series: tuple[str, Reset], day: date, other_day: date, sequence: int, other: int
) -> None:
    pattern, reset = series
    ensure_pattern(pattern, reset)
    same_place = (period_of(reset, day), sequence) == (period_of(reset, other_day), other)
    same_number = shape_of(pattern, day).number(sequence) == shape_of(pattern, other_day).number(other)
    assert same_number == same_place
