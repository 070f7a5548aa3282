"""Which days people work on, by the public holidays and the weekend of a country. No clock, no network."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

from holidays import country_holidays

IsWorkingDay = Callable[[date], bool]
_SATURDAY = 5


def is_working_day(country: str, day: date) -> bool:
    """Whether a day is a working day in a country (ISO 3166-1 alpha-2).

    Holidays that hold in all of the country, and its own weekend, by the calendars of the library
    `holidays`; for a country it does not know Monday to Friday.
    """
    return _calendar(country, day.year)(day)


# Complete when it is made: a calendar that the library fills as it goes is not for several threads.
@lru_cache(maxsize=512)
def _calendar(country: str, year: int) -> IsWorkingDay:
    try:
        return country_holidays(country, years=year, expand=False).is_working_day
    except NotImplementedError:
        return is_weekday


def is_weekday(day: date) -> bool:
    """Monday to Friday."""
    return day.weekday() < _SATURDAY


def rolled(day: date, is_working: IsWorkingDay, *, forward: bool) -> date:
    """The day itself if it is a working day, else the next one, or the one before. Raises OverflowError."""
    step = timedelta(days=1 if forward else -1)
    while not is_working(day):
        day += step
    return day


def after(day: date, count: int, is_working: IsWorkingDay) -> date:
    """The working day `count` working days after a day; 0 is the day, or the next working day.

    Raises OverflowError past the last year of the calendar.
    """
    if count == 0:
        return rolled(day, is_working, forward=True)
    for _ in range(count):
        day = rolled(day + timedelta(days=1), is_working, forward=True)
    return day
