"""One step of an account of totals, and how its numbers are written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal

from invoicing.domain.document import DocumentInput, TaxKey
from invoicing.domain.tax import canonical
from invoicing.domain.totals import Computed

# For showing an unrounded quotient that does not end; nothing is computed with it.
_SHOWN = Context(prec=34)


@dataclass(frozen=True, slots=True)
class Step:
    """One amount and its rule.

    `term` is EN 16931's business term, or a name of our own for what it does not know, `rule` the rule it
    follows, `pointer` the amount's place in the answer (JSON Pointer), `formula` the rule in words, `inputs`
    its names and values as they went in, in order. `unrounded` is the exact value before rounding, ending in
    "…" where its decimals do not end; `result` is the amount.
    """

    term: str
    rule: str
    pointer: str
    formula: str
    inputs: tuple[tuple[str, str], ...]
    unrounded: str
    result: str


def step(
    term: str,
    rule: str,
    pointer: str,
    formula: str,
    inputs: Iterable[tuple[str, Decimal]],
    result: Decimal,
    *,
    unrounded: Decimal | None = None,
) -> Step:
    """The account of one amount; without `unrounded` nothing had to be rounded."""
    before = result if unrounded is None else unrounded
    return Step(term, rule, pointer, formula, shown(inputs), text(before), text(result))


def quotient(dividend: Decimal, divisor: Decimal) -> str:
    """A quotient before it is rounded."""
    value = _SHOWN.divide(dividend, divisor)
    return text(value) + ("" if value * divisor == dividend else "…")


def taxed(document: DocumentInput, computed: Computed, key: TaxKey) -> Iterator[tuple[str, Decimal]]:
    """Name and signed amount of all that bears this tax."""
    for n, (line, amounts) in enumerate(zip(document.lines, computed.lines, strict=True), start=1):
        if canonical(line.tax) == key:
            yield f"line {n} (BT-131)", amounts.net_amount
    for n, (item, amount) in enumerate(zip(document.allowances, computed.allowances, strict=True), start=1):
        if item.tax and canonical(item.tax) == key:
            yield f"allowance {n} (BT-92)", -amount
    for n, (item, amount) in enumerate(zip(document.charges, computed.charges, strict=True), start=1):
        if item.tax and canonical(item.tax) == key:
            yield f"charge {n} (BT-99)", amount


def named(key: TaxKey) -> str:
    """A tax key in words."""
    return key.category if key.rate is None else f"{key.category} {text(key.rate)} %"


def shown(inputs: Iterable[tuple[str, Decimal]]) -> tuple[tuple[str, str], ...]:
    """Inputs as text."""
    return tuple((name, text(value)) for name, value in inputs)


def text(value: Decimal) -> str:
    """All digits, no exponent, no -0."""
    return format(value if value else value.copy_abs(), "f")
