"""Exchange rates as people hand them over: checked one by one, or read from a CSV file.

The file has a header and the columns date, from, to, rate and source in any order; the European Central
Bank's own file (a date, then a column a currency, all against the euro) is read as it is.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import StringIO

from invoicing.domain.exchange import PIVOT, Quote
from invoicing.money import known_currency
from tenants.errors import FieldError, InvalidInput

MOST_QUOTES = 5000
LONGEST_SOURCE = 100
_COLUMNS = ("date", "from", "to", "rate", "source")
_NUMBER = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NO_RATE = frozenset({"", "N/A"})
ECB = "ECB"


def faults_of(
    quote: Quote, *, today: date, pointer: str, members: tuple[str, str] = ("from", "to")
) -> Iterator[FieldError]:
    """What keeps a quote from being recorded; nothing of a good one. `members` name the two currencies."""
    for name, code in zip(members, (quote.unit, quote.quoted), strict=True):
        if not known_currency(code):
            yield FieldError(
                f"{pointer}/{name}", "unknown-currency", f"{code!r} is no current ISO 4217 code."
            )
    if quote.unit == quote.quoted:
        yield FieldError(f"{pointer}/{members[1]}", "same-currency", "Name two different currencies.")
    if quote.rate <= 0:
        yield FieldError(f"{pointer}/rate", "not-positive", "Expected a rate above zero.")
    if quote.day > today:
        yield FieldError(f"{pointer}/date", "in-future", "A rate is of today or of a day before.")
    if not quote.source.strip() or len(quote.source) > LONGEST_SOURCE:
        detail = f"Say who published it, in at most {LONGEST_SOURCE} characters."
        yield FieldError(f"{pointer}/source", "bad-source", detail)


def read_csv(text: str, *, source: str | None = None) -> list[Quote]:
    """The quotes of a file, in its order; `source` is that of rows which name none.

    Raises InvalidInput with every fault, under `/csv/{row}/{column}`, rows counted from 1 after the header.
    """
    rows = list(csv.reader(StringIO(text.removeprefix("\ufeff"))))
    header = [name.strip() for name in rows[0]] if rows else []
    named = [name.lower() for name in header]
    if named[:1] == ["date"] and "rate" not in named:
        quotes, faults = _wide(header, rows[1:], source or ECB)
    elif set(_COLUMNS[:4]) <= set(named) and set(named) <= set(_COLUMNS) and len(set(named)) == len(named):
        quotes, faults = _narrow(named, rows[1:], source or "")
    else:
        detail = "Expected the columns date, from, to, rate and source, or the file of the ECB."
        raise InvalidInput([FieldError("/csv", "bad-header", detail)])
    if not quotes and not faults:
        faults.append(FieldError("/csv", "no-rates", "There is no rate in it."))
    if len(quotes) > MOST_QUOTES:
        faults.append(FieldError("/csv", "too-many-rates", f"At most {MOST_QUOTES} rates at once."))
    if faults:
        raise InvalidInput(faults)
    return quotes


def _narrow(named: list[str], rows: list[list[str]], source: str) -> tuple[list[Quote], list[FieldError]]:
    quotes, faults = [], []
    for place, row in enumerate(rows, start=1):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(named):
            faults.append(FieldError(f"/csv/{place}", "bad-row", f"Expected {len(named)} cells."))
            continue
        cells = {name: cell.strip() for name, cell in zip(named, row, strict=True)}
        day, rate, found = _parsed(cells["date"], cells["rate"], f"/csv/{place}", "rate")
        faults += found
        if day is not None and rate is not None:
            quotes.append(Quote(cells["from"], cells["to"], rate, day, cells.get("source") or source))
    return quotes, faults


def _wide(header: list[str], rows: list[list[str]], source: str) -> tuple[list[Quote], list[FieldError]]:
    quotes, faults = [], []
    for place, row in enumerate(rows, start=1):
        for name, cell in zip(header[1:], row[1:], strict=False):
            # Currencies that are no more stand in the history still.
            if known_currency(name) and cell.strip() not in NO_RATE:
                day, rate, found = _parsed(row[0].strip(), cell.strip(), f"/csv/{place}", name)
                faults += found
                if day is not None and rate is not None:
                    quotes.append(Quote(PIVOT, name, rate, day, source))
    return quotes, faults


def _parsed(
    day: str, rate: str, pointer: str, column: str
) -> tuple[date | None, Decimal | None, list[FieldError]]:
    faults = []
    parsed = None
    try:
        parsed = date.fromisoformat(day) if _DAY.fullmatch(day) else None
    except ValueError:
        parsed = None
    if parsed is None:
        faults.append(FieldError(f"{pointer}/date", "malformed", "Expected a day such as 2026-11-20."))
    if not _NUMBER.fullmatch(rate):
        detail = "Expected plain digits with an optional point, at most 15 on either side of it."
        faults.append(FieldError(f"{pointer}/{column}", "not-a-decimal", detail))
        return parsed, None, faults
    return parsed, Decimal(rate), faults
