"""What a credit note takes of its invoice: lines, allowances and charges, tax, and what was prepaid.

Any credit notes that together leave nothing sum to the invoice exactly: in each line, each allowance and
charge, each tax row (taxable and tax), in every total, the prepaid and the rounding amount. None takes
more than is left of any of them. The rules, one for each:

- Lines: as asked; pieces at their exact value by the rule of the residual (`partition.part_of`).
- Allowances and charges on document level go with the lines that bear the same tax, in proportion to
  their net amounts: whoever paid 90 per cent of a line gets 90 per cent back. Where no line bears that tax
  they go with all lines. They move by single units where a row would take more than is left of it.
- Tax: of each row, or of each line where the invoice was rounded so, by the rule of the residual.
- An amount without lines (goodwill, with tax) lowers everything that is left in proportion, tax rows
  first. Article 90 of the VAT Directive (2006/112/EC): a later price reduction reduces what was taxed.
- What was prepaid (BT-113): a credit note takes off what is still payable first; only what it exceeds that
  by comes out of the rounding amount, then out of what was prepaid. The last takes what is left of both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction

from invoicing.domain.credit_further import further_takings
from invoicing.domain.credit_request import (
    Asked,
    CreditKind,
    ExceedsWhatIsLeft,
    NothingLeft,
    line_takings,
)
from invoicing.domain.creditable import (
    AdjustmentTaking,
    Corrected,
    Left,
    LineTaking,
    RowTaking,
    Taking,
    after,
    left_of,
    minor,
    rate_of,
)
from invoicing.domain.document import TaxKey
from invoicing.domain.further import FurtherKind
from invoicing.domain.goodwill import AmountCannotBeSplit, goodwill
from invoicing.domain.partition import half_up, held, part_of, within
from invoicing.domain.rounding import TaxRounding
from invoicing.money import fits
from tenants.errors import DomainError, FieldError, InvalidInput, Kind


class NegativeCredit(DomainError):
    """A credit note states what it takes back as positive: this one would be a claim on the customer."""

    kind, code = Kind.CONFLICT, "negative-credit-note"


def taking_of(corrected: Corrected, left: Left, asked: Asked) -> Taking:
    """What the credit note asked for takes of what is left.

    Raises InvalidInput, NothingLeft, ExceedsWhatIsLeft, PriceNotLower, NegativeCredit.
    """
    if left.is_nothing and left != left_of(corrected):
        raise NothingLeft
    match asked.kind:
        case CreditKind.FULL:
            lines, adjustments = _all_lines(corrected, left), _all_adjustments(left)
            return _checked(left, _taking(corrected, left, lines, adjustments, left.rows))
        case CreditKind.LINES:
            lines = line_takings(corrected, left, asked.lines)
            amounts = _fitted(corrected, left, lines, _in_proportion(corrected, left, lines))
            adjustments = [AdjustmentTaking(index, part, 0) for index, part in enumerate(amounts) if part]
            return _checked(left, _taking(corrected, left, lines, adjustments))
        case CreditKind.AMOUNT:
            gross = _goodwill_units(corrected, left, asked)
            if gross == left.gross:
                lines = [replace(line, quantity=None) for line in _all_lines(corrected, left)]
                adjustments = _all_adjustments(left)
                return _checked(left, _taking(corrected, left, lines, adjustments, left.rows))
            if left.sum_of(FurtherKind.SURCHARGE):
                raise AmountCannotBeSplit
            parts = goodwill(corrected, left, gross)
            return _checked(left, _closed(corrected, left, parts.lines, parts.adjustments, parts.rows))


def _goodwill_units(corrected: Corrected, left: Left, asked: Asked) -> int:
    if asked.amount is None or asked.amount <= 0:
        raise InvalidInput([FieldError("/amount", "not-positive", "State an amount above zero.")])
    if not fits(asked.amount, corrected.currency):
        detail = f"The amount has more decimals than {corrected.currency} (ISO 4217)."
        raise InvalidInput([FieldError("/amount", "too-many-decimals", detail)])
    gross = minor(asked.amount, corrected.currency)
    if not within(gross, left.gross):
        raise ExceedsWhatIsLeft(pointer="/amount")
    return gross


def _all_lines(corrected: Corrected, left: Left) -> list[LineTaking]:
    """Where tax is rounded per line, a void can leave a line whose tax alone is left: it is taken, too."""
    has_tax = corrected.tax_rounding is TaxRounding.LINE
    return [
        LineTaking(index, line.quantity or None, line.net, line.tax)
        for index, line in enumerate(left.lines)
        if line.quantity or line.net or (has_tax and line.tax)
    ]


def _all_adjustments(left: Left) -> list[AdjustmentTaking]:
    return [AdjustmentTaking(index, item.amount, item.tax) for index, item in enumerate(left.adjustments)]


def _in_proportion(corrected: Corrected, left: Left, lines: Iterable[LineTaking]) -> list[int]:
    """What each allowance and charge gives so that of it as much is left as of the lines it went with."""
    rest = [line.net for line in left.lines]
    for taken in lines:
        rest[taken.index] -= taken.net
    amounts = []
    for item, stands in zip(corrected.adjustments, left.adjustments, strict=True):
        members = [index for index, line in enumerate(corrected.lines) if line.key == item.key]
        if not any(corrected.lines[index].net for index in members):
            members = list(range(len(corrected.lines)))
        whole = sum(abs(corrected.lines[index].net) for index in members)
        remaining = sum(abs(rest[index]) for index in members)
        ideal = Fraction(item.amount * remaining, whole) if whole else Fraction(0)
        amounts.append(stands.amount - held(half_up(ideal), stands.amount))
    return amounts


def _fitted(corrected: Corrected, left: Left, lines: Iterable[LineTaking], amounts: list[int]) -> list[int]:
    """The same, moved by single units where a row would take more than is left of it, or less than none."""
    fitted = list(amounts)
    taxable = dict.fromkeys(left.rows, 0)
    for taken in lines:
        taxable[corrected.lines[taken.index].key] += taken.net
    for item, amount in zip(corrected.adjustments, amounts, strict=True):
        taxable[item.key] += item.sign * amount
    for index, item in enumerate(corrected.adjustments):
        row = left.rows[item.key].taxable
        missing = held(taxable[item.key], row) - taxable[item.key]
        if missing:
            step = item.sign if missing > 0 else -item.sign
            if within(fitted[index] + step, left.adjustments[index].amount):
                fitted[index] += step
                taxable[item.key] += step * item.sign
    return fitted


def _taking(
    corrected: Corrected,
    left: Left,
    lines: Sequence[LineTaking],
    adjustments: Sequence[AdjustmentTaking],
    also: Iterable[TaxKey] = (),
) -> Taking:
    """Tax for the lines, allowances and charges that are taken, and for what is left of the rows `also`."""
    keys = set(also) | {corrected.lines[taken.index].key for taken in lines}
    keys |= {corrected.adjustments[item.index].key for item in adjustments}
    if corrected.tax_rounding is TaxRounding.LINE:
        lines, adjustments = _taxed_lines(corrected, left, lines), _taxed(corrected, left, adjustments)
    rows = []
    for key in (key for key in left.rows if key in keys):
        nets = [taken for taken in lines if corrected.lines[taken.index].key == key]
        added = [item for item in adjustments if corrected.adjustments[item.index].key == key]
        signs = [corrected.adjustments[item.index].sign for item in added]
        taxable = sum(taken.net for taken in nets)
        taxable += sum(sign * item.amount for sign, item in zip(signs, added, strict=True))
        stands, rate = left.rows[key], rate_of(key)
        own = half_up(taxable * rate)
        if corrected.tax_rounding is TaxRounding.CATEGORY:
            tax = part_of(stands.tax, own=own, ideal_rest=(stands.taxable - taxable) * rate)
        else:
            tax = sum(taken.tax for taken in nets)
            tax += sum(sign * item.tax for sign, item in zip(signs, added, strict=True))
            own = sum(half_up(taken.net * rate) for taken in nets)
            own += sum(sign * half_up(item.amount * rate) for sign, item in zip(signs, added, strict=True))
        if nets or taxable or tax:
            rows.append(RowTaking(key, taxable, tax, own, stands))
    taken = [item for item in adjustments if item.amount or item.tax]
    return _closed(corrected, left, lines, taken, rows)


def _taxed_lines(corrected: Corrected, left: Left, lines: Iterable[LineTaking]) -> list[LineTaking]:
    """Where tax is rounded per line, each line's tax is a whole of its own to be divided."""
    return [
        replace(taken, tax=_tax_part(corrected.lines[taken.index].key, taken.net, stands.net, stands.tax))
        for taken in lines
        for stands in (left.lines[taken.index],)
    ]


