"""The totals of a document: EN 16931's arithmetic, exact until the one rounding each amount has."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, DecimalException

from invoicing.domain import cash
from invoicing.domain.document import (
    ZERO,
    AllowanceCharge,
    DocumentInput,
    DocumentType,
    LineInput,
    TaxKey,
)
from invoicing.domain.further import FurtherKind, FurtherRow, further_rows, keys_of
from invoicing.domain.included import divide
from invoicing.domain.rounding import TaxRounding, tax_of_row
from invoicing.domain.tax import breakdown_order, canonical
from invoicing.domain.validation import check
from invoicing.money import exactly, round_amount, round_quotient
from tenants.errors import DomainError, FieldError, InvalidInput, Kind


class AmountOutOfRange(DomainError):
    """A number of the document is too long or too large to be computed with exactly."""

    kind, code = Kind.INVALID, "amount-out-of-range"


@dataclass(frozen=True, slots=True)
class ComputedLine:
    """A line's net amount (BT-131) and the amounts of its allowances and charges, in their order.

    `base` is quantity * price / base quantity, rounded: what a percentage without a base is of. Where prices
    include tax, base, allowances and charges do too, and `gross_amount` is what they come to.
    """

    net_amount: Decimal
    base: Decimal
    allowances: tuple[Decimal, ...]
    charges: tuple[Decimal, ...]
    gross_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TaxRow:
    """One row of the VAT breakdown (BG-23). `rate` is None for category O alone."""

    category: str
    rate: Decimal | None
    taxable: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """BG-22, in major units of the document's currency, each with exactly the currency's decimals.

    `tax_total` (BT-110) includes surcharges. `withheld_amount` is what the buyer keeps back of what is
    payable.
    """

    sum_of_lines: Decimal
    allowance_total: Decimal
    charge_total: Decimal
    tax_exclusive: Decimal
    tax_total: Decimal
    tax_inclusive: Decimal
    prepaid_amount: Decimal
    rounding_amount: Decimal
    payable: Decimal
    withheld_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Computed:
    """Everything that follows from a document: lines and document-level amounts in input order.

    `breakdown` has one row per (category, rate), categories in a fixed order, highest rate first; `further`
    the rows of surcharges and withholdings. `allowances` and `charges` are net amounts (BT-92, BT-99).
    `cash_step` is what the payable amount was made a multiple of, None where it was not rounded for cash.
    """

    lines: tuple[ComputedLine, ...]
    allowances: tuple[Decimal, ...]
    charges: tuple[Decimal, ...]
    breakdown: tuple[TaxRow, ...]
    totals: Totals
    tax_rounding: TaxRounding
    further: tuple[FurtherRow, ...] = ()
    cash_step: Decimal | None = None


def compute(
    document: DocumentInput,
    *,
    tax_rounding: TaxRounding = TaxRounding.CATEGORY,
    cash_steps: cash.Steps = cash.NO_STEPS,
) -> Computed:
    """The totals of a document by EN 16931 (BR-CO-10 to BR-CO-17), every amount rounded once, half-up.

    Line net = quantity * price / base quantity - allowances + charges, rounded as one expression.
    What is left to be paid is rounded for cash as the legal entity's `cash_steps` and the document say.
    Raises InvalidInput (with pointers) and AmountOutOfRange; any other input has totals.
    """
    try:
        with exactly():
            check(document, cash_steps=cash_steps)
            return _compute(document, tax_rounding, cash.step_of(document, cash_steps))
    except DecimalException:
        raise AmountOutOfRange from None


def _compute(document: DocumentInput, tax_rounding: TaxRounding, cash_step: Decimal | None) -> Computed:
    currency = document.currency
    zero = round_amount(ZERO, currency)
    lines = tuple(_line(line, currency) for line in document.lines)
    bases: dict[TaxKey, Decimal] = {}
    for line, computed in zip(document.lines, lines, strict=True):
        key = canonical(line.tax)
        bases[key] = bases.get(key, zero) + computed.net_amount

    allowances = _document_amounts(document.allowances, bases, currency)
    charges = _document_amounts(document.charges, bases, currency)
    stated = [
        (canonical(line.tax), computed.net_amount)
        for line, computed in zip(document.lines, lines, strict=True)
    ]
    stated += [(key, -amount) for key, amount in allowances]
    stated += charges
    taxes: dict[TaxKey, Decimal] = {}
    if document.prices_include_tax:
        nets, taxes = divide(stated, currency, tax_rounding)
        stated = [(key, net) for (key, _), net in zip(stated, nets, strict=True)]
        lines = tuple(
            replace(line, net_amount=net, gross_amount=line.net_amount)
            for line, net in zip(lines, nets, strict=False)
        )
    taxed: dict[TaxKey, list[Decimal]] = {}
    for key, amount in stated:
        taxed.setdefault(key, []).append(amount)
    breakdown = tuple(
        TaxRow(
            key.category,
            key.rate,
            sum(taxed[key], zero),
            taxes[key] if taxes else tax_of_row(taxed[key], key, currency, tax_rounding),
        )
        for key in sorted(taxed, key=breakdown_order)
    )
    further = _further(document, [amount for _, amount in stated], tax_rounding)
    end = len(lines) + len(allowances)
    nets_of_allowances = tuple(-amount for _, amount in stated[len(lines) : end])
    nets_of_charges = tuple(amount for _, amount in stated[end:])
    totals = _totals(
        document,
        sum_of_lines=sum((line.net_amount for line in lines), zero),
        allowance_total=sum(nets_of_allowances, zero),
        charge_total=sum(nets_of_charges, zero),
        tax_total=sum((row.tax for row in breakdown), zero) + _sum_of(further, FurtherKind.SURCHARGE),
        withheld=round_amount(_sum_of(further, FurtherKind.WITHHOLDING), currency),
        cash_step=cash_step,
    )
    lowest, highest = sorted((ZERO, totals.tax_inclusive))
    if not lowest <= totals.withheld_amount <= highest:
        raise InvalidInput(list(_too_much_withheld(document)))
    if document.type is DocumentType.CREDIT_NOTE and totals.tax_inclusive < 0:
        raise _negative_credit_note(document)
    return Computed(
        lines=lines,
        allowances=nets_of_allowances,
        charges=nets_of_charges,
        breakdown=breakdown,
        totals=totals,
        tax_rounding=tax_rounding,
        further=further,
        cash_step=cash_step,
    )


def _further(
    document: DocumentInput, amounts: list[Decimal], tax_rounding: TaxRounding
) -> tuple[FurtherRow, ...]:
    items: list[LineInput | AllowanceCharge] = [*document.lines, *document.allowances, *document.charges]
    borne = [(key, amount) for item, amount in zip(items, amounts, strict=True) for key in keys_of(item)]
    return further_rows(borne, document.currency, tax_rounding) if borne else ()


def _sum_of(rows: Iterable[FurtherRow], kind: FurtherKind) -> Decimal:
    return sum((row.amount for row in rows if row.key.kind is kind), ZERO)


def line_amounts(line: LineInput, currency: str) -> ComputedLine:
    """The amounts of one line as it is entered. Raises decimal.Inexact for what is too long."""
    with exactly():
        return _line(line, currency)


def _line(line: LineInput, currency: str) -> ComputedLine:
    gross = line.quantity * line.unit_price
    base = round_quotient(gross, line.base_quantity, currency)
    if not (line.allowances or line.charges):
        return ComputedLine(base, base, (), ())
    allowances = tuple(amount_of(item, base, currency) for item in line.allowances)
    charges = tuple(amount_of(item, base, currency) for item in line.charges)
    # Brought over the base quantity, so that the division stays the only inexact step and comes last.
    added = (sum(charges, ZERO) - sum(allowances, ZERO)) * line.base_quantity
    net = round_quotient(gross + added, line.base_quantity, currency)
    return ComputedLine(net, base, allowances, charges)


def amount_of(item: AllowanceCharge, default_base: Decimal, currency: str) -> Decimal:
    """An allowance's or a charge's amount: as given, or percent of its base, rounded (BR-DEC rules).

    A percentage without a base is of `default_base`, which is an amount of the document and therefore
    rounded too: whoever reads base and percentage on the document finds the same amount.
    """
    if item.amount is not None:
        return round_amount(item.amount, currency)
    base = default_base if item.base_amount is None else item.base_amount
    return round_amount((base * (item.percent or ZERO)).scaleb(-2), currency)


def _document_amounts(
    items: Iterable[AllowanceCharge], bases: dict[TaxKey, Decimal], currency: str
) -> list[tuple[TaxKey, Decimal]]:
    amounts = []
    for item in items:
        if item.tax is not None:
            key = canonical(item.tax)
            amounts.append((key, amount_of(item, bases.get(key, ZERO), currency)))
    return amounts


def _totals(
    document: DocumentInput,
    *,
    sum_of_lines: Decimal,
    allowance_total: Decimal,
    charge_total: Decimal,
    tax_total: Decimal,
    withheld: Decimal,
    cash_step: Decimal | None,
) -> Totals:
    tax_exclusive = sum_of_lines - allowance_total + charge_total
    tax_inclusive = tax_exclusive + tax_total
    prepaid = round_amount(document.prepaid_amount, document.currency)
    due = tax_inclusive - prepaid - withheld
    rounding = round_amount(document.rounding_amount, document.currency)
    if cash_step is not None:
        rounding = cash.rounding_of(due, cash_step, document.currency)
    return Totals(
        sum_of_lines=sum_of_lines,
        allowance_total=allowance_total,
        charge_total=charge_total,
        tax_exclusive=tax_exclusive,
        tax_total=tax_total,
        tax_inclusive=tax_inclusive,
        prepaid_amount=prepaid,
        rounding_amount=rounding,
        payable=due + rounding,
        withheld_amount=withheld,
    )


def _too_much_withheld(document: DocumentInput) -> Iterator[FieldError]:
    """What is kept back is kept back of what the document comes to."""
    detail = "More would be withheld than the total with tax, or something of nothing."
    bearers: dict[str, Sequence[LineInput | AllowanceCharge]] = {
        "lines": document.lines,
        "allowances": document.allowances,
        "charges": document.charges,
    }
    for kind, items in bearers.items():
        for position, item in enumerate(items):
            if item.withholdings:
                yield FieldError(f"/{kind}/{position}/withholdings", "withheld-above-total", detail)


def _negative_credit_note(document: DocumentInput) -> InvalidInput:
    """A credit note states what it takes back as positive amounts; a negative one would be a claim."""
    detail = "A credit note states positive amounts: its total must not be negative."
    negative = [
        FieldError(f"/lines/{position}/quantity", "negative-credit-note", detail)
        for position, line in enumerate(document.lines)
        if line.quantity < 0
    ]
    return InvalidInput(negative or [FieldError("", "negative-credit-note", detail)])
