"""What of an invoice can still be credited, line by line and tax row by tax row.

Everything here counts in minor units of the invoice's currency, so that no context of decimals matters.
Amounts have the sign they have on the invoice: of a line that takes something off, what is left is negative.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from invoicing.domain.document import TaxKey
from invoicing.domain.further import FurtherKey, FurtherKind
from invoicing.domain.rounding import TaxRounding
from invoicing.money import exactly, exponent_of


@dataclass(frozen=True, slots=True)
class CorrectedLine:
    """A line of the invoice. `value` is its net amount before it was rounded, `tax` its own rounded tax.

    `is_plain` says that it has no allowances or charges: its value is its quantity at its price. `further`
    are the surcharges and withholdings it bears.
    """

    id: UUID
    key: TaxKey
    quantity: Decimal
    price: Decimal
    is_plain: bool
    value: Fraction
    net: int
    tax: int
    further: tuple[FurtherKey, ...] = ()


@dataclass(frozen=True, slots=True)
class CorrectedAdjustment:
    """An allowance or charge on document level: `sign` is -1 for an allowance, `amount` as it is stated."""

    key: TaxKey
    sign: int
    amount: int
    tax: int
    further: tuple[FurtherKey, ...] = ()


@dataclass(frozen=True, slots=True)
class Corrected:
    """The invoice as crediting sees it. Allowances come before charges, each in the invoice's order."""

    currency: str
    tax_rounding: TaxRounding
    lines: tuple[CorrectedLine, ...]
    adjustments: tuple[CorrectedAdjustment, ...]
    rows: Mapping[TaxKey, "RowLeft"]
    prepaid: int
    rounding: int
    further: Mapping[FurtherKey, "RowLeft"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LineLeft:
    """Of a line: the quantity not taken back, its exact value, and what is left of net amount and tax.

    `tax` counts where tax is rounded per line, and is not kept up where it is rounded per row.
    """

    quantity: Decimal
    value: Fraction
    net: int
    tax: int


@dataclass(frozen=True, slots=True)
class AdjustmentLeft:
    """Of an allowance or charge: the amount, as it is stated, and its tax where that is rounded per line."""

    amount: int
    tax: int


@dataclass(frozen=True, slots=True)
class RowLeft:
    """Of a row of the tax breakdown (BG-23)."""

    taxable: int
    tax: int

    @property
    def gross(self) -> int:
        return self.taxable + self.tax


@dataclass(frozen=True, slots=True)
class Left:
    """What can still be credited; `prepaid` and `rounding` are BT-113 and BT-114.

    `further` are the rows of surcharges and withholdings, whose tax is what they come to.
    """

    lines: tuple[LineLeft, ...]
    adjustments: tuple[AdjustmentLeft, ...]
    rows: Mapping[TaxKey, RowLeft]
    prepaid: int
    rounding: int
    further: Mapping[FurtherKey, RowLeft] = field(default_factory=dict)

    @property
    def taxable(self) -> int:
        return sum(row.taxable for row in self.rows.values())

    @property
    def gross(self) -> int:
        """With tax (BT-112)."""
        return sum(row.gross for row in self.rows.values()) + self.sum_of(FurtherKind.SURCHARGE)

    @property
    def payable(self) -> int:
        """BT-115."""
        return self.gross - self.prepaid + self.rounding - self.sum_of(FurtherKind.WITHHOLDING)

    def sum_of(self, kind: FurtherKind) -> int:
        """What all surcharges, or all withholdings, come to."""
        return sum(row.tax for key, row in self.further.items() if key.kind is kind)

    @property
    def is_nothing(self) -> bool:
        """Whether every amount has been credited; pieces without value may be left."""
        amounts = (*(line.net for line in self.lines), *(item.amount for item in self.adjustments))
        taxes = [row.tax for row in (*self.rows.values(), *self.further.values())]
        return not any((*amounts, self.taxable, self.gross, *taxes))


@dataclass(frozen=True, slots=True)
class LineTaking:
    """What a credit note takes of the line at `index`: `quantity` None where only money is taken.

    `cut` is the quantity whose price is corrected and what it is lowered by, where that is what is done.
    """

    index: int
    quantity: Decimal | None
    net: int
    tax: int
    cut: tuple[Decimal, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class AdjustmentTaking:
    """What it takes of the allowance or charge at `index`."""

    index: int
    amount: int
    tax: int


@dataclass(frozen=True, slots=True)
class RowTaking:
    """What it takes of a tax row, beside what stood there and the tax its own rounding would have given."""

    key: TaxKey
    taxable: int
    tax: int
    own_tax: int
    left: RowLeft


@dataclass(frozen=True, slots=True)
class FurtherTaking:
    """What it takes of a surcharge or a withholding, as `RowTaking`."""

    key: FurtherKey
    taxable: int
    tax: int
    own_tax: int
    left: RowLeft


@dataclass(frozen=True, slots=True)
class Taking:
    """All that one credit note takes of its invoice; what it does not touch is not listed."""

    lines: tuple[LineTaking, ...]
    adjustments: tuple[AdjustmentTaking, ...]
    rows: tuple[RowTaking, ...]
    prepaid: int
    rounding: int
    further: tuple[FurtherTaking, ...] = ()

    def sum_of(self, kind: FurtherKind) -> int:
        """What it takes of all surcharges, or of all withholdings."""
        return sum(row.tax for row in self.further if row.key.kind is kind)


def left_of(corrected: Corrected, takings: Iterable[Taking] = ()) -> Left:
    """What is left behind the credit notes of an invoice, in the order in which they were issued."""
    left = Left(
        lines=tuple(LineLeft(line.quantity, line.value, line.net, line.tax) for line in corrected.lines),
        adjustments=tuple(AdjustmentLeft(item.amount, item.tax) for item in corrected.adjustments),
        rows=corrected.rows,
        prepaid=corrected.prepaid,
        rounding=corrected.rounding,
        further=corrected.further,
    )
    for taking in takings:
        left = after(left, taking)
    return left


def after(left: Left, taking: Taking) -> Left:
    """What is left behind one more credit note."""
    lines, adjustments, rows = list(left.lines), list(left.adjustments), dict(left.rows)
    further = dict(left.further)
    for taken in taking.lines:
        lines[taken.index] = _line_after(lines[taken.index], taken)
    for item in taking.adjustments:
        before = adjustments[item.index]
        adjustments[item.index] = AdjustmentLeft(before.amount - item.amount, before.tax - item.tax)
    for row in taking.rows:
        stood = rows[row.key]
        rows[row.key] = RowLeft(stood.taxable - row.taxable, stood.tax - row.tax)
    for one in taking.further:
        stood = further[one.key]
        further[one.key] = RowLeft(stood.taxable - one.taxable, stood.tax - one.tax)
    return replace(
        left,
        lines=tuple(lines),
        adjustments=tuple(adjustments),
        rows=rows,
        prepaid=left.prepaid - taking.prepaid,
        rounding=left.rounding - taking.rounding,
        further=further,
    )


def minor(amount: Decimal, currency: str) -> int:
    """An amount of the currency in its minor units: 1.19 EUR is 119. Exact for an amount of the currency."""
    units = Fraction(amount) * 10 ** exponent_of(currency)
    if units.denominator != 1:
        raise ValueError(f"{amount} is no amount of {currency}")
    return int(units)


def major(units: int, currency: str) -> Decimal:
    """The inverse of `minor`, with exactly the currency's decimals."""
    with exactly():
        return Decimal(units).scaleb(-exponent_of(currency))


def rate_of(key: TaxKey) -> Fraction:
    """A tax rate as a fraction of one: 19 per cent is 19/100."""
    return Fraction(key.rate or 0) / 100


def _line_after(left: LineLeft, taken: LineTaking) -> LineLeft:
    quantity, value = left.quantity, left.value - taken.net
    if taken.quantity is not None:
        with exactly():
            quantity = left.quantity - taken.quantity
        value = left.value * Fraction(quantity) / Fraction(left.quantity) if left.quantity else Fraction(0)
    return LineLeft(quantity, value, left.net - taken.net, left.tax - taken.tax)
