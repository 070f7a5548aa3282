"""Taxes beside VAT, each in rows of its own: the equivalence surcharge and what the buyer withholds.

The equivalence surcharge (recargo de equivalencia, Ley 37/1992, arts. 148-163) is charged on the same amount
as the VAT beside which it stands, never on the VAT: it is part of the tax total. Which rate goes with which
VAT rate is for the law of the day and not checked here.

A withholding (Spain's IRPF) is kept back by the buyer out of what is payable. EN 16931 knows none, because
it is no part of the VAT invoice: it is carried beside the totals as retained taxes, as GOBL does, and a
format that cannot carry it has to say what is payable without it.

Both are a percentage of the net amounts that bear them. The surcharge is rounded as the legal entity rounds
VAT, once per row or per line; a withholding once per row.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from invoicing.domain.document import AllowanceCharge, LineInput, TaxKey
from invoicing.domain.rounding import TaxRounding, tax_of_row
from invoicing.domain.tax import canonical, plain


class FurtherKind(StrEnum):
    """A surcharge is charged on top, a withholding is kept back."""

    SURCHARGE = "surcharge"
    WITHHOLDING = "withholding"


class FurtherKey(NamedTuple):
    """One row: `code` is the VAT category or the code of the withheld tax, `rate` its own in per cent.

    `vat_rate` is that of the VAT a surcharge stands beside, None for a withholding.
    """

    kind: FurtherKind
    code: str
    rate: Decimal
    vat_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FurtherRow:
    """What a further tax comes to, in major units of the document's currency."""

    key: FurtherKey
    taxable: Decimal
    amount: Decimal


def keys_of(item: LineInput | AllowanceCharge) -> tuple[FurtherKey, ...]:
    """The further taxes that a line, or an allowance or charge on document level, bears."""
    if item.tax is None or (item.surcharge_rate is None and not item.withholdings):
        return ()
    return tuple(_keys(item.tax, item))


def _keys(tax: TaxKey, item: LineInput | AllowanceCharge) -> Iterator[FurtherKey]:
    if item.surcharge_rate is not None:
        vat = canonical(tax)
        yield FurtherKey(FurtherKind.SURCHARGE, vat.category, plain(item.surcharge_rate), vat.rate)
    for withheld in item.withholdings:
        yield FurtherKey(FurtherKind.WITHHOLDING, withheld.code, plain(withheld.rate))


def further_rows(
    borne: Iterable[tuple[FurtherKey, Decimal]], currency: str, tax_rounding: TaxRounding
) -> tuple[FurtherRow, ...]:
    """One row per key over the signed net amounts that bear it: surcharges first, the highest rate first.

    Exact inside `money.exactly()`.
    """
    amounts: dict[FurtherKey, list[Decimal]] = {}
    for key, amount in borne:
        amounts.setdefault(key, []).append(amount)
    return tuple(
        FurtherRow(
            key, sum(amounts[key], Decimal(0)), amount_of_row(amounts[key], key, currency, tax_rounding)
        )
        for key in sorted(amounts, key=order)
    )


def amount_of_row(
    amounts: Iterable[Decimal], key: FurtherKey, currency: str, tax_rounding: TaxRounding
) -> Decimal:
    """What one row comes to over its signed net amounts, rounded as its kind is."""
    rounding = tax_rounding if key.kind is FurtherKind.SURCHARGE else TaxRounding.CATEGORY
    return tax_of_row(amounts, TaxKey(key.code, key.rate), currency, rounding)


def order(key: FurtherKey) -> tuple[str, str, Decimal, Decimal]:
    """Sorts keys."""
    return key.kind.value, key.code, -(key.vat_rate or Decimal(0)), -key.rate
