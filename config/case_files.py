"""Case files: published documents as JSON, the request that recomputes one, and what then differs.

Used by `make demo CASES=…` and by the conformance tests; standard library only. A case file has
`level`, `type_code`, `currency`, `inputs` and `expected`; amounts are decimal strings, null is missing.

- level "full": computed from quantity, price, base quantity, allowances and charges.
- any other level: the document's own prices do not lead to its line amounts, so that each line is
  computed as quantity 1 at its published net amount.
"""

import json
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

Json = dict[str, Any]

# UNCL1001 codes of documents that take something back.
_CREDIT_NOTE_CODES = frozenset(["81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"])
# A document that names no currency or no tax category is computed all the same, so that its totals can
# be compared; that something mandatory is missing is reported with them.
_ASSUMED_CURRENCY = "EUR"
_ASSUMED_CATEGORY = "Z"
_TOTALS = (
    "sum_of_lines",
    "allowance_total",
    "charge_total",
    "tax_exclusive",
    "tax_total",
    "tax_inclusive",
    "payable",
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure where document and computation part: its name, the published and the computed value."""

    name: str
    published: str | None
    computed: str | None

    def __str__(self) -> str:
        return f"{self.name}: published {self.published}, computed {self.computed}"


def read_cases(folder: Path) -> Iterator[Json]:
    """The case files of a folder, by name. Raises OSError, and ValueError for what is not JSON."""
    for path in sorted(folder.glob("*.json")):
        yield json.loads(path.read_text(encoding="utf-8"))


def request_body(case: Json) -> Json:
    """The body of `POST /api/v2/invoices/calculate` for a case."""
    inputs = case["inputs"]
    from_prices = case["level"] == "full"
    return {
        "type": _document_type(case),
        "currency": case["currency"] or _ASSUMED_CURRENCY,
        "issue_date": _iso_date(case.get("issue_date")),
        "prepaid_amount": inputs["prepaid_amount"] or "0",
        "rounding_amount": inputs["rounding_amount"],
        "lines": [
            _line(line, position, from_prices=from_prices)
            for position, line in enumerate(inputs["lines"], start=1)
        ],
        "allowances": [_allowance(item) | {"tax": _tax(item)} for item in inputs["allowances"]],
        "charges": [_allowance(item) | {"tax": _tax(item)} for item in inputs["charges"]],
    }


def differences(case: Json, answer: Json) -> list[Difference]:
    """Where the answer of `calculate` to `request_body(case)` departs from the published document.

    Figures are compared as numbers, a missing one as zero. Published figures that contradict each other
    whatever is computed (the line amounts do not add up to their sum, BR-CO-10) are named as well, and
    so is what the document should state and does not.
    """
    return [*_missing(case), *_line_differences(case, answer), *_total_differences(case, answer)]


def _missing(case: Json) -> Iterator[Difference]:
    if not case["currency"]:
        yield Difference("currency", None, _ASSUMED_CURRENCY)
    for position, line in enumerate(case["inputs"]["lines"]):
        if not line["tax_category"]:
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
    found = list(_compared("totals.sum_of_lines", expected["sum_of_lines"], totals["sum_of_lines"]))
    yield from found
    if not found and published_sum != _number(expected["sum_of_lines"]):
        by_lines = f"{published_sum:f} (the sum of the published lines)"
        yield Difference("totals.sum_of_lines", expected["sum_of_lines"], by_lines)
    for name in _TOTALS[1:]:
        yield from _compared(f"totals.{name}", expected[name], totals[name])
    published = _rows(expected["tax_breakdown"])
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
    code, total = case["type_code"], _number(case["expected"]["tax_inclusive"])
    takes_back = code in _CREDIT_NOTE_CODES or (code is None and "CreditNote" in (case["syntax"] or ""))
    # Some issue credit notes with an invoice's signs; ours states what it takes back as positive.
    return "credit_note" if takes_back and total >= 0 else "invoice"


def _line(line: Json, position: int, *, from_prices: bool) -> Json:
    body: Json = {
        "description": _plain_text(line["name"]) or f"Line {position}",
        "unit_code": line["unit_code"] or "C62",
        "tax": _tax(line),
    }
    net = line.get("published_net_amount")
    if not from_prices and net is not None:
        # A price is never negative (BR-27), so the sign goes to the quantity.
        price = _number(net).copy_abs()
        return body | {"quantity": "-1" if _number(net) < 0 else "1", "unit_price": f"{price:f}"}
    return body | {
        "quantity": line["quantity"],
        "unit_price": line["net_unit_price"],
        "base_quantity": line["base_quantity"] or "1",
        "allowances": [_allowance(item) for item in line["allowances"]],
        "charges": [_allowance(item) for item in line["charges"]],
    }


def _allowance(item: Json) -> Json:
    return {
        "amount": item["amount"],
        "percent": item["percent"],
        "base_amount": item["base_amount"],
        "reason": _plain_text(item["reason"]),
    }


def _tax(item: Json) -> Json:
    return {"category": item["tax_category"] or _ASSUMED_CATEGORY, "rate": item["tax_rate"]}


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
    return {(row["category"] or "", _number(row["rate"])): row for row in rows}


def _figure(row: Mapping[str, str | None] | None, name: str) -> str | None:
    return None if row is None else row[name] or "0"


def _at(values: list[str], position: int) -> str | None:
    return values[position] if position < len(values) else None


def _number(text: str | None) -> Decimal:
    return Decimal(text or 0)
