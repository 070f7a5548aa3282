"""The document of a credit note that takes something of its invoice: its lines and its totals.

It is not computed again from its lines: that would round each tax anew, and the sum of an invoice's
credit notes would be a matter of luck. Its totals are what it takes (`crediting.taking_of`).
"""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from invoicing.domain.creditable import Corrected, LineTaking, Taking, major, minor
from invoicing.domain.document import ONE, AllowanceCharge, DocumentInput, DocumentType, LineInput
from invoicing.domain.further import FurtherKind, FurtherRow, order
from invoicing.domain.partition import half_up
from invoicing.domain.record import DraftLine, InvoiceRecord, LineRecord
from invoicing.domain.tax import breakdown_order
from invoicing.domain.totals import Computed, ComputedLine, TaxRow, Totals
from invoicing.money import exactly

_PIECE = "C62"
# PEPPOL-EN16931-R120 lets a line's net amount be that far from its quantity * price; in minor units.
_SLACK = 2


@dataclass(frozen=True, slots=True)
class CreditDocument:
    """`lines` and `computed.lines` are in the order of `taking.lines`."""

    taking: Taking
    document: DocumentInput
    lines: tuple[DraftLine, ...]
    computed: Computed


def document_of(invoice: InvoiceRecord, corrected: Corrected, taking: Taking) -> CreditDocument:
    """What the credit note says. Amounts in major units of the invoice's currency."""
    currency = invoice.currency
    stated = [_line(invoice.lines[taken.index], taken, currency) for taken in taking.lines]
    allowances, charges = _adjustments(invoice, taking)
    totals = _totals(taking, currency, allowances, charges)
    document = DocumentInput(
        currency=currency,
        lines=tuple(line for line, _, _ in stated),
        type=DocumentType.CREDIT_NOTE,
        allowances=allowances,
        charges=charges,
        prepaid_amount=totals.prepaid_amount,
        rounding_amount=totals.rounding_amount,
        tax_currency=invoice.tax_currency,
    )
    breakdown = tuple(
        TaxRow(row.key.category, row.key.rate, major(row.taxable, currency), major(row.tax, currency))
        for row in sorted(taking.rows, key=lambda row: breakdown_order(row.key))
    )
    computed = Computed(
        lines=tuple(amounts for _, amounts, _ in stated),
        allowances=tuple(item.amount for item in allowances if item.amount is not None),
        charges=tuple(item.amount for item in charges if item.amount is not None),
        breakdown=breakdown,
        totals=totals,
        tax_rounding=corrected.tax_rounding,
        further=tuple(
            FurtherRow(one.key, major(one.taxable, currency), major(one.tax, currency))
            for one in sorted(taking.further, key=lambda one: order(one.key))
        ),
    )
    # It is taxed as its invoice was, whatever has become of a rate that was named there.
    lines = tuple(replace(text, tax_rate=None) for _, _, text in stated)
    return CreditDocument(taking, document, lines, computed)


def _line(line: LineRecord, taken: LineTaking, currency: str) -> tuple[LineInput, ComputedLine, DraftLine]:
    net = major(taken.net, currency)
    if taken.cut is not None:
        quantity, difference = taken.cut
        corrected = replace(line.input, quantity=quantity, unit_price=difference)
        return corrected, ComputedLine(net, net, (), ()), line.stated
    if taken.quantity is None:
        price = replace(
            line.input,
            quantity=ONE if taken.net >= 0 else -ONE,
            unit_price=abs(net),
            base_quantity=ONE,
            allowances=(),
            charges=(),
        )
        return price, ComputedLine(net, net, (), ()), replace(line.stated, unit_code=_PIECE)
    if taken.quantity == line.input.quantity and net == line.net_amount:
        base = major(_gross(line.input, taken.quantity, currency), currency)
        whole = ComputedLine(net, base, line.allowance_amounts, line.charge_amounts)
        return line.input, whole, line.stated
    return (*_pieces(line, taken.quantity, taken.net, currency), line.stated)


