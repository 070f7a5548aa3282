"""Where tax is rounded: once per row of the breakdown, or once per line.

Per category (EN 16931 BR-CO-17): the tax of a row is its taxable amount * rate, rounded.

Per line: the tax of a row is the sum of the rounded taxes of its lines. A document-level allowance or
charge counts as a line of its own there, negative or positive, so that every amount that is taxed is
rounded exactly once and the row depends neither on the order nor on a way of spreading them.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

from invoicing.domain.document import TaxKey
from invoicing.domain.tax import tax_on
from invoicing.money import round_amount


class TaxRounding(StrEnum):
    """A setting of the legal entity."""

    CATEGORY = "category"
    LINE = "line"


def tax_of_row(amounts: Iterable[Decimal], key: TaxKey, currency: str, tax_rounding: TaxRounding) -> Decimal:
    """The tax (BT-117) of one breakdown row over its signed taxed amounts.

    In major units of `currency`. Exact inside `money.exactly()`. Raises UnknownCurrency.
    """
    if tax_rounding is TaxRounding.CATEGORY:
        return round_amount(tax_on(sum(amounts, Decimal(0)), key), currency)
    each = (round_amount(tax_on(amount, key), currency) for amount in amounts)
    return round_amount(sum(each, Decimal(0)), currency)
