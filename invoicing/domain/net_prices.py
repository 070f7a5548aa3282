"""A document whose prices include VAT, restated in net prices: as EN 16931 and a credit note want it.

Its net amounts, totals and taxes stay what they are. A net price (BT-146) that does not end is cut at ten
decimals, so quantity * price is the net amount give or take what the division of the gross total moved.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from invoicing.domain.document import ZERO, AllowanceCharge, TaxKey
from invoicing.domain.included import HUNDRED
from invoicing.domain.record import InvoiceRecord, LineRecord
from invoicing.domain.tax import canonical
from invoicing.domain.totals import amount_of
from invoicing.money import exactly, round_quotient

_PRICE_DECIMALS = 10


def net_priced(record: InvoiceRecord) -> InvoiceRecord:
    """The same document with net prices, allowances and charges; itself where prices include no VAT."""
    if not record.prices_include_tax:
        return record
    with exactly():
        return replace(
            record,
            prices_include_tax=False,
            lines=tuple(_line(line, record.currency) for line in record.lines),
            allowances=_stated(record.allowances, record.allowance_amounts),
            charges=_stated(record.charges, record.charge_amounts),
        )


def gross_of_adjustments(record: InvoiceRecord, items: Sequence[AllowanceCharge]) -> list[Decimal]:
    """What allowances or charges on document level come to as they were entered, with VAT."""
    bases: dict[TaxKey, Decimal] = {}
    with exactly():
        for line in record.lines:
            key = canonical(line.input.tax)
            bases[key] = bases.get(key, ZERO) + (line.gross_amount or ZERO)
        return [
            amount_of(
                item, ZERO if item.tax is None else bases.get(canonical(item.tax), ZERO), record.currency
            )
            for item in items
        ]


def _line(line: LineRecord, currency: str) -> LineRecord:
    divisor = HUNDRED + (line.input.tax.rate or ZERO)
    off = [round_quotient(amount * HUNDRED, divisor, currency) for amount in line.allowance_amounts]
    on = [round_quotient(amount * HUNDRED, divisor, currency) for amount in line.charge_amounts]
    stated = replace(
        line.input,
        unit_price=_price(line.input.unit_price, divisor),
        allowances=_stated(line.input.allowances, off),
        charges=_stated(line.input.charges, on),
    )
    return replace(
        line, input=stated, allowance_amounts=tuple(off), charge_amounts=tuple(on), gross_amount=None
    )


def _price(gross: Decimal, divisor: Decimal) -> Decimal:
    """Half-up at the last decimal; prices are not negative."""
    scaled, rest = divmod((gross * HUNDRED).scaleb(_PRICE_DECIMALS), divisor)
    return (scaled + (1 if 2 * rest >= divisor else 0)).scaleb(-_PRICE_DECIMALS)


def _stated(items: Sequence[AllowanceCharge], amounts: Sequence[Decimal]) -> tuple[AllowanceCharge, ...]:
    return tuple(
        replace(item, amount=amount, percent=None, base_amount=None)
        for item, amount in zip(items, amounts, strict=True)
    )
