"""Payment terms: where due dates fall, at the ends of months, on holidays, and past the calendar's end."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.schedule import DueDateOutOfRange, DueKind, DueRule, Roll, due_date, in_words
from invoicing.domain.stored import terms_from_json, terms_to_json
from invoicing.domain.working_days import is_weekday, is_working_day
from tenants.errors import InvalidInput

NET, EOM, NET_EOM = DueKind.NET, DueKind.END_OF_MONTH, DueKind.NET_END_OF_MONTH
WORKING, FIXED = DueKind.WORKING_DAYS, DueKind.DAY_OF_MONTH


@pytest.mark.parametrize(
    ("issued", "rule", "due"),
    [
        ("2026-11-20", DueRule(NET), "2026-11-20"),
        ("2028-02-01", DueRule(NET, 30), "2028-03-02"),
        ("2026-01-31", DueRule(NET, months=1), "2026-02-28"),
        ("2028-01-31", DueRule(NET, months=1), "2028-02-29"),
        ("2026-12-31", DueRule(NET, 1, months=2), "2027-03-01"),
        ("2026-01-31", DueRule(EOM), "2026-01-31"),
        ("2026-01-31", DueRule(EOM, 10), "2026-02-10"),
        ("2026-01-31", DueRule(EOM, months=1), "2026-02-28"),
        ("2026-01-01", DueRule(EOM, 30), "2026-03-02"),
        ("2028-02-29", DueRule(EOM, months=12), "2029-02-28"),
        ("2026-12-15", DueRule(EOM, months=1), "2027-01-31"),
        ("2026-01-15", DueRule(NET_EOM, 45), "2026-03-31"),
        ("2026-01-31", DueRule(NET_EOM, 30), "2026-03-31"),
        ("2026-11-03", DueRule(FIXED, day=10), "2026-11-10"),
        ("2026-11-10", DueRule(FIXED, day=10), "2026-11-10"),
        ("2026-11-11", DueRule(FIXED, day=10), "2026-12-10"),
        ("2026-12-11", DueRule(FIXED, day=10), "2027-01-10"),
        ("2026-01-31", DueRule(FIXED, months=1, day=31), "2026-02-28"),
        # Monday to Friday: 2026-11-20 is a Friday.
        ("2026-11-20", DueRule(WORKING, 1), "2026-11-23"),
        ("2026-11-20", DueRule(WORKING, 10), "2026-12-04"),
        ("2026-11-21", DueRule(WORKING), "2026-11-23"),
        ("2026-11-21", DueRule(NET, roll=Roll.FOLLOWING), "2026-11-23"),
        ("2026-11-13", DueRule(NET, 8, roll=Roll.PRECEDING), "2026-11-20"),
        # Never before the issue date, though the last working day was.
        ("2026-11-21", DueRule(NET, roll=Roll.PRECEDING), "2026-11-21"),
    ],
)
def test_where_a_due_date_falls(issued: str, rule: DueRule, due: str) -> None:
    assert due_date(date.fromisoformat(issued), rule).isoformat() == due


def test_working_days_know_the_public_holidays_of_a_country() -> None:
    # Christmas, both days, and New Year: 25 December 2026 is a Friday, 1 January 2027 as well.
    eve, rule = date(2026, 12, 24), DueRule(WORKING, 5)
    assert due_date(eve, rule, is_working=partial(is_working_day, "DE")) == date(2027, 1, 4)
    assert due_date(eve, rule) == date(2026, 12, 31)
    # The Fourth of July 2026 is a Saturday and kept on the Friday before.
    assert due_date(date(2026, 7, 2), DueRule(WORKING, 1), is_working=partial(is_working_day, "US")).day == 6


def test_a_weekend_is_where_the_country_has_it() -> None:
    friday, sunday = date(2026, 11, 20), date(2026, 11, 22)
    assert [is_working_day(country, friday) for country in ("DE", "SA")] == [True, False]
    assert [is_working_day(country, sunday) for country in ("DE", "SA")] == [False, True]


def test_a_country_without_a_calendar_works_monday_to_friday() -> None:
    week = [date(2026, 12, 21) + timedelta(days=n) for n in range(7)]
    assert [is_working_day("ZZ", day) for day in week] == [True] * 5 + [False] * 2


def test_a_holiday_that_is_kept_in_the_year_before_counts_there() -> None:
    # New Year 2022 is a Saturday: in the United States the last day of 2021 is kept instead.
    assert not is_working_day("US", date(2021, 12, 31))


@pytest.mark.parametrize(
    "rule",
    [
        DueRule(NET, 1),
        DueRule(NET, months=1),
        DueRule(EOM, 1),
        DueRule(NET_EOM, 1),
        DueRule(WORKING, 1),
        DueRule(FIXED, day=1),
    ],
)
def test_terms_that_lead_past_the_calendar_are_refused(rule: DueRule) -> None:
    with pytest.raises(DueDateOutOfRange):
        due_date(date(9999, 12, 31), rule)


RULES = st.builds(
    DueRule,
    kind=st.sampled_from([NET, EOM, NET_EOM]),
    days=st.integers(0, 999),
    months=st.integers(0, 24),
    roll=st.sampled_from(Roll),
) | st.builds(
    DueRule, kind=st.just(WORKING), days=st.integers(0, 60), roll=st.sampled_from([Roll.NONE, Roll.FOLLOWING])
)
DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(issued=DAYS, rule=RULES)
def test_a_due_date_is_never_before_the_issue_date_and_rolls_onto_working_days(
    issued: date, rule: DueRule
) -> None:
    due = due_date(issued, rule)
    assert due >= issued
    if rule.roll is Roll.FOLLOWING or rule.kind is WORKING:
        assert is_weekday(due)
    assert terms_from_json(terms_to_json(rule)) == rule
    assert in_words(rule).count("date") >= 1


@given(issued=DAYS, rule=RULES.filter(lambda rule: rule.roll is not Roll.PRECEDING))
def test_who_is_invoiced_later_pays_no_earlier(issued: date, rule: DueRule) -> None:
    assert due_date(issued, rule) <= due_date(issued + timedelta(days=1), rule)


@pytest.mark.parametrize(
    ("stated", "pointer"),
    [
        ({"kind": "day_of_month"}, "/due_rule/day"),
        ({"kind": "net", "day": 3}, "/due_rule/day"),
        ({"kind": "day_of_month", "day": 3, "days": 3}, "/due_rule/days"),
        ({"kind": "working_days", "days": 3, "months": 1}, "/due_rule/months"),
        ({"days": 3}, "/due_rule/kind"),
    ],
)
def test_members_that_do_not_go_together_are_refused(stated: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        terms_from_json(stated)
    assert [fault.pointer for fault in refusal.value.errors] == [pointer]
