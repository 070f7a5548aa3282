"""What a credit note takes, and what was asked for, as JSON and back.

Amounts are whole numbers of minor units, as `creditable` counts; quantities and stated amounts are plain
decimal text. Kept with the credit note, because what is left afterwards depends on how each was taken, and
because the account of a residual needs what had been left before.
"""

from decimal import Decimal
from typing import Any
from uuid import UUID

from invoicing.domain.credit_request import Asked, CreditKind, LineAsked
from invoicing.domain.creditable import (
    AdjustmentTaking,
    FurtherTaking,
    LineTaking,
    RowLeft,
    RowTaking,
    Taking,
)
from invoicing.domain.document import TaxKey
from invoicing.domain.further import FurtherKey, FurtherKind
from invoicing.domain.stored import plain


def to_json(asked: Asked, taking: Taking) -> dict[str, Any]:
    """Both, for `Invoice.correction`."""
    return {
        "asked": {
            "kind": asked.kind.value,
            "amount": plain(asked.amount),
            "lines": [
                {
                    "line": str(one.line),
                    "quantity": plain(one.quantity),
                    "amount": plain(one.amount),
                    "unit_price": plain(one.unit_price),
                }
                for one in asked.lines
            ],
        },
        "lines": [
            {
                "index": taken.index,
                "quantity": plain(taken.quantity),
                "net": taken.net,
                "tax": taken.tax,
                "cut": taken.cut and [plain(number) for number in taken.cut],
            }
            for taken in taking.lines
        ],
        "adjustments": [
            {"index": item.index, "amount": item.amount, "tax": item.tax} for item in taking.adjustments
        ],
        "rows": [
            {
                "category": row.key.category,
                "rate": plain(row.key.rate),
                "taxable": row.taxable,
                "tax": row.tax,
                "own_tax": row.own_tax,
                "taxable_left": row.left.taxable,
                "tax_left": row.left.tax,
            }
            for row in taking.rows
        ],
        "further": [
            {
                "kind": one.key.kind.value,
                "code": one.key.code,
                "rate": plain(one.key.rate),
                "vat_rate": plain(one.key.vat_rate),
                "taxable": one.taxable,
                "tax": one.tax,
                "own_tax": one.own_tax,
                "taxable_left": one.left.taxable,
                "tax_left": one.left.tax,
            }
            for one in taking.further
        ],
        "prepaid": taking.prepaid,
        "rounding": taking.rounding,
    }


def taking_from_json(stored: dict[str, Any]) -> Taking:
    """What it takes."""
    return Taking(
        lines=tuple(
            LineTaking(
                one["index"],
                _number(one["quantity"]),
                one["net"],
                one["tax"],
                one["cut"] and (Decimal(one["cut"][0]), Decimal(one["cut"][1])),
            )
            for one in stored["lines"]
        ),
        adjustments=tuple(
            AdjustmentTaking(one["index"], one["amount"], one["tax"]) for one in stored["adjustments"]
        ),
        rows=tuple(
            RowTaking(
                TaxKey(one["category"], _number(one["rate"])),
                one["taxable"],
                one["tax"],
                one["own_tax"],
                RowLeft(one["taxable_left"], one["tax_left"]),
            )
            for one in stored["rows"]
        ),
        prepaid=stored["prepaid"],
        rounding=stored["rounding"],
        further=tuple(
            FurtherTaking(
                FurtherKey(
                    FurtherKind(one["kind"]), one["code"], Decimal(one["rate"]), _number(one["vat_rate"])
                ),
                one["taxable"],
                one["tax"],
                one["own_tax"],
                RowLeft(one["taxable_left"], one["tax_left"]),
            )
            for one in stored.get("further", ())
        ),
    )


def asked_from_json(stored: dict[str, Any]) -> Asked:
    """What was asked for."""
    asked = stored["asked"]
    return Asked(
        kind=CreditKind(asked["kind"]),
        amount=_number(asked["amount"]),
        lines=tuple(
            LineAsked(
                UUID(one["line"]),
                _number(one["quantity"]),
                _number(one["amount"]),
                _number(one["unit_price"]),
            )
            for one in asked["lines"]
        ),
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
