"""The value objects of a document as JSON and back, numbers as plain decimal text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from invoicing.domain.document import AllowanceCharge, LineInput, TaxKey, Withholding
from invoicing.domain.exemptions import Exemption
from invoicing.domain.further import FurtherKey, FurtherKind, FurtherRow
from invoicing.domain.schedule import DueRule, rule_from_json
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
            **(borne_to_json(item) or {}),
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
            surcharge_rate=_number(row.get("surcharge_rate")),
            withholdings=_withholdings(row),
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


def borne_to_json(item: LineInput | AllowanceCharge) -> dict[str, Any] | None:
    """The surcharge and the withholdings that a line, or an allowance or charge, bears; None of neither."""
    if item.surcharge_rate is None and not item.withholdings:
        return None
    withholdings = [{"code": each.code, "rate": plain(each.rate)} for each in item.withholdings]
    return {"surcharge_rate": plain(item.surcharge_rate), "withholdings": withholdings}


def borne_from_json(stored: dict[str, Any] | None) -> tuple[Decimal | None, tuple[Withholding, ...]]:
    """The inverse of `borne_to_json`: the rate of the surcharge, and the withholdings."""
    if stored is None:
        return None, ()
    return _number(stored["surcharge_rate"]), _withholdings(stored)


def further_to_json(rows: Iterable[FurtherRow]) -> list[dict[str, Any]] | None:
    """The rows of surcharges and withholdings; None where there are none."""
    return [
        {
            "kind": row.key.kind.value,
            "code": row.key.code,
            "rate": plain(row.key.rate),
            "vat_rate": plain(row.key.vat_rate),
            "taxable": plain(row.taxable),
            "amount": plain(row.amount),
        }
        for row in rows
    ] or None


def further_from_json(stored: Iterable[dict[str, Any]] | None) -> tuple[FurtherRow, ...]:
    """The inverse of `further_to_json`."""
    return tuple(
        FurtherRow(
            FurtherKey(FurtherKind(row["kind"]), row["code"], Decimal(row["rate"]), _number(row["vat_rate"])),
            Decimal(row["taxable"]),
            Decimal(row["amount"]),
        )
        for row in stored or ()
    )


def exemptions_to_json(reasons: Iterable[Exemption]) -> list[dict[str, Any]] | None:
    """Why no VAT is charged (BT-120, BT-121); None where nothing is said."""
    return [{"category": one.category, "code": one.code, "text": one.text} for one in reasons] or None


def exemptions_from_json(stored: Iterable[dict[str, Any]] | None) -> tuple[Exemption, ...]:
    """The inverse of `exemptions_to_json`."""
    return tuple(Exemption(row["category"], row["code"], row["text"]) for row in stored or ())


def _withholdings(row: dict[str, Any]) -> tuple[Withholding, ...]:
    return tuple(Withholding(each["code"], Decimal(each["rate"])) for each in row.get("withholdings") or ())


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def terms_to_json(rule: DueRule | None) -> dict[str, Any] | None:
    """Payment terms as they are kept and shown: all members, by name."""
    return None if rule is None else {**asdict(rule), "kind": rule.kind.value, "roll": rule.roll.value}


def terms_from_json(stated: Mapping[str, Any] | None) -> DueRule | None:
    """Payment terms as they are kept, or as they are stated. Raises InvalidInput."""
    return None if stated is None else rule_from_json(stated)
