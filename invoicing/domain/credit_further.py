"""What a credit note takes of the surcharges and withholdings of its invoice.

They follow the net amounts that bear them and are divided by the rule of the residual (`partition.part_of`),
so that an invoice's credit notes sum to each row exactly.
"""

from collections.abc import Iterable
from fractions import Fraction

from invoicing.domain.creditable import (
    AdjustmentTaking,
    Corrected,
    FurtherTaking,
    Left,
    LineTaking,
    major,
)
from invoicing.domain.further import FurtherRow, order
from invoicing.domain.partition import half_up, part_of


def further_takings(
    corrected: Corrected,
    left: Left,
    lines: Iterable[LineTaking],
    adjustments: Iterable[AdjustmentTaking],
) -> tuple[FurtherTaking, ...]:
    """For the lines, allowances and charges that are taken; none where the invoice bears none."""
    if not left.further:
        return ()
    taxable = dict.fromkeys(left.further, 0)
    for taken in lines:
        for key in corrected.lines[taken.index].further:
            taxable[key] += taken.net
    for item in adjustments:
        for key in corrected.adjustments[item.index].further:
            taxable[key] += corrected.adjustments[item.index].sign * item.amount
    takings = []
    for key, stands in left.further.items():
        rate = Fraction(key.rate) / 100
        own = half_up(taxable[key] * rate)
        tax = part_of(stands.tax, own=own, ideal_rest=(stands.taxable - taxable[key]) * rate)
        if taxable[key] or tax:
            takings.append(FurtherTaking(key, taxable[key], tax, own, stands))
    return tuple(takings)


def further_left(left: Left, currency: str) -> tuple[FurtherRow, ...]:
    """The rows of surcharges and withholdings that are left, in major units, in a document's order."""
    return tuple(
        FurtherRow(key, major(left.further[key].taxable, currency), major(left.further[key].tax, currency))
        for key in sorted(left.further, key=order)
    )
