"""The corpora for tests: where they are, and a case as input and answer of the domain."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.case_files import Json, read_cases
from invoicing.domain.document import AllowanceCharge, DocumentInput, DocumentType, LineInput, TaxKey
from invoicing.domain.totals import Computed

CORPORA = os.environ.get("CORPORA_DIR")


def load_cases() -> list[Json]:
    """All cases of `CORPORA_DIR`, none where the variable is not set."""
    return list(read_cases(Path(CORPORA) / "cases")) if CORPORA else []


def document_of(body: Json) -> DocumentInput:
    """A body of `POST /invoices/calculate` as the domain takes it."""
    return DocumentInput(
        type=DocumentType(body["type"]),
        currency=body["currency"],
        lines=tuple(_line(line) for line in body["lines"]),
        allowances=_items(body["allowances"]),
        charges=_items(body["charges"]),
        prepaid_amount=Decimal(body["prepaid_amount"]),
        rounding_amount=Decimal(body["rounding_amount"] or 0),
    )


def answer_of(computed: Computed) -> Json:
    """What the domain computed, in the shape the API answers with."""
    totals = computed.totals
    names = (
        "sum_of_lines",
        "allowance_total",
        "charge_total",
        "tax_exclusive",
        "tax_total",
        "tax_inclusive",
        "payable",
    )
    rows = [
        {
            "category": row.category,
            "rate": None if row.rate is None else str(row.rate),
            "taxable": str(row.taxable),
            "tax": str(row.tax),
        }
        for row in computed.breakdown
    ]
    return {
        "lines": [{"net_amount": str(line.net_amount)} for line in computed.lines],
        "totals": {name: str(getattr(totals, name)) for name in names} | {"breakdown": rows},
    }


def _line(line: Json) -> LineInput:
    return LineInput(
        quantity=Decimal(line["quantity"]),
        unit_price=Decimal(line["unit_price"]),
        base_quantity=Decimal(line.get("base_quantity", "1")),
        tax=_key(line["tax"]),
        allowances=_items(line.get("allowances", [])),
        charges=_items(line.get("charges", [])),
    )


def _items(items: list[Json]) -> tuple[AllowanceCharge, ...]:
    return tuple(
        AllowanceCharge(
            amount=_number(item["amount"]),
            percent=_number(item["percent"]),
            base_amount=_number(item["base_amount"]),
            tax=_key(item["tax"]) if "tax" in item else None,
            reason=item["reason"],
        )
        for item in items
    )


def _key(tax: Json) -> TaxKey:
    return TaxKey(tax["category"], _number(tax["rate"]))


def _number(text: Any) -> Decimal | None:
    return None if text is None else Decimal(text)
