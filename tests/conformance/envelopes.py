"""Invoices as GOBL computed them: what was stated as a body of our API, what was published by name.

Rules, no cases. What they translate:

- a tax of GOBL that is not retained is VAT here; its key is our category, `standard` where it has none;
- a retained category is a withholding; a surcharge stands beside its VAT;
- what bears no tax at all is not subject to VAT (category O), and stands in no row of GOBL's;
- a discount or charge with a percentage is computed again from it; on document level it is of the sum of the
  lines;
- GOBL's `payable` is before advances and its `due` after them, as our `payable` (BT-115) is;
- GOBL has a row per surcharge where EN 16931 has one per category and rate: those are added up.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Figures = dict[str, str]

CATEGORIES = {
    "standard": "S",
    "zero": "Z",
    "exempt": "E",
    "reverse-charge": "AE",
    "intra-community": "K",
    "export": "G",
    "outside-scope": "O",
}
UNTAXED = {"category": "O", "rate": None}


@dataclass(frozen=True)
class Envelope:
    """One computed invoice; `name` is its path below the folder, `document` what the envelope holds."""

    name: str
    document: Json

    @property
    def includes_tax(self) -> bool:
        return "prices_include" in self.document.get("tax", {})

    @property
    def totals(self) -> Json:
        totals: Json = self.document["totals"]
        return totals

    @property
    def retained(self) -> set[str]:
        """The codes of the taxes that are withheld."""
        return {category["code"] for category in self.categories if category.get("retained")}

    @property
    def categories(self) -> list[Json]:
        found: list[Json] = self.totals.get("taxes", {}).get("categories", [])
        return found


def read_envelopes(folder: Path) -> Iterator[Envelope]:
    """All computed envelopes below a folder, in the order of their names."""
    for path in sorted(folder.glob("*/out/*.json")):
        name = f"{path.parent.parent.name}/{path.stem}"
        yield Envelope(name, json.loads(path.read_text(encoding="utf-8"))["doc"])


def body_of(envelope: Envelope) -> Json:
    """What `POST invoices/calculate` takes."""
    document = envelope.document
    return {
        "type": "credit_note" if document["type"] == "credit-note" else "invoice",
        "currency": document["currency"],
        "prices_include_tax": envelope.includes_tax,
        "prepaid_amount": _sum(document.get("payment", {}).get("advances", []), "amount"),
        "rounding_amount": envelope.totals.get("rounding", "0"),
        "lines": [
            {
                "description": line["item"]["name"],
                "quantity": line["quantity"],
                "unit_price": line["item"]["price"],
                **_taxes(envelope, line),
                "allowances": [_adjustment(item) for item in line.get("discounts", [])],
                "charges": [_adjustment(item) for item in line.get("charges", [])],
            }
            for line in document.get("lines", [])
        ],
        "allowances": _on_document(envelope, "discounts"),
        "charges": _on_document(envelope, "charges"),
    }


def _on_document(envelope: Envelope, kind: str) -> list[Json]:
    base = {"base_amount": envelope.totals["sum"]}
    return [
        {**_adjustment(item), **(base if "percent" in item else {}), **_taxes(envelope, item)}
        for item in envelope.document.get(kind, [])
    ]


def _adjustment(item: Json) -> Json:
    stated = {"percent": _rate(item)} if "percent" in item else {"amount": item["amount"]}
    return {**stated, "reason": item.get("reason") or item.get("key")}


def _taxes(envelope: Envelope, item: Json) -> Json:
    taxes = item.get("taxes", [])
    withheld = [{"code": tax["cat"], "rate": _rate(tax)} for tax in taxes if tax["cat"] in envelope.retained]
    charged = [tax for tax in taxes if tax["cat"] not in envelope.retained]
    if not charged:
        return {"tax": UNTAXED, "withholdings": withheld}
    (vat,) = charged
    surcharge = {"surcharge_rate": vat["surcharge"].rstrip("%")} if "surcharge" in vat else {}
    key = {"category": category_of(vat), "rate": _rate(vat) if "percent" in vat else None}
    return {"tax": key, "withholdings": withheld, **surcharge}


def category_of(tax: Json) -> str:
    """The VAT category of what a line states or a row sums."""
    return CATEGORIES[tax.get("key", "standard")]


def published(envelope: Envelope) -> Figures:
    """Every amount of the envelope, by a name that `ours` gives as well."""
    document, totals = envelope.document, envelope.totals
    payable: str = totals["payable"]
    figures: Figures = {}
    for n, line in enumerate(document.get("lines", [])):
        figures[f"line {n + 1}"] = line["total"]
        figures |= _listed(f"line {n + 1} ", line, ("discounts", "charges"))
    figures |= _listed("", document, ("discounts", "charges"))
    for name in ("sum", "total", "tax", "total_with_tax", "payable"):
        figures[name] = totals[name]
    for name in ("discount", "charge", "retained_tax"):
        figures[name] = totals.get(name, "0.00")
    figures["due"] = totals.get("due", payable)
    if envelope.includes_tax:
        figures["tax_included"] = totals["tax_included"]
    return figures | _published_rows(envelope)


def _published_rows(envelope: Envelope) -> Figures:
    figures: Figures = {}
    for category in envelope.categories:
        for row in category["rates"]:
            if category.get("retained"):
                _add_row(figures, f"{category['code']} {_rate(row)} %", row["base"], row["amount"])
                continue
            named = f"VAT {category_of(row)} {_rate(row)} %"
            _add_row(figures, named, row["base"], row["amount"])
            if surcharge := row.get("surcharge"):
                _add_row(figures, f"{named} + {_rate(surcharge)} %", row["base"], surcharge["amount"])
    for kind, sign in (("lines", 1), ("discounts", -1), ("charges", 1)):
        for item in envelope.document.get(kind, []):
            if all(tax["cat"] in envelope.retained for tax in item.get("taxes", [])):
                amount = sign * Decimal(item["total" if kind == "lines" else "amount"])
                _add_row(figures, "VAT O 0 %", str(amount), "0.00")
    return figures


def ours(answer: Json) -> Figures:
    """The same amounts in an answer of `calculate`, or of a document that was kept."""
    totals = answer["totals"]
    included = answer["prices_include_tax"]
    figures: Figures = {}
    for n, line in enumerate(answer["lines"]):
        figures[f"line {n + 1}"] = line["gross_amount"] if included else line["net_amount"]
        figures |= _listed(f"line {n + 1} ", line, ("allowances", "charges"))
    figures |= _listed("", answer, ("allowances", "charges"))
    figures["sum"] = _sum(answer["lines"], "gross_amount") if included else totals["sum_of_lines"]
    figures |= {
        "discount": totals["allowance_total"],
        "charge": totals["charge_total"],
        "total": totals["tax_exclusive"],
        "tax": totals["tax_total"],
        "total_with_tax": totals["tax_inclusive"],
        "retained_tax": totals["withheld_amount"],
        "payable": str(Decimal(totals["payable"]) + Decimal(answer["prepaid_amount"])),
        "due": totals["payable"],
    }
    if included:
        figures["tax_included"] = _sum(totals["breakdown"], "tax")
    for row in totals["breakdown"]:
        _add_row(figures, f"VAT {row['category']} {row['rate'] or 0} %", row["taxable"], row["tax"])
    for row in totals["surcharges"]:
        named = f"VAT {row['category']} {row['rate']} % + {row['surcharge_rate']} %"
        _add_row(figures, named, row["taxable"], row["amount"])
    for row in totals["withholdings"]:
        _add_row(figures, f"{row['code']} {row['rate']} %", row["taxable"], row["amount"])
    return figures


def _listed(place: str, of: Json, kinds: tuple[str, str]) -> Figures:
    return {
        f"{place}{name} {n + 1}": item["amount"]
        for name, kind in zip(("discount", "charge"), kinds, strict=True)
        for n, item in enumerate(of.get(kind, []))
    }


def _add_row(figures: Figures, name: str, base: str, amount: str) -> None:
    for figure, value in ((f"{name}: base", base), (f"{name}: amount", amount)):
        figures[figure] = str(Decimal(figures.get(figure, "0")) + Decimal(value))


def _sum(items: list[Json], name: str) -> str:
    return str(sum((Decimal(item[name]) for item in items), Decimal(0)))


def _rate(of: Json) -> str:
    return f"{Decimal(of.get('percent', '0').rstrip('%')).normalize():f}"