def _taxed(corrected: Corrected, left: Left, items: Iterable[AdjustmentTaking]) -> list[AdjustmentTaking]:
    return [
        replace(
            item,
            tax=_tax_part(corrected.adjustments[item.index].key, item.amount, stands.amount, stands.tax),
        )
        for item in items
        for stands in (left.adjustments[item.index],)
    ]


def _tax_part(key: TaxKey, part: int, whole: int, tax: int) -> int:
    rate = rate_of(key)
    return part_of(tax, own=half_up(part * rate), ideal_rest=(whole - part) * rate)


def _closed(
    corrected: Corrected,
    left: Left,
    lines: Sequence[LineTaking],
    adjustments: Sequence[AdjustmentTaking],
    rows: Sequence[RowTaking],
) -> Taking:
    """With what it takes of the prepaid and the rounding amount. A document has a line (BR-16)."""
    stated = tuple(lines) or (LineTaking(0, None, 0, 0),)
    further = further_takings(corrected, left, stated, adjustments)
    taking = Taking(stated, tuple(adjustments), tuple(rows), 0, 0, further)
    if after(left, taking).is_nothing:
        return replace(taking, prepaid=left.prepaid, rounding=left.rounding)
    due = gross_of(taking) - taking.sum_of(FurtherKind.WITHHOLDING)
    excess = due - max(left.payable, 0)
    if excess <= 0:
        return taking
    rounding = max(-excess, min(left.rounding, 0))
    return replace(taking, prepaid=excess + rounding, rounding=rounding)


def gross_of(taking: Taking) -> int:
    """What is taken with tax and surcharges (BT-112)."""
    return sum(row.taxable + row.tax for row in taking.rows) + taking.sum_of(FurtherKind.SURCHARGE)


def _checked(left: Left, taking: Taking) -> Taking:
    """Raises ExceedsWhatIsLeft for a row or a total, NegativeCredit."""
    taxable = sum(row.taxable for row in taking.rows)
    gross = gross_of(taking)
    due = gross - taking.sum_of(FurtherKind.WITHHOLDING)
    if gross < 0 or due < 0:
        raise NegativeCredit
    for row in taking.rows:
        if not (within(row.taxable, row.left.taxable) and within(row.tax, row.left.tax)):
            raise ExceedsWhatIsLeft(
                f"Of {row.key.category} {row.key.rate or 0:f} % more would be credited than is left: "
                "credit what lowers it along with it."
            )
    left_due = left.gross - left.sum_of(FurtherKind.WITHHOLDING)
    if not (within(gross, left.gross) and within(due, left_due) and within(taxable, left.taxable)):
        raise ExceedsWhatIsLeft("In total more would be credited than is left of the invoice.")
    return taking
