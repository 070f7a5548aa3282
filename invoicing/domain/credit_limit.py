"""How far a customer may be in debt, and what becomes of the invoice that goes further."""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from invoicing.money import Money


class OverLimit(StrEnum):
    """What becomes of an invoice over the limit: it is not issued, or issued and told to the trail."""

    REFUSE = "refuse"
    WARN = "warn"


class Excess(NamedTuple):
    """The claim, by its place among those asked about, that leads to a balance over the limit."""

    place: int
    balance: Decimal


def excesses(*, limit: Money, balance: Decimal, claims: Iterable[tuple[int, Money]]) -> list[Excess]:
    """Which of some new claims, taken one after the other, go over the limit.

    `balance` is what the customer owes before them, net of its credit, in the limit's currency. Only
    claims in that currency count, and what lowers the balance is never over the limit: a customer who is
    over it already can still be credited.
    """
    found = []
    for place, claim in claims:
        if claim.currency != limit.currency:
            continue
        balance += claim.amount
        if claim.amount > 0 and balance > limit.amount:
            found.append(Excess(place, balance))
    return found
