"""Prices that include VAT: how the net amounts follow, so that the total is what was entered to the cent.

Article 78 of the VAT Directive (2006/112/EC) leaves VAT out of the taxable amount, so what is entered with
VAT in it is divided, once for each tax row:

- gross of the row = Σ of its lines, allowances and charges, each rounded as it was entered;
- tax = gross * rate / (100 + rate), rounded once, half-up (BT-117);
- taxable = gross - tax (BT-116), so that taxable + tax is what was entered, always;
- the net amount of each line, allowance and charge is gross * 100 / (100 + rate), rounded down or up so
  that they sum to the taxable amount: those that rounding down takes most from are rounded up, of equal
  ones the earlier (largest remainder). None is a whole minor unit away from its exact value.

Where the legal entity rounds tax per line, each line is divided so by itself and nothing is left to place.

Not every gross amount is some amount plus its own rounded tax: at 19 % nothing costs 0.03 with tax. There the
tax differs by one minor unit from taxable * rate / 100 (EN 16931 BR-CO-17, whose validation artefacts leave
a whole unit of currency), because the total entered was agreed on and the tax in it is what the law takes.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import NamedTuple

from invoicing.domain.document import ZERO, TaxKey
from invoicing.domain.rounding import TaxRounding
from invoicing.money import round_amount, round_quotient, step_of

HUNDRED = Decimal(100)


class Divided(NamedTuple):
    """Net amounts in the order of what was divided, and the tax (BT-117) of each tax row."""

    nets: list[Decimal]
    taxes: dict[TaxKey, Decimal]


def tax_within(gross: Decimal, key: TaxKey, currency: str) -> Decimal:
    """The VAT in an amount that includes it, rounded once. Exact inside `money.exactly()`."""
    rate = key.rate or ZERO
    return round_quotient(gross * rate, HUNDRED + rate, currency)


def divide(amounts: Sequence[tuple[TaxKey, Decimal]], currency: str, tax_rounding: TaxRounding) -> Divided:
    """Signed amounts with VAT, each an amount of the currency, as net amounts and tax.

    Keys are canonical. Exact inside `money.exactly()`.
    """
    nets = [ZERO] * len(amounts)
    taxes: dict[TaxKey, Decimal] = {}
    for key in dict.fromkeys(key for key, _ in amounts):
        places = [place for place, (other, _) in enumerate(amounts) if other == key]
        grosses = [amounts[place][1] for place in places]
        if tax_rounding is TaxRounding.LINE:
            parts = [gross - tax_within(gross, key, currency) for gross in grosses]
            taxes[key] = sum(grosses, ZERO) - sum(parts, ZERO)
        else:
            total = sum(grosses, ZERO)
            taxes[key] = tax_within(total, key, currency)
            parts = _placed(grosses, total - taxes[key], key, currency)
        for place, part in zip(places, parts, strict=True):
            nets[place] = part
    return Divided(nets, taxes)


def _placed(grosses: Sequence[Decimal], taxable: Decimal, key: TaxKey, currency: str) -> list[Decimal]:
    """The net part of each, summing to `taxable`, by the largest remainder."""
    step = step_of(currency)
    unit = Fraction(step) * (100 + Fraction(key.rate or 0)) / 100
    exact = [Fraction(gross) / unit for gross in grosses]
    units = [floor(value) for value in exact]
    missing = int(taxable / step) - sum(units)
    by_remainder = sorted(range(len(exact)), key=lambda place: (units[place] - exact[place], place))
    for place in by_remainder[:missing]:
        units[place] += 1
    return [round_amount(count * step, currency) for count in units]
