"""What may be asked to be credited of an invoice, and what that takes of each line."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from invoicing.domain.creditable import Corrected, CorrectedLine, Left, LineLeft, LineTaking, minor
from invoicing.domain.partition import half_up, held, part_of, within
from invoicing.money import exactly, fits
from tenants.errors import DomainError, FieldError, InvalidInput, Kind


class CreditKind(StrEnum):
    """All that is left, chosen lines, or an amount without lines."""

    FULL = "full"
    LINES = "lines"
    AMOUNT = "amount"


@dataclass(frozen=True, slots=True)
class LineAsked:
    """Of one line: all that is left of it, or a quantity, a net amount, or a lower unit price.

    `quantity` (with the sign it has on the invoice) is taken back at the line's own value, discounts
    included; together with `unit_price` it is the part whose price is corrected, by default all that was
    not taken back. `amount` is without tax.
    """

    line: UUID
    quantity: Decimal | None = None
    amount: Decimal | None = None
    unit_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One credit note as it is asked for. `amount` is that of goodwill, with tax."""

    kind: CreditKind
    lines: tuple[LineAsked, ...] = ()
    amount: Decimal | None = None


class NothingLeft(DomainError):
    """The invoice has been credited in full."""

    kind, code = Kind.CONFLICT, "nothing-left"


class ExceedsWhatIsLeft(DomainError):
    """That is more than is left of the invoice to be credited."""

    kind, code = Kind.CONFLICT, "exceeds-what-is-left"


class PriceNotLower(DomainError):
    """A price correction states a price below the present one, and not below zero."""

    kind, code = Kind.INVALID, "price-not-lower"


def line_takings(corrected: Corrected, left: Left, asked: Sequence[LineAsked]) -> list[LineTaking]:
    """What is taken of each line asked for; tax is told later.

    Raises InvalidInput for what contradicts itself, ExceedsWhatIsLeft, PriceNotLower.
    """
    places = {line.id: index for index, line in enumerate(corrected.lines)}
    if faults := _faults(asked, set(places), corrected.currency):
        raise InvalidInput(faults)
    takings = []
    for position, one in enumerate(asked):
        index = places[one.line]
        pointer = f"/lines/{position}"
        line, rest = corrected.lines[index], left.lines[index]
        if one.unit_price is not None:
            takings.append(_price_corrected(index, line, rest, one, pointer))
        elif one.amount is not None:
            net = minor(one.amount, corrected.currency)
            if not within(net, rest.net):
                raise ExceedsWhatIsLeft(pointer=f"{pointer}/amount")
            takings.append(LineTaking(index, None, net, 0))
        else:
            takings.append(_taken_back(index, rest, one.quantity, pointer))
    return takings


def _faults(asked: Sequence[LineAsked], known: set[UUID], currency: str) -> list[FieldError]:
    faults = []
    seen: set[UUID] = set()
    if not asked:
        faults.append(FieldError("/lines", "required", "Name at least one line to be credited."))
    for position, one in enumerate(asked):
        pointer = f"/lines/{position}"
        if one.line not in known:
            detail = "The invoice has no such line."
            faults.append(FieldError(f"{pointer}/line", "unknown-reference", detail))
        elif one.line in seen:
            faults.append(FieldError(f"{pointer}/line", "repeated", "Each line is named once."))
        seen.add(one.line)
        if one.amount is not None and (one.quantity is not None or one.unit_price is not None):
            detail = "An amount stands alone: neither a quantity nor a price beside it."
            faults.append(FieldError(f"{pointer}/amount", "contradiction", detail))
        if one.amount is not None and not fits(one.amount, currency):
            detail = f"The amount has more decimals than {currency} (ISO 4217)."
            faults.append(FieldError(f"{pointer}/amount", "too-many-decimals", detail))
        for member, value in (("quantity", one.quantity), ("amount", one.amount)):
            if value is not None and not value:
                detail = "Nothing would be credited."
                faults.append(FieldError(f"{pointer}/{member}", "nothing-asked", detail))
    return faults


def _taken_back(index: int, rest: LineLeft, quantity: Decimal | None, pointer: str) -> LineTaking:
    """Pieces taken back at the exact value that each of those left has."""
    if quantity is None or quantity == rest.quantity:
        if not rest.quantity and not rest.net:
            raise ExceedsWhatIsLeft("Nothing is left of the line.", pointer=f"{pointer}/line")
        return LineTaking(index, rest.quantity or None, rest.net, 0)
    if not within(Fraction(quantity), Fraction(rest.quantity)):
        raise ExceedsWhatIsLeft(pointer=f"{pointer}/quantity")
    share = Fraction(quantity) / Fraction(rest.quantity)
    net = part_of(rest.net, own=half_up(rest.value * share), ideal_rest=rest.value * (1 - share))
    return LineTaking(index, quantity, net, 0)


def _price_corrected(
    index: int, line: CorrectedLine, rest: LineLeft, asked: LineAsked, pointer: str
) -> LineTaking:
    """The difference of prices on pieces that stay with the customer.

    Discounts and charges of the line keep their proportion to its price: half the price is half the net
    amount. The present price is the invoice's, lowered in proportion to what was credited since.
    """
    quantity = rest.quantity if asked.quantity is None else asked.quantity
    if not rest.quantity or not within(Fraction(quantity), Fraction(rest.quantity)):
        raise ExceedsWhatIsLeft(pointer=f"{pointer}/{'line' if asked.quantity is None else 'quantity'}")
    price = asked.unit_price
    each = rest.value / Fraction(rest.quantity)
    if price is None or price < 0 or not line.price:
        raise PriceNotLower(pointer=f"{pointer}/unit_price")
    stated_each = line.value / Fraction(line.quantity)
    lowered = stated_each * Fraction(price) / Fraction(line.price)
    if abs(lowered) >= abs(each):
        raise PriceNotLower(pointer=f"{pointer}/unit_price")
    net = held(half_up(Fraction(quantity) * (each - lowered)), rest.net)
    if not price and quantity == rest.quantity:
        net = rest.net
    cut = None
    if line.is_plain and each == stated_each:
        with exactly():
            cut = (quantity, line.price - price)
    return LineTaking(index, None, net, 0, cut)
