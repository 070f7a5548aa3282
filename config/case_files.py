"""Case files: published documents as JSON, the request that recomputes one, and what then differs.

Used by `make demo CASES=…` and by the conformance tests; standard library only. A case file has
`level`, `type_code`, `currency`, `inputs` and `expected`; amounts are decimal strings, and what is null
or left out is missing.

- level "full", or none: computed from quantity, price, base quantity, allowances and charges.
- any other level: the document's own prices do not lead to its line amounts, so that each line is
  computed as quantity 1 at its published net amount.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

Json = dict[str, Any]

# UNCL1001 codes of documents that take something back.
_CREDIT_NOTE_CODES = frozenset(["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"])
# A document that names no currency or no tax category is computed all the same, so that its totals can
# be compared; that something mandatory is missing is reported with them.
_ASSUMED_CURRENCY = "EUR"
_ASSUMED_CATEGORY = "Z"
_ASSUMED_UNIT = "C62"
_UNIT = re.compile(r"[A-Z0-9]{1,3}")
_TOTALS = (
    "sum_of_lines",
    "allowance_total",
    "charge_total",
    "tax_exclusive",
    "tax_total",
    "tax_inclusive",
    "payable",
)

_NOTHING: Json = {"lines": [], "totals": {**dict.fromkeys(_TOTALS), "breakdown": []}}


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure where document and computation part: its name, the published and the computed value."""

    name: str
    published: str | None
    computed: str | None

    def __str__(self) -> str:
        return f"{self.name}: published {self.published}, computed {self.computed}"


class NotACase(ValueError):
    """A file is not a case file; the message says which and why."""


def read_cases(folder: Path) -> Iterator[Json]:
    """The case files of a folder, by name. Raises OSError, and NotACase for what is none."""
    for path in sorted(folder.glob("*.json")):
        try:
            case = json.loads(path.read_text(encoding="utf-8"))
            request_body(case)
            differences(case, _NOTHING)
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise NotACase(f"{path.name} is not JSON: {error}") from error
        except (KeyError, TypeError, AttributeError) as error:
            raise NotACase(f"{path.name} is not a case file: {error!r} in what it should hold") from error
        except InvalidOperation as error:
            raise NotACase(f"{path.name} holds an amount that is no decimal number") from error
        yield {"case_id": path.stem, **case}


def level_of(case: Json) -> str:
    """How a case is computed and judged; one that does not say is taken at its word in full."""
    return case.get("level") or "full"


def request_body(case: Json) -> Json:
    """The body of `POST /api/v2/invoices/calculate` for a case."""
    inputs = case["inputs"]
    from_prices = level_of(case) == "full"
    return {
        "type": _document_type(case),
        "currency": case.get("currency") or _ASSUMED_CURRENCY,
        "issue_date": _iso_date(case.get("issue_date")),
        "prepaid_amount": _plain(inputs.get("prepaid_amount")) or "0",
        "rounding_amount": _plain(inputs.get("rounding_amount")),
        "lines": [
            _line(line, position, from_prices=from_prices)
            for position, line in enumerate(inputs["lines"], start=1)
        ],
        "allowances": [_allowance(item) | {"tax": _tax(item)} for item in inputs.get("allowances") or ()],
        "charges": [_allowance(item) | {"tax": _tax(item)} for item in inputs.get("charges") or ()],
    }


def differences(case: Json, answer: Json) -> list[Difference]:
    """Where the answer of `calculate` to `request_body(case)` departs from the published document.

    Figures are compared as numbers, a missing one as zero. Published figures that contradict each other
    whatever is computed (the line amounts do not add up to their sum, BR-CO-10) are named as well, and
    so is what the document should state and does not.
    """
    return [*_missing(case), *_line_differences(case, answer), *_total_differences(case, answer)]


def _missing(case: Json) -> Iterator[Difference]:
    if not case.get("currency"):
        yield Difference("currency", None, _ASSUMED_CURRENCY)
    for position, line in enumerate(case["inputs"]["lines"]):
        if not line.get("tax_category"):
            yield Difference(f"lines[{position}].tax.category", None, _ASSUMED_CATEGORY)


def _line_differences(case: Json, answer: Json) -> Iterator[Difference]:
    published = case["expected"]["line_net_amounts"]
    computed = [line["net_amount"] for line in answer["lines"]]
    for position in range(max(len(published), len(computed))):
        pair = (_at(published, position), _at(computed, position))
        yield from _compared(f"lines[{position}].net_amount", *pair)


