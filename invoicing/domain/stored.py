"""The value objects of a document as JSON and back, numbers as plain decimal text."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from invoicing.domain.document import AllowanceCharge, TaxKey
from invoicing.domain.totals import TaxRow


def plain(number: Decimal | None) -> str | None:
    """All digits and no exponent; None stays None."""
    return None if number is None else format(number, "f")


def adjustments_to_json(items: Sequence[AllowanceCharge], amounts: Sequence[Decimal]) -> list[dict[str, Any]]:
    """Allowances or charges with what they amount to: `stated` is the amount the caller gave, if any."""
    if not items:
        return []
    return [
        {
            "amount": plain(amount),
            "stated": plain(item.amount),
            "percent": plain(item.percent),
            "base_amount": plain(item.base_amount),
            "tax": None
            if item.tax is None
            else {"category": item.tax.category, "rate": plain(item.tax.rate)},
            "reason": item.reason,
            "reason_code": item.reason_code,
        }
        for item, amount in zip(items, amounts, strict=True)
    ]


def adjustments_from_json(
    stored: Iterable[dict[str, Any]],
) -> tuple[tuple[AllowanceCharge, ...], tuple[Decimal, ...]]:
    """The inverse of `adjustments_to_json`: what was stated, and the amounts."""
    rows = list(stored)
    items = tuple(
        AllowanceCharge(
            amount=_number(row["stated"]),
            percent=_number(row["percent"]),
            base_amount=_number(row["base_amount"]),
            tax=None if row["tax"] is None else TaxKey(row["tax"]["category"], _number(row["tax"]["rate"])),
            reason=row["reason"],
            reason_code=row["reason_code"],
        )
        for row in rows
    )
    return items, tuple(Decimal(row["amount"]) for row in rows)


def breakdown_to_json(rows: Iterable[TaxRow]) -> list[dict[str, Any]]:
    """The VAT breakdown (BG-23)."""
    return [
        {
            "category": row.category,
            "rate": plain(row.rate),
            "taxable": plain(row.taxable),
            "tax": plain(row.tax),
        }
        for row in rows
    ]


def breakdown_from_json(stored: Iterable[dict[str, Any]]) -> tuple[TaxRow, ...]:
    """The inverse of `breakdown_to_json`."""
    return tuple(
        TaxRow(row["category"], _number(row["rate"]), Decimal(row["taxable"]), Decimal(row["tax"]))
        for row in stored
    )


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