def _pieces(line: LineRecord, quantity: Decimal, net: int, currency: str) -> tuple[LineInput, ComputedLine]:
    """A part of the line's quantity, its allowances and charges in proportion.

    Where the value of the line had been lowered before, an allowance says so.
    """
    share = Fraction(quantity) / Fraction(line.input.quantity)
    base = _gross(line.input, quantity, currency)
    off = [half_up(minor(amount, currency) * share) for amount in line.allowance_amounts]
    on = [half_up(minor(amount, currency) * share) for amount in line.charge_amounts]
    difference = base - sum(off) + sum(on) - net
    allowances = [
        replace(item, amount=major(amount, currency), percent=None, base_amount=None)
        for item, amount in zip(line.input.allowances, off, strict=True)
    ]
    charges = [
        replace(item, amount=major(amount, currency), percent=None, base_amount=None)
        for item, amount in zip(line.input.charges, on, strict=True)
    ]
    if abs(difference) > _SLACK:
        change = AllowanceCharge(major(abs(difference), currency), reason="Credited before")
        (allowances if difference > 0 else charges).append(change)
    stated = LineInput(
        quantity=quantity,
        unit_price=line.input.unit_price,
        tax=line.input.tax,
        base_quantity=line.input.base_quantity,
        allowances=tuple(allowances),
        charges=tuple(charges),
        surcharge_rate=line.input.surcharge_rate,
        withholdings=line.input.withholdings,
    )
    amounts = ComputedLine(
        major(net, currency),
        major(base, currency),
        tuple(item.amount for item in allowances if item.amount is not None),
        tuple(item.amount for item in charges if item.amount is not None),
    )
    return stated, amounts


def _gross(line: LineInput, quantity: Decimal, currency: str) -> int:
    price = Fraction(line.unit_price) / Fraction(line.base_quantity)
    return half_up(Fraction(quantity) * price / Fraction(major(1, currency)))


def _adjustments(
    invoice: InvoiceRecord, taking: Taking
) -> tuple[tuple[AllowanceCharge, ...], tuple[AllowanceCharge, ...]]:
    items = (*invoice.allowances, *invoice.charges)
    amounts = (*invoice.allowance_amounts, *invoice.charge_amounts)
    allowances: list[AllowanceCharge] = []
    charges: list[AllowanceCharge] = []
    for taken in taking.adjustments:
        amount = major(taken.amount, invoice.currency)
        share = replace(items[taken.index], amount=amount)
        if amount != amounts[taken.index]:
            share = replace(share, percent=None, base_amount=None)
        (allowances if taken.index < len(invoice.allowances) else charges).append(share)
    return tuple(allowances), tuple(charges)


def _totals(
    taking: Taking,
    currency: str,
    allowances: tuple[AllowanceCharge, ...],
    charges: tuple[AllowanceCharge, ...],
) -> Totals:
    with exactly():
        zero = major(0, currency)
        sum_of_lines = major(sum(taken.net for taken in taking.lines), currency)
        taken_off = sum((item.amount or zero for item in allowances), zero)
        added = sum((item.amount or zero for item in charges), zero)
        tax = major(sum(row.tax for row in taking.rows) + taking.sum_of(FurtherKind.SURCHARGE), currency)
        withheld = major(taking.sum_of(FurtherKind.WITHHOLDING), currency)
        exclusive = sum_of_lines - taken_off + added
        prepaid, rounding = major(taking.prepaid, currency), major(taking.rounding, currency)
        return Totals(
            sum_of_lines=sum_of_lines,
            allowance_total=taken_off,
            charge_total=added,
            tax_exclusive=exclusive,
            tax_total=tax,
            tax_inclusive=exclusive + tax,
            prepaid_amount=prepaid,
            rounding_amount=rounding,
            payable=exclusive + tax - prepaid + rounding - withheld,
            withheld_amount=withheld,
        )
