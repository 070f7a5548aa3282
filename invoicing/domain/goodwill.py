"""An amount without lines, spread over all that is left of an invoice."""

from collections.abc import Sequence
from dataclasses import dataclass

from invoicing.domain.creditable import (
    AdjustmentTaking,
    Corrected,
    Left,
    LineTaking,
    RowLeft,
    RowTaking,
    rate_of,
)
from invoicing.domain.document import TaxKey
from invoicing.domain.partition import half_up, split, spread
from invoicing.domain.rounding import TaxRounding
from tenants.errors import DomainError, Kind


class AmountCannotBeSplit(DomainError):
    """The amount cannot be divided into taxed amounts and their tax: credit lines instead."""

    kind, code = Kind.CONFLICT, "amount-cannot-be-split"


@dataclass(frozen=True, slots=True)
class Parts:
    """What goodwill takes of lines, of allowances and charges, and of tax rows."""

    lines: list[LineTaking]
    adjustments: list[AdjustmentTaking]
    rows: list[RowTaking]


@dataclass(frozen=True, slots=True)
class _Source:
    """A line, or an allowance or charge, with its sign in the taxable amount (`left` is signed)."""

    key: TaxKey
    sign: int
    line: int | None
    adjustment: int | None
    left: RowLeft


def goodwill(corrected: Corrected, left: Left, gross: int) -> Parts:
    """`gross` (with tax, above nothing and below all that is left) over what is left, in proportion.

    Where tax is rounded per row the amount is divided among the rows, each part of it into taxable and
    tax, and the taxable among lines, allowances and charges; where per line, among these at once.
    Raises AmountCannotBeSplit.
    """
    sources = _sources(corrected, left)
    if corrected.tax_rounding is TaxRounding.LINE:
        amounts = spread(gross, [source.left.gross for source in sources])
        pairs = [_split(part, source.left, source.key) for part, source in zip(amounts, sources, strict=True)]
        return _parts(left, sources, pairs, dict.fromkeys(left.rows))
    keys = list(left.rows)
    parts = spread(gross, [left.rows[key].gross for key in keys])
    taxed = {key: _split(part, left.rows[key], key) for key, part in zip(keys, parts, strict=True)}
    pairs = [(0, 0)] * len(sources)
    for key, (taxable, _) in taxed.items():
        places = [place for place, source in enumerate(sources) if source.key == key]
        nets = spread(taxable, [sources[place].left.taxable for place in places])
        for place, net in zip(places, nets, strict=True):
            pairs[place] = (net, 0)
    return _parts(left, sources, pairs, {key: tax for key, (_, tax) in taxed.items()})


def _sources(corrected: Corrected, left: Left) -> list[_Source]:
    lines = [
        _Source(line.key, 1, index, None, RowLeft(stands.net, stands.tax))
        for index, (line, stands) in enumerate(zip(corrected.lines, left.lines, strict=True))
    ]
    return lines + [
        _Source(item.key, item.sign, None, index, RowLeft(item.sign * stands.amount, item.sign * stands.tax))
        for index, (item, stands) in enumerate(zip(corrected.adjustments, left.adjustments, strict=True))
    ]


def _split(gross: int, of: RowLeft, key: TaxKey) -> tuple[int, int]:
    pair = split(gross, taxable=of.taxable, tax=of.tax, rate=rate_of(key))
    if pair is None:
        raise AmountCannotBeSplit
    return pair


def _parts(
    left: Left,
    sources: Sequence[_Source],
    pairs: Sequence[tuple[int, int]],
    taxes: dict[TaxKey, int] | dict[TaxKey, None],
) -> Parts:
    """`pairs` are signed amounts and taxes of the sources; `taxes` those of rows, None where lines tell."""
    lines, adjustments = [], []
    taxable, summed, own = (dict.fromkeys(left.rows, 0) for _ in range(3))
    for source, (net, tax) in zip(sources, pairs, strict=True):
        taxable[source.key] += net
        summed[source.key] += tax
        own[source.key] += half_up(net * rate_of(source.key))
        if source.line is not None and (net or tax):
            lines.append(LineTaking(source.line, None, net, tax))
        elif source.adjustment is not None and (net or tax):
            adjustments.append(AdjustmentTaking(source.adjustment, source.sign * net, source.sign * tax))
    rows = []
    for key, stands in left.rows.items():
        stated = taxes[key]
        tax = summed[key] if stated is None else stated
        if taxable[key] or tax:
            own_tax = own[key] if stated is None else half_up(taxable[key] * rate_of(key))
            rows.append(RowTaking(key, taxable[key], tax, own_tax, stands))
    return Parts(lines, adjustments, rows)