def _total_differences(case: Json, answer: Json) -> Iterator[Difference]:
    expected, totals = case["expected"], answer["totals"]
    published_sum = sum(map(_number, expected["line_net_amounts"]), Decimal(0))
    found = list(_compared("totals.sum_of_lines", expected.get("sum_of_lines"), totals["sum_of_lines"]))
    yield from found
    if not found and published_sum != _number(expected.get("sum_of_lines")):
        by_lines = f"{published_sum:f} (the sum of the published lines)"
        yield Difference("totals.sum_of_lines", expected.get("sum_of_lines"), by_lines)
    for name in _TOTALS[1:]:
        yield from _compared(f"totals.{name}", expected.get(name), totals[name])
    published = _rows(expected.get("tax_breakdown") or ())
    computed = _rows(totals["breakdown"])
    for key in sorted(published.keys() | computed.keys()):
        name = f"totals.breakdown[{key[0]} {key[1]:f}]"
        for figure in ("taxable", "tax"):
            pair = (_figure(published.get(key), figure), _figure(computed.get(key), figure))
            if None in pair:
                yield Difference(f"{name}.{figure}", *pair)
            else:
                yield from _compared(f"{name}.{figure}", *pair)


def _compared(name: str, published: str | None, computed: str | None) -> Iterator[Difference]:
    if _number(published) != _number(computed):
        yield Difference(name, published, computed)


def _document_type(case: Json) -> str:
    code, total = case.get("type_code"), _number(case["expected"].get("tax_inclusive"))
    takes_back = code in _CREDIT_NOTE_CODES or (not code and "CreditNote" in (case.get("syntax") or ""))
    # Some issue credit notes with an invoice's signs; ours states what it takes back as positive.
    return "credit_note" if takes_back and total >= 0 else "invoice"


def _line(line: Json, position: int, *, from_prices: bool) -> Json:
    unit = line.get("unit_code") or ""
    body: Json = {
        "description": _plain_text(line.get("name")) or f"Line {position}",
        "unit_code": unit if _UNIT.fullmatch(unit) else _ASSUMED_UNIT,
        "tax": _tax(line),
    }
    net = line.get("published_net_amount")
    if not from_prices and net is not None:
        return body | _positive_price("1", net)
    return body | {
        **_positive_price(line["quantity"], line["net_unit_price"]),
        "base_quantity": _plain(line.get("base_quantity")) or "1",
        "allowances": [_allowance(item) for item in line.get("allowances") or ()],
        "charges": [_allowance(item) for item in line.get("charges") or ()],
    }


def _positive_price(quantity: str | None, price: str | None) -> Json:
    """A price is never negative (BR-27), so its sign goes to the quantity."""
    units, each = _number(quantity), _number(price)
    if each < 0:
        units, each = units.copy_negate(), each.copy_negate()
    return {"quantity": f"{units:f}", "unit_price": f"{each:f}"}


def _allowance(item: Json) -> Json:
    return {
        "amount": _plain(item.get("amount")),
        "percent": _plain(item.get("percent")),
        "base_amount": _plain(item.get("base_amount")),
        "reason": _plain_text(item.get("reason")) or None,
    }


def _tax(item: Json) -> Json:
    return {
        "category": item.get("tax_category") or _ASSUMED_CATEGORY,
        "rate": _plain(item.get("tax_rate")),
    }


def _plain(text: str | None) -> str | None:
    """The number as JSON bodies have it: XML also writes "+5", "007" and ".5"."""
    return f"{Decimal(text):f}" if text else None


def _iso_date(text: str | None) -> str | None:
    if text and len(text) == len("20260131") and text.isdecimal():
        return f"{text[:4]}-{text[4:6]}-{text[6:]}"
    return text


def _plain_text(text: str | None) -> str | None:
    """Without what an API refuses in names: line breaks, control and format characters."""
    if text is None:
        return None
    words = " ".join(text.split())
    return "".join(char for char in words if not unicodedata.category(char).startswith("C"))[:200]


def _rows(rows: Iterable[Mapping[str, str | None]]) -> dict[tuple[str, Decimal], Mapping[str, str | None]]:
    return {(row.get("category") or "", _number(row.get("rate"))): row for row in rows}


def _figure(row: Mapping[str, str | None] | None, name: str) -> str | None:
    return None if row is None else row.get(name) or "0"


def _at(values: list[str], position: int) -> str | None:
    return values[position] if position < len(values) else None


def _number(text: str | None) -> Decimal:
    return Decimal(text or 0)
