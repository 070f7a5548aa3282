"""An issued invoice as crediting sees it: counted in minor units, each line at its exact value."""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

from invoicing.domain.creditable import (
    Corrected,
    CorrectedAdjustment,
    CorrectedLine,
    RowLeft,
    minor,
    rate_of,
)
from invoicing.domain.document import TaxKey
from invoicing.domain.further import keys_of
from invoicing.domain.net_prices import gross_of_adjustments
from invoicing.domain.partition import half_up
from invoicing.domain.record import InvoiceRecord
from invoicing.domain.tax import canonical
from invoicing.money import exponent_of


def corrected_of(record: InvoiceRecord) -> Corrected:
    """An invoice as it was issued."""
    currency = record.currency
    lines = tuple(
        CorrectedLine(
            id=line.id,
            key=(key := canonical(line.input.tax)),
            quantity=line.input.quantity,
            price=line.input.unit_price,
            is_plain=not (line.input.allowances or line.input.charges or record.prices_include_tax),
            value=_exact_value(record, index),
            net=minor(line.net_amount, currency),
            tax=half_up(minor(line.net_amount, currency) * rate_of(key))
            if line.gross_amount is None
            else minor(line.gross_amount, currency) - minor(line.net_amount, currency),
            further=keys_of(line.input),
        )
        for index, line in enumerate(record.lines)
    )
    return Corrected(
        currency=currency,
        tax_rounding=record.tax_rounding,
        lines=lines,
        adjustments=tuple(_adjustments(record)),
        rows={
            TaxKey(row.category, row.rate): RowLeft(minor(row.taxable, currency), minor(row.tax, currency))
            for row in record.breakdown
        },
        prepaid=minor(record.totals.prepaid_amount, currency),
        rounding=minor(record.totals.rounding_amount, currency),
        further={
            row.key: RowLeft(minor(row.taxable, currency), minor(row.amount, currency))
            for row in record.further
        },
    )


def _exact_value(record: InvoiceRecord, index: int) -> Fraction:
    line = record.lines[index]
    gross = (
        Fraction(line.input.quantity) * Fraction(line.input.unit_price) / Fraction(line.input.base_quantity)
    )
    added = sum(map(Fraction, line.charge_amounts)) - sum(map(Fraction, line.allowance_amounts))
    value = Fraction((gross + added) * 10 ** exponent_of(record.currency))
    return value / (1 + rate_of(canonical(line.input.tax))) if record.prices_include_tax else value


def _adjustments(record: InvoiceRecord) -> Iterable[CorrectedAdjustment]:
    for sign, items, amounts in (
        (-1, record.allowances, record.allowance_amounts),
        (1, record.charges, record.charge_amounts),
    ):
        grosses: list[Decimal] = []
        if record.prices_include_tax:
            grosses = gross_of_adjustments(record, items)
        for place, (item, amount) in enumerate(zip(items, amounts, strict=True)):
            if item.tax is None:
                raise ValueError("an allowance or charge on document level bears on one tax")
            key, units = canonical(item.tax), minor(amount, record.currency)
            tax = minor(grosses[place], record.currency) - units if grosses else half_up(units * rate_of(key))
            yield CorrectedAdjustment(key, sign, units, tax, keys_of(item))
