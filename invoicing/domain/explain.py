"""How each total came about, rule by rule: the account behind `compute`, made only when asked for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Context, Decimal

from invoicing.domain.document import ONE, ZERO, AllowanceCharge, DocumentInput, LineInput, TaxKey
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.tax import CATEGORIES, canonical, tax_on
from invoicing.domain.totals import Computed, ComputedLine, TaxRow
from invoicing.money import exactly, round_amount

# For showing an unrounded quotient that does not end; nothing is computed with it.
_SHOWN = Context(prec=34)


@dataclass(frozen=True, slots=True)
class Step:
    """One amount and its rule.

    `term` is EN 16931's business term, `rule` the rule it follows, `pointer` the amount's place in the
    answer (JSON Pointer), `formula` the rule in words, `inputs` its names and values as they went in,
    in order. `unrounded` is the exact value before rounding, ending in "…" where its decimals do not
    end; `result` is the amount.
    """

    term: str
    rule: str
    pointer: str
    formula: str
    inputs: tuple[tuple[str, str], ...]
    unrounded: str
    result: str


def explain(document: DocumentInput, computed: Computed) -> list[Step]:
    """Every amount of `computed`, which must be `compute(document, …)`'s answer, from lines to payable."""
    with exactly():
        return list(_steps(document, computed))


def _steps(document: DocumentInput, computed: Computed) -> Iterator[Step]:
    for position, (line, amounts) in enumerate(zip(document.lines, computed.lines, strict=True)):
        yield from _line_steps(line, amounts, f"/lines/{position}")
    nets: dict[TaxKey, Decimal] = {}
    for line, amounts in zip(document.lines, computed.lines, strict=True):
        key = canonical(line.tax)
        nets[key] = nets.get(key, ZERO) + amounts.net_amount
    for kind, items, results in (
        ("allowances", document.allowances, computed.allowances),
        ("charges", document.charges, computed.charges),
    ):
        term = "BT-92" if kind == "allowances" else "BT-99"
        for position, (item, result) in enumerate(zip(items, results, strict=True)):
            base = nets.get(canonical(item.tax), ZERO) if item.tax else ZERO
            name = "sum of the lines that bear the same tax (BT-131)"
            yield _amount_step(item, base, name, term, f"/{kind}/{position}/amount", result)
    yield from _sum_steps(computed)
    for position, row in enumerate(computed.breakdown):
        yield from _row_steps(document, computed, row, f"/totals/breakdown/{position}")
    yield from _total_steps(document, computed)


def _line_steps(line: LineInput, computed: ComputedLine, pointer: str) -> Iterator[Step]:
    name = "quantity * price / base quantity"
    for kind, items, results, term in (
        ("allowances", line.allowances, computed.allowances, "BT-136"),
        ("charges", line.charges, computed.charges, "BT-141"),
    ):
        for position, (item, result) in enumerate(zip(items, results, strict=True)):
            amount_pointer = f"{pointer}/{kind}/{position}/amount"
            yield _amount_step(item, computed.base, name, term, amount_pointer, result)
    gross = line.quantity * line.unit_price
    added = sum(computed.charges, ZERO) - sum(computed.allowances, ZERO)
    inputs = [("quantity (BT-129)", line.quantity), ("net price (BT-146)", line.unit_price)]
    formula = "quantity * price"
    if line.base_quantity != ONE:
        inputs.append(("base quantity (BT-149)", line.base_quantity))
        formula += " / base quantity"
    for kind, amounts, sign in (("allowance", computed.allowances, "-"), ("charge", computed.charges, "+")):
        if amounts:
            formula += f" {sign} {kind}s"
            term = "BT-136" if kind == "allowance" else "BT-141"
            inputs += [(f"{kind} {n} ({term})", amount) for n, amount in enumerate(amounts, start=1)]
    yield Step(
        term="BT-131",
        rule="PEPPOL-EN16931-R120",
        pointer=f"{pointer}/net_amount",
        formula=formula,
        inputs=_shown(inputs),
        unrounded=_quotient(gross + added * line.base_quantity, line.base_quantity),
        result=_text(computed.net_amount),
    )


def _amount_step(
    item: AllowanceCharge, default_base: Decimal, base_name: str, term: str, pointer: str, result: Decimal
) -> Step:
    if item.amount is not None:
        return _step(term, "as given", pointer, "the amount given", [("amount", item.amount)], result)
    base, name = (default_base, base_name) if item.base_amount is None else (item.base_amount, "base amount")
    percent = item.percent or ZERO
    return _step(
        term,
        "PEPPOL-EN16931-R040",
        pointer,
        "base amount * percentage / 100",
        [(name, base), ("percentage", percent)],
        result,
        unrounded=(base * percent).scaleb(-2),
    )


