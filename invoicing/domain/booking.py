"""Book values: what foreign money and foreign claims are carried at, and what is gained or lost on them.

A payment or a document in a foreign currency has a book value in the base currency, fixed on the day it
came into the books. Whatever is taken of it takes its share of that value along; the last that is taken
takes what is left, so the shares sum to the whole exactly. Where money settles a claim, the difference
between the two values is the gain realised (below zero: the loss), as IAS 21.28 has it.
"""

from decimal import Decimal
from typing import NamedTuple

from invoicing.domain.document import ZERO
from invoicing.money import exactly, round_quotient


class Holding(NamedTuple):
    """What is left: an amount in its own currency, and its book value in `base`; neither below zero."""

    amount: Decimal
    value: Decimal
    base: str


class Values(NamedTuple):
    """The book values of the two sides of a posting: of the money (`source`), of what it went to (`target`).

    None where a side has none: no rate was known when it came into the books.
    """

    source: Decimal | None = None
    target: Decimal | None = None


def share_of(holding: Holding, part: Decimal) -> Decimal:
    """The book value of `part` of what is left, rounded half-up; of all that is left, all of it."""
    if part == holding.amount:
        return holding.value
    with exactly():
        return round_quotient(holding.value * part, holding.amount, holding.base)


def take(holding: Holding, part: Decimal) -> tuple[Decimal, Holding]:
    """The book value of `part`, and what is left after it."""
    value = share_of(holding, part)
    with exactly():
        return value, holding._replace(amount=holding.amount - part, value=holding.value - value)


def gain(values: Values) -> Decimal | None:
    """What was realised: above zero a gain, below it a loss; None where a side has no book value."""
    if values.source is None or values.target is None:
        return None
    with exactly():
        return values.source - values.target


def taken_back(
    values: Values, *, amount: Decimal, reversed_so_far: tuple[Decimal, Values], part: Decimal, base: str
) -> Values:
    """The book values that go back with `part` of a posting of `amount`, of which some went before.

    All reversals of a posting together take back exactly what it posted, and so its gain.
    """
    gone, before = reversed_so_far
    with exactly():
        left = amount - gone
        sides = [
            None if posted is None else share_of(Holding(left, posted - (back or ZERO), base), part)
            for posted, back in zip(values, before, strict=True)
        ]
    return Values(*sides)
