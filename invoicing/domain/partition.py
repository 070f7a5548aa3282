"""Dividing an amount into parts that add up to it again: whole numbers of minor units, nothing else.

The rule of the residual. A part is first rounded on its own, as if nothing had gone before (`own`). Then
it is moved by as few minor units as needed so that what is left over stays what an exact division would
leave over, give or take less than one minor unit. From that follow all three properties a bookkeeper asks
for: no part is further from its exact value than one and a half units, parts never sum to more than the
whole, and the last one, which leaves an exact nothing over, takes precisely what is left.

Its defence: EN 16931 BR-CO-17 has each document round its own tax once, and the rule departs from that
only where the roundings of one invoice's credit notes would otherwise add up to another tax than was
charged. The departure stays far within the unit of currency that the standard's own validation artefacts
leave to BR-CO-17, and within the 0.02 of PEPPOL-EN16931-R120 for a line. Leaving it all to the last credit
note instead would keep to neither: a thousand returns of one piece can be five euros out by then.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate
from math import floor


def half_up(value: Fraction) -> int:
    """The nearest whole number, halves away from zero."""
    whole = (2 * abs(value.numerator) + value.denominator) // (2 * value.denominator)
    return whole if value >= 0 else -whole


def within(part: int | Fraction, whole: int | Fraction) -> bool:
    """Whether `part` lies between nothing and `whole`, which may be negative."""
    return min(whole, 0) <= part <= max(whole, 0)


def held(part: int, whole: int) -> int:
    """The nearest to `part` that lies between nothing and `whole`."""
    return max(min(whole, 0), min(part, max(whole, 0)))


def part_of(left: int, *, own: int, ideal_rest: Fraction) -> int:
    """What a part takes of `left`: `own`, moved by the rule of the residual.

    `ideal_rest` is what an exact division would leave over. The answer lies between nothing and `left`;
    an `ideal_rest` of nothing makes it all of `left`.
    """
    drift = left - own - ideal_rest
    units = floor(abs(drift))
    return held(own + (units if drift > 0 else -units), left)


def spread(total: int, over: Sequence[int]) -> list[int]:
    """`total` in proportion to the amounts of `over`, each part between nothing and its amount.

    `total` lies between nothing and the sum of `over`; the parts sum to it exactly. Each prefix of the
    parts is rounded, not each part, so that errors never add up.
    """
    whole = sum(over)
    if not whole:
        return [0] * len(over)
    marks = [half_up(Fraction(total * reached, whole)) for reached in accumulate(over)]
    return [mark - before for mark, before in zip(marks, [0, *marks], strict=False)]


def split(gross: int, *, taxable: int, tax: int, rate: Fraction) -> tuple[int, int] | None:
    """A gross amount as (taxable, tax) out of what is left of a tax row, with the rule of the residual.

    `rate` is a fraction of one. Not every gross amount is some amount plus its rounded tax; the unit that
    the rule of the residual leaves to a part makes all of them so for any rate below 100 per cent. None
    where there is no such pair.
    """
    if gross == taxable + tax:
        return taxable, tax
    near = half_up(gross / (1 + rate))

    def is_allowed(base: int) -> bool:
        drift = tax - (gross - base) - (taxable - base) * rate
        return within(base, taxable) and within(gross - base, tax) and abs(drift) < 1

    bases = [base for base in range(near - 3, near + 4) if is_allowed(base)]
    if not bases:
        return None
    base = min(bases, key=lambda base: (abs(gross - base * (1 + rate)), abs(base)))
    return base, gross - base