def _sum_steps(computed: Computed) -> Iterator[Step]:
    totals = computed.totals
    nets = [(f"line {n} (BT-131)", line.net_amount) for n, line in enumerate(computed.lines, start=1)]
    yield _step("BT-106", "BR-CO-10", "/totals/sum_of_lines", "Σ line net amounts", nets, totals.sum_of_lines)
    yield _step(
        "BT-107",
        "BR-CO-11",
        "/totals/allowance_total",
        "Σ allowances on document level",
        [(f"allowance {n} (BT-92)", amount) for n, amount in enumerate(computed.allowances, start=1)],
        totals.allowance_total,
    )
    yield _step(
        "BT-108",
        "BR-CO-12",
        "/totals/charge_total",
        "Σ charges on document level",
        [(f"charge {n} (BT-99)", amount) for n, amount in enumerate(computed.charges, start=1)],
        totals.charge_total,
    )
    yield _step(
        "BT-109",
        "BR-CO-13",
        "/totals/tax_exclusive",
        "sum of lines - allowances + charges",
        [
            ("sum of lines (BT-106)", totals.sum_of_lines),
            ("allowances (BT-107)", totals.allowance_total),
            ("charges (BT-108)", totals.charge_total),
        ],
        totals.tax_exclusive,
    )


def _row_steps(document: DocumentInput, computed: Computed, row: TaxRow, pointer: str) -> Iterator[Step]:
    key = TaxKey(row.category, row.rate)
    parts = list(_taxed(document, computed, key))
    yield _step(
        "BT-116",
        CATEGORIES[row.category].taxable_rule,
        f"{pointer}/taxable",
        f"Σ lines - Σ allowances + Σ charges of {_named(key)}",
        parts,
        row.taxable,
    )
    rate = ("rate (BT-119)", row.rate or ZERO)
    if computed.tax_rounding is TaxRounding.CATEGORY:
        inputs = [("taxable amount (BT-116)", row.taxable), rate]
        unrounded = tax_on(row.taxable, key)
        yield _step(
            "BT-117",
            "BR-CO-17",
            f"{pointer}/tax",
            "taxable amount * rate / 100, rounded once",
            inputs,
            row.tax,
            unrounded=unrounded,
        )
        return
    yield _step(
        "BT-117",
        "tax rounded per line",
        f"{pointer}/tax",
        "Σ (each amount * rate / 100, rounded)",
        [rate] + [(f"tax on {name}", _tax_rounded(amount, key, document.currency)) for name, amount in parts],
        row.tax,
    )


def _taxed(document: DocumentInput, computed: Computed, key: TaxKey) -> Iterator[tuple[str, Decimal]]:
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


def _total_steps(document: DocumentInput, computed: Computed) -> Iterator[Step]:
    totals = computed.totals
    taxes = [
        (f"tax of {_named(TaxKey(row.category, row.rate))} (BT-117)", row.tax) for row in computed.breakdown
    ]
    yield _step("BT-110", "BR-CO-14", "/totals/tax_total", "Σ tax of the breakdown", taxes, totals.tax_total)
    if totals.tax_total_in_tax_currency is not None and document.exchange_rate is not None:
        yield _step(
            "BT-111",
            "BR-53",
            "/totals/tax_total_in_tax_currency",
            f"tax total * exchange rate to {document.tax_currency}",
            [("tax total (BT-110)", totals.tax_total), ("exchange rate", document.exchange_rate)],
            totals.tax_total_in_tax_currency,
            unrounded=totals.tax_total * document.exchange_rate,
        )
    yield _step(
        "BT-112",
        "BR-CO-15",
        "/totals/tax_inclusive",
        "tax exclusive + tax total",
        [("tax exclusive (BT-109)", totals.tax_exclusive), ("tax total (BT-110)", totals.tax_total)],
        totals.tax_inclusive,
    )
    yield _step(
        "BT-115",
        "BR-CO-16",
        "/totals/payable",
        "tax inclusive - prepaid + rounding amount",
        [
            ("tax inclusive (BT-112)", totals.tax_inclusive),
            ("prepaid (BT-113)", totals.prepaid_amount),
            ("rounding amount (BT-114)", totals.rounding_amount),
        ],
        totals.payable,
    )


def _step(
    term: str,
    rule: str,
    pointer: str,
    formula: str,
    inputs: Iterable[tuple[str, Decimal]],
    result: Decimal,
    *,
    unrounded: Decimal | None = None,
) -> Step:
    before = result if unrounded is None else unrounded
    return Step(term, rule, pointer, formula, _shown(inputs), _text(before), _text(result))


def _quotient(dividend: Decimal, divisor: Decimal) -> str:
    shown = _SHOWN.divide(dividend, divisor)
    return _text(shown) + ("" if shown * divisor == dividend else "…")


def _tax_rounded(amount: Decimal, key: TaxKey, currency: str) -> Decimal:
    return round_amount(tax_on(amount, key), currency)


def _named(key: TaxKey) -> str:
    return key.category if key.rate is None else f"{key.category} {_text(key.rate)} %"


def _shown(inputs: Iterable[tuple[str, Decimal]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, _text(value)) for name, value in inputs)


def _text(value: Decimal) -> str:
    return format(value if value else value.copy_abs(), "f")
