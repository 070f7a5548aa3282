"""How each total came about, rule by rule: the account behind `compute`, made only when asked for."""

from collections.abc import Iterator
from decimal import Decimal

from invoicing.domain.document import ONE, ZERO, AllowanceCharge, DocumentInput, LineInput, TaxKey
from invoicing.domain.explain_step import Step, named, quotient, shown, step, taxed, text
from invoicing.domain.explain_taxes import divided_steps, further_steps, net_steps
from invoicing.domain.further import FurtherKind
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.tax import CATEGORIES, canonical, tax_on
from invoicing.domain.totals import Computed, ComputedLine, TaxRow, Totals
from invoicing.money import exactly, round_amount


def explain(document: DocumentInput, computed: Computed) -> list[Step]:
    """Every amount of `computed`, which must be `compute(document, …)`'s answer, from lines to payable."""
    with exactly():
        return list(_steps(document, computed))


def _steps(document: DocumentInput, computed: Computed) -> Iterator[Step]:
    for position, (line, amounts) in enumerate(zip(document.lines, computed.lines, strict=True)):
        yield from _line_steps(line, amounts, f"/lines/{position}")
    if document.prices_include_tax:
        yield from net_steps(document, computed)
    else:
        yield from _document_steps(document, computed)
    yield from _sum_steps(computed)
    for position, row in enumerate(computed.breakdown):
        pointer = f"/totals/breakdown/{position}"
        if document.prices_include_tax:
            yield from divided_steps(document, computed, row, pointer)
        else:
            yield from _row_steps(document, computed, row, pointer)
    yield from further_steps(document, computed)
    yield from _total_steps(computed)


def _document_steps(document: DocumentInput, computed: Computed) -> Iterator[Step]:
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
    includes_tax = computed.gross_amount is not None
    price = "price with tax" if includes_tax else "net price (BT-146)"
    inputs = [("quantity (BT-129)", line.quantity), (price, line.unit_price)]
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
        term="gross amount" if includes_tax else "BT-131",
        rule="as entered, with tax" if includes_tax else "PEPPOL-EN16931-R120",
        pointer=f"{pointer}/gross_amount" if includes_tax else f"{pointer}/net_amount",
        formula=formula,
        inputs=shown(inputs),
        unrounded=quotient(gross + added * line.base_quantity, line.base_quantity),
        result=text(computed.gross_amount if computed.gross_amount is not None else computed.net_amount),
    )


def _amount_step(
    item: AllowanceCharge, default_base: Decimal, base_name: str, term: str, pointer: str, result: Decimal
) -> Step:
    if item.amount is not None:
        return step(term, "as given", pointer, "the amount given", [("amount", item.amount)], result)
    base, name = (default_base, base_name) if item.base_amount is None else (item.base_amount, "base amount")
    percent = item.percent or ZERO
    return step(
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
    yield step("BT-106", "BR-CO-10", "/totals/sum_of_lines", "Σ line net amounts", nets, totals.sum_of_lines)
    yield step(
        "BT-107",
        "BR-CO-11",
        "/totals/allowance_total",
        "Σ allowances on document level",
        [(f"allowance {n} (BT-92)", amount) for n, amount in enumerate(computed.allowances, start=1)],
        totals.allowance_total,
    )
    yield step(
        "BT-108",
        "BR-CO-12",
        "/totals/charge_total",
        "Σ charges on document level",
        [(f"charge {n} (BT-99)", amount) for n, amount in enumerate(computed.charges, start=1)],
        totals.charge_total,
    )
    yield step(
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
    parts = list(taxed(document, computed, key))
    yield step(
        "BT-116",
        CATEGORIES[row.category].taxable_rule,
        f"{pointer}/taxable",
        f"Σ lines - Σ allowances + Σ charges of {named(key)}",
        parts,
        row.taxable,
    )
    rate = ("rate (BT-119)", row.rate or ZERO)
    if computed.tax_rounding is TaxRounding.CATEGORY:
        inputs = [("taxable amount (BT-116)", row.taxable), rate]
        unrounded = tax_on(row.taxable, key)
        yield step(
            "BT-117",
            "BR-CO-17",
            f"{pointer}/tax",
            "taxable amount * rate / 100, rounded once",
            inputs,
            row.tax,
            unrounded=unrounded,
        )
        return
    yield step(
        "BT-117",
        "tax rounded per line",
        f"{pointer}/tax",
        "Σ (each amount * rate / 100, rounded)",
        [rate] + [(f"tax on {name}", _tax_rounded(amount, key, document.currency)) for name, amount in parts],
        row.tax,
    )


def _total_steps(computed: Computed) -> Iterator[Step]:
    totals = computed.totals
    taxes = [
        (f"tax of {named(TaxKey(row.category, row.rate))} (BT-117)", row.tax) for row in computed.breakdown
    ]
    formula = "Σ tax of the breakdown"
    surcharges = [row for row in computed.further if row.key.kind is FurtherKind.SURCHARGE]
    if surcharges:
        formula += " + Σ surcharges"
        taxes += [(f"surcharge of {text(row.key.rate)} %", row.amount) for row in surcharges]
    yield step("BT-110", "BR-CO-14", "/totals/tax_total", formula, taxes, totals.tax_total)
    yield step(
        "BT-112",
        "BR-CO-15",
        "/totals/tax_inclusive",
        "tax exclusive + tax total",
        [("tax exclusive (BT-109)", totals.tax_exclusive), ("tax total (BT-110)", totals.tax_total)],
        totals.tax_inclusive,
    )
    inputs = [
        ("tax inclusive (BT-112)", totals.tax_inclusive),
        ("prepaid (BT-113)", totals.prepaid_amount),
        ("rounding amount (BT-114)", totals.rounding_amount),
    ]
    formula = "tax inclusive - prepaid + rounding amount"
    withholdings = [row for row in computed.further if row.key.kind is FurtherKind.WITHHOLDING]
    if withholdings:
        held = [(f"{row.key.code} of {text(row.key.rate)} %", row.amount) for row in withholdings]
        formula += " - what the buyer withholds"
        inputs.append(("withheld", totals.withheld_amount))
        yield step(
            "withheld",
            "retained taxes",
            "/totals/withheld_amount",
            "Σ withholdings",
            held,
            totals.withheld_amount,
        )
    if computed.cash_step is not None:
        yield _cash_step(totals, computed.cash_step)
    yield step("BT-115", "BR-CO-16", "/totals/payable", formula, inputs, totals.payable)


def _cash_step(totals: Totals, cash_step: Decimal) -> Step:
    inputs = [
        ("tax inclusive (BT-112)", totals.tax_inclusive),
        ("prepaid (BT-113)", totals.prepaid_amount),
        ("withheld", totals.withheld_amount),
        ("step", cash_step),
    ]
    return step(
        "BT-114",
        f"cash rounding to {text(cash_step)}",
        "/rounding_amount",
        "what is left to be paid, rounded half away from zero to a multiple of the step, less what is left",
        inputs,
        totals.rounding_amount,
    )


def _tax_rounded(amount: Decimal, key: TaxKey, currency: str) -> Decimal:
    return round_amount(tax_on(amount, key), currency)
