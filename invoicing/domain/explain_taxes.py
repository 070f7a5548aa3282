"""The account of prices that include VAT, and of surcharges and withholdings."""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from invoicing.domain.document import ZERO, DocumentInput, TaxKey
from invoicing.domain.explain_step import Step, named, quotient, shown, step, text
from invoicing.domain.further import FurtherKind, FurtherRow, amount_of_row, keys_of
from invoicing.domain.included import HUNDRED, tax_within
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.tax import canonical, tax_on
from invoicing.domain.totals import Computed, TaxRow, amount_of

_INCLUDED = "Directive 2006/112/EC, art. 78: prices include VAT"


class _Entered(NamedTuple):
    """An amount that includes VAT, as it is entered, with its net amount."""

    name: str
    term: str
    pointer: str
    key: TaxKey
    gross: Decimal
    net: Decimal


def net_steps(document: DocumentInput, computed: Computed) -> Iterator[Step]:
    """The net amount of each line, allowance and charge of a document whose prices include VAT."""
    formula = "gross amount - the tax in it"
    if computed.tax_rounding is TaxRounding.CATEGORY:
        formula = "gross amount * 100 / (100 + rate), down or up so that all sum to the taxable amount"
    for entered in _entered(document, computed):
        rate = entered.key.rate or ZERO
        yield Step(
            term=entered.term,
            rule=_INCLUDED,
            pointer=entered.pointer,
            formula=formula,
            inputs=shown([("gross amount", entered.gross), ("rate", rate)]),
            unrounded=quotient(entered.gross * HUNDRED, HUNDRED + rate),
            result=text(entered.net),
        )


def divided_steps(document: DocumentInput, computed: Computed, row: TaxRow, pointer: str) -> Iterator[Step]:
    """A row of the breakdown where prices include VAT: the tax in what was entered, and the rest."""
    key = TaxKey(row.category, row.rate)
    gross = row.taxable + row.tax
    rate = row.rate or ZERO
    formula = f"gross amount of {named(key)} * rate / (100 + rate), rounded once"
    unrounded = quotient(gross * rate, HUNDRED + rate)
    inputs = [("gross amount", gross), ("rate (BT-119)", rate)]
    if computed.tax_rounding is TaxRounding.LINE:
        formula = f"Σ (gross amount of {named(key)} * rate / (100 + rate), rounded)"
        unrounded = text(row.tax)
        inputs = [("rate (BT-119)", rate)]
        for entered in _entered(document, computed):
            if entered.key == key:
                sign = -1 if entered.term == "BT-92" else 1
                part = tax_within(sign * entered.gross, key, document.currency)
                inputs.append((f"tax in {entered.name}", part))
    yield Step("BT-117", _INCLUDED, f"{pointer}/tax", formula, shown(inputs), unrounded, text(row.tax))
    inputs = [("gross amount", gross), ("tax (BT-117)", row.tax)]
    yield step("BT-116", _INCLUDED, f"{pointer}/taxable", "gross amount - tax", inputs, row.taxable)


def _entered(document: DocumentInput, computed: Computed) -> Iterator[_Entered]:
    grosses: dict[TaxKey, Decimal] = {}
    for n, (line, amounts) in enumerate(zip(document.lines, computed.lines, strict=True)):
        key, gross = canonical(line.tax), amounts.gross_amount or ZERO
        grosses[key] = grosses.get(key, ZERO) + gross
        yield _Entered(f"line {n + 1}", "BT-131", f"/lines/{n}/net_amount", key, gross, amounts.net_amount)
    for kind, term, items, nets in (
        ("allowances", "BT-92", document.allowances, computed.allowances),
        ("charges", "BT-99", document.charges, computed.charges),
    ):
        for n, (item, net) in enumerate(zip(items, nets, strict=True)):
            if item.tax is not None:
                key = canonical(item.tax)
                gross = amount_of(item, grosses.get(key, ZERO), document.currency)
                yield _Entered(f"{kind[:-1]} {n + 1}", term, f"/{kind}/{n}/amount", key, gross, net)


def further_steps(document: DocumentInput, computed: Computed) -> Iterator[Step]:
    """The rows of surcharges and withholdings."""
    places = dict.fromkeys(FurtherKind, 0)
    for row in computed.further:
        pointer = f"/totals/{row.key.kind.value}s/{places[row.key.kind]}"
        places[row.key.kind] += 1
        yield from _further(document, computed, row, pointer)


def _further(document: DocumentInput, computed: Computed, row: FurtherRow, pointer: str) -> Iterator[Step]:
    bearers = [
        (name, amount, bears) for name, amount, bears in _bearers(document, computed) if row.key in bears
    ]
    amounts = [(name, amount) for name, amount, _ in bearers]
    is_surcharge = row.key.kind is FurtherKind.SURCHARGE
    rule = "Ley 37/1992, art. 161" if is_surcharge else f"retained tax {row.key.code}"
    yield step(
        row.key.kind.value, rule, f"{pointer}/taxable", "Σ net amounts that bear it", amounts, row.taxable
    )
    per_line = is_surcharge and computed.tax_rounding is TaxRounding.LINE
    inputs = [("rate", row.key.rate), ("taxable amount", row.taxable)]
    formula, unrounded = "taxable amount * rate / 100, rounded once", tax_on(row.taxable, _as_tax(row))
    if per_line:
        formula, unrounded = "Σ (each amount * rate / 100, rounded)", row.amount
        inputs = [("rate", row.key.rate)] + [
            (f"on {name}", amount_of_row([amount], row.key, document.currency, TaxRounding.LINE))
            for name, amount in amounts
        ]
    yield step(
        row.key.kind.value, rule, f"{pointer}/amount", formula, inputs, row.amount, unrounded=unrounded
    )


def _bearers(
    document: DocumentInput, computed: Computed
) -> Iterator[tuple[str, Decimal, tuple[object, ...]]]:
    for n, (line, amounts) in enumerate(zip(document.lines, computed.lines, strict=True), start=1):
        yield f"line {n} (BT-131)", amounts.net_amount, keys_of(line)
    for n, (item, amount) in enumerate(zip(document.allowances, computed.allowances, strict=True), start=1):
        yield f"allowance {n} (BT-92)", -amount, keys_of(item)
    for n, (item, amount) in enumerate(zip(document.charges, computed.charges, strict=True), start=1):
        yield f"charge {n} (BT-99)", amount, keys_of(item)


def _as_tax(row: FurtherRow) -> TaxKey:
    return TaxKey(row.key.code, row.key.rate)
