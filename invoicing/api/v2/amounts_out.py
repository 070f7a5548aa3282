"""How v2 shows what is stated and computed of a document: lines, allowances, charges, taxes and totals."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

import msgspec

from invoicing.domain.document import ZERO, AllowanceCharge, LineInput, Withholding
from invoicing.domain.exemptions import Exemption
from invoicing.domain.further import FurtherKind, FurtherRow
from invoicing.domain.record import DraftLine
from invoicing.domain.stored import plain
from invoicing.domain.totals import TaxRow, Totals
from tenants.ids import encode


class TaxOut(msgspec.Struct):
    category: str
    rate: str | None


class LineTaxOut(TaxOut):
    """`tax_rate` is the tenant's rate that the line named, if it named one."""

    tax_rate: str | None


class AdjustmentOut(msgspec.Struct):
    amount: str | None
    percent: str | None
    base_amount: str | None
    reason: str | None
    reason_code: str | None


class WithholdingRateOut(msgspec.Struct):
    code: str
    rate: str


class DocumentAdjustmentOut(AdjustmentOut):
    tax: TaxOut | None
    surcharge_rate: str | None
    withholdings: list[WithholdingRateOut]


class LineOut(msgspec.Struct, kw_only=True):
    id: str | msgspec.UnsetType = msgspec.UNSET
    corrects: str | msgspec.UnsetType | None = msgspec.UNSET
    description: str
    item: str | None
    quantity: str
    unit_code: str
    unit_price: str
    base_quantity: str
    tax: LineTaxOut
    allowances: list[AdjustmentOut]
    charges: list[AdjustmentOut]
    surcharge_rate: str | None
    withholdings: list[WithholdingRateOut]
    net_amount: str
    gross_amount: str | None


class BreakdownOut(msgspec.Struct):
    category: str
    rate: str | None
    taxable: str
    tax: str


class SurchargeOut(msgspec.Struct):
    """An equivalence surcharge beside the VAT of a category and rate; it is part of the tax total."""

    category: str
    rate: str
    surcharge_rate: str
    taxable: str
    amount: str


class WithheldOut(msgspec.Struct):
    """What the buyer keeps back of a tax on the seller's income."""

    code: str
    rate: str
    taxable: str
    amount: str


class ExemptionOut(msgspec.Struct):
    """Why a VAT category bears no VAT (BT-120, BT-121)."""

    category: str
    code: str | None
    text: str


class TotalsOut(msgspec.Struct):
    sum_of_lines: str
    allowance_total: str
    charge_total: str
    tax_exclusive: str
    tax_total: str
    tax_inclusive: str
    withheld_amount: str
    payable: str
    breakdown: list[BreakdownOut]
    surcharges: list[SurchargeOut]
    withholdings: list[WithheldOut]


def line_out(
    stated: DraftLine,
    line: LineInput,
    net_amount: Decimal,
    allowances: Sequence[Decimal],
    charges: Sequence[Decimal],
    gross_amount: Decimal | None,
    *,
    line_id: str | msgspec.UnsetType = msgspec.UNSET,
    corrects: str | msgspec.UnsetType | None = msgspec.UNSET,
) -> LineOut:
    """A line; `line_id` and `corrects` of one that is kept."""
    return LineOut(
        id=line_id,
        corrects=corrects,
        description=stated.description,
        item=public_of("itm", stated.item),
        quantity=text_of(line.quantity),
        unit_code=stated.unit_code,
        unit_price=text_of(line.unit_price),
        base_quantity=text_of(line.base_quantity),
        tax=LineTaxOut(line.tax.category, plain(line.tax.rate), public_of("tax", stated.tax_rate)),
        allowances=_adjustments(line.allowances, allowances),
        charges=_adjustments(line.charges, charges),
        surcharge_rate=plain(line.surcharge_rate),
        withholdings=_withholdings(line.withholdings),
        net_amount=text_of(net_amount),
        gross_amount=plain(gross_amount),
    )


def _adjustments(items: Sequence[AllowanceCharge], amounts: Sequence[Decimal]) -> list[AdjustmentOut]:
    return [
        AdjustmentOut(
            text_of(amount), plain(item.percent), plain(item.base_amount), item.reason, item.reason_code
        )
        for item, amount in zip(items, amounts, strict=True)
    ]


def document_adjustments_out(
    items: Sequence[AllowanceCharge], amounts: Sequence[Decimal]
) -> list[DocumentAdjustmentOut]:
    """Allowances or charges on document level with what they amount to."""
    return [
        DocumentAdjustmentOut(
            text_of(amount),
            plain(item.percent),
            plain(item.base_amount),
            item.reason,
            item.reason_code,
            item.tax and TaxOut(item.tax.category, plain(item.tax.rate)),
            plain(item.surcharge_rate),
            _withholdings(item.withholdings),
        )
        for item, amount in zip(items, amounts, strict=True)
    ]


def _withholdings(items: Sequence[Withholding]) -> list[WithholdingRateOut]:
    return [WithholdingRateOut(item.code, text_of(item.rate)) for item in items]


def exemptions_out(reasons: Sequence[Exemption]) -> list[ExemptionOut]:
    """Why no VAT is charged."""
    return [ExemptionOut(one.category, one.code, one.text) for one in reasons]


def totals_out(totals: Totals, breakdown: Iterable[TaxRow], further: Sequence[FurtherRow]) -> TotalsOut:
    """The totals with the rows of every tax."""
    return TotalsOut(
        text_of(totals.sum_of_lines),
        text_of(totals.allowance_total),
        text_of(totals.charge_total),
        text_of(totals.tax_exclusive),
        text_of(totals.tax_total),
        text_of(totals.tax_inclusive),
        text_of(totals.withheld_amount),
        text_of(totals.payable),
        [
            BreakdownOut(row.category, plain(row.rate), text_of(row.taxable), text_of(row.tax))
            for row in breakdown
        ],
        surcharges_out(further),
        withholdings_out(further),
    )


def surcharges_out(further: Iterable[FurtherRow]) -> list[SurchargeOut]:
    """The rows of surcharges among further taxes."""
    return [
        SurchargeOut(
            row.key.code,
            text_of(row.key.vat_rate or ZERO),
            text_of(row.key.rate),
            text_of(row.taxable),
            text_of(row.amount),
        )
        for row in further
        if row.key.kind is FurtherKind.SURCHARGE
    ]


def withholdings_out(further: Iterable[FurtherRow]) -> list[WithheldOut]:
    """The rows of withholdings among further taxes."""
    return [
        WithheldOut(row.key.code, text_of(row.key.rate), text_of(row.taxable), text_of(row.amount))
        for row in further
        if row.key.kind is FurtherKind.WITHHOLDING
    ]


def text_of(number: Decimal) -> str:
    """All digits, no exponent."""
    return format(number, "f")


def public_of(prefix: str, value: UUID | None) -> str | None:
    """An id in public form."""
    return None if value is None else encode(prefix, value)
