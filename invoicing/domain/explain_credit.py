"""How the amounts of a credit note came about that takes a part of its invoice: the residual shown."""

from collections.abc import Iterator
from decimal import Decimal

from invoicing.domain.credit_stored import taking_from_json
from invoicing.domain.creditable import RowTaking, Taking, major
from invoicing.domain.document import TaxKey
from invoicing.domain.explain_step import Step
from invoicing.domain.further import FurtherKind, order
from invoicing.domain.record import InvoiceRecord
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.tax import breakdown_order, tax_on
from invoicing.money import exactly

_RESIDUAL = "EN 16931 BR-CO-17, residual of the invoice"


def explain_credit(record: InvoiceRecord) -> list[Step]:
    """Every amount of a credit note that corrects an invoice, in the order of `explain`."""
    if record.corrects is None:
        raise ValueError("the document corrects no invoice")
    taking = taking_from_json(record.corrects.correction)
    with exactly():
        return [
            *_lines(record, taking),
            *_adjustments(record),
            *_sums(record),
            *_rows(record, taking),
            *_further(record, taking),
            *_totals(record),
        ]


def _lines(record: InvoiceRecord, taking: Taking) -> Iterator[Step]:
    for position, (line, taken) in enumerate(zip(record.lines, taking.lines, strict=True)):
        inputs = [
            ("corrected line", f"{taken.index + 1} of {_of(record)}"),
            ("quantity taken back (BT-129)", "none" if taken.quantity is None else _text(taken.quantity)),
        ]
        if taken.cut is not None:
            inputs.append(("quantity with a lower price", _text(taken.cut[0])))
            inputs.append(("price lowered by", _text(taken.cut[1])))
        formula = "the amount credited of the line"
        if taken.quantity is not None:
            formula = "quantity * value of each, moved so that the line's credit notes sum to it"
        elif taken.cut is not None:
            formula = "quantity * price difference"
        net = _text(line.net_amount)
        yield Step(
            "BT-131", "PEPPOL-EN16931-R120", f"/lines/{position}/net_amount", formula, tuple(inputs), net, net
        )


def _adjustments(record: InvoiceRecord) -> Iterator[Step]:
    for kind, term, amounts in (
        ("allowances", "BT-92", record.allowance_amounts),
        ("charges", "BT-99", record.charge_amounts),
    ):
        for position, amount in enumerate(amounts):
            formula = f"share of the invoice's {kind[:-1]} that goes with what is credited"
            yield _plain(
                term, "in proportion to the lines", f"/{kind}/{position}/amount", formula, [], amount
            )


def _sums(record: InvoiceRecord) -> Iterator[Step]:
    totals = record.totals
    nets = [(f"line {n} (BT-131)", line.net_amount) for n, line in enumerate(record.lines, start=1)]
    yield _plain(
        "BT-106", "BR-CO-10", "/totals/sum_of_lines", "Σ line net amounts", nets, totals.sum_of_lines
    )
    taken_off = [(f"allowance {n} (BT-92)", one) for n, one in enumerate(record.allowance_amounts, start=1)]
    formula = "Σ allowances on document level"
    yield _plain("BT-107", "BR-CO-11", "/totals/allowance_total", formula, taken_off, totals.allowance_total)
    added = [(f"charge {n} (BT-99)", one) for n, one in enumerate(record.charge_amounts, start=1)]
    formula = "Σ charges on document level"
    yield _plain("BT-108", "BR-CO-12", "/totals/charge_total", formula, added, totals.charge_total)
    yield _plain(
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


def _rows(record: InvoiceRecord, taking: Taking) -> Iterator[Step]:
    rows = sorted(taking.rows, key=lambda row: breakdown_order(row.key))
    for position, row in enumerate(rows):
        yield from _row(record, row, f"/totals/breakdown/{position}")


def _row(record: InvoiceRecord, row: RowTaking, pointer: str) -> Iterator[Step]:
    def amount(units: int) -> str:
        return _text(major(units, record.currency))

    taxable, tax, own = amount(row.taxable), amount(row.tax), amount(row.own_tax)
    yield Step(
        "BT-116",
        "part of the invoice's row",
        f"{pointer}/taxable",
        "Σ lines - Σ allowances + Σ charges of this tax",
        (("left of the invoice's taxable amount", amount(row.left.taxable)),),
        taxable,
        taxable,
    )
    per = "per line" if record.tax_rounding is TaxRounding.LINE else "once"
    inputs = [
        ("taxable amount (BT-116)", taxable),
        ("rate (BT-119)", _text(row.key.rate or Decimal(0))),
        (f"tax on it alone, rounded {per}", own),
        ("left of the invoice's tax before", amount(row.left.tax)),
        ("left of it after", amount(row.left.tax - row.tax)),
    ]
    formula = f"taxable amount * rate / 100, rounded {per}"
    if row.taxable == row.left.taxable:
        formula = "all that is left of the invoice's tax: the last one takes the residual"
    elif row.tax != row.own_tax:
        formula += ", moved so that the tax left stays within one unit of the tax on what is left"
    unrounded = tax_on(major(row.taxable, record.currency), row.key)
    yield Step("BT-117", _RESIDUAL, f"{pointer}/tax", formula, tuple(inputs), _text(unrounded), tax)


def _further(record: InvoiceRecord, taking: Taking) -> Iterator[Step]:
    places = dict.fromkeys(FurtherKind, 0)
    for one in sorted(taking.further, key=lambda one: order(one.key)):
        pointer = f"/totals/{one.key.kind.value}s/{places[one.key.kind]}"
        places[one.key.kind] += 1
        taxable = _text(major(one.taxable, record.currency))
        yield Step(
            one.key.kind.value,
            "part of the invoice's row",
            f"{pointer}/taxable",
            "Σ credited amounts that bear it",
            (("left of the invoice's taxable amount", _text(major(one.left.taxable, record.currency))),),
            taxable,
            taxable,
        )
        inputs = (
            ("taxable amount", taxable),
            ("rate", _text(one.key.rate)),
            ("on it alone, rounded once", _text(major(one.own_tax, record.currency))),
            ("left of the invoice's before", _text(major(one.left.tax, record.currency))),
            ("left of it after", _text(major(one.left.tax - one.tax, record.currency))),
        )
        formula = f"{one.key.kind.value} on the taxable amount, the last one takes the residual"
        unrounded = tax_on(major(one.taxable, record.currency), TaxKey(one.key.code, one.key.rate))
        result = _text(major(one.tax, record.currency))
        yield Step(
            one.key.kind.value, _RESIDUAL, f"{pointer}/amount", formula, inputs, _text(unrounded), result
        )


def _totals(record: InvoiceRecord) -> Iterator[Step]:
    totals = record.totals
    taxes = [
        (f"tax of {row.category} {_text(row.rate or Decimal(0))} % (BT-117)", row.tax)
        for row in record.breakdown
    ]
    taxes += [
        (f"surcharge of {_text(row.key.rate)} %", row.amount)
        for row in record.further
        if row.key.kind is FurtherKind.SURCHARGE
    ]
    yield _plain("BT-110", "BR-CO-14", "/totals/tax_total", "Σ tax of the breakdown", taxes, totals.tax_total)
    yield _plain(
        "BT-112",
        "BR-CO-15",
        "/totals/tax_inclusive",
        "tax exclusive + tax total",
        [("tax exclusive (BT-109)", totals.tax_exclusive), ("tax total (BT-110)", totals.tax_total)],
        totals.tax_inclusive,
    )
    held = [
        (f"{row.key.code} of {_text(row.key.rate)} %", row.amount)
        for row in record.further
        if row.key.kind is FurtherKind.WITHHOLDING
    ]
    formula = "tax inclusive - prepaid + rounding amount"
    if held:
        formula += " - what the buyer withholds"
        yield _plain(
            "withheld",
            "retained taxes",
            "/totals/withheld_amount",
            "Σ withholdings",
            held,
            totals.withheld_amount,
        )
    yield _plain(
        "BT-115",
        "BR-CO-16",
        "/totals/payable",
        f"{formula}; what is still payable is credited first",
        [
            ("tax inclusive (BT-112)", totals.tax_inclusive),
            ("prepaid (BT-113)", totals.prepaid_amount),
            ("rounding amount (BT-114)", totals.rounding_amount),
            *([("withheld", totals.withheld_amount)] if totals.withheld_amount else []),
        ],
        totals.payable,
    )


def _plain(
    term: str, rule: str, pointer: str, formula: str, inputs: list[tuple[str, Decimal]], result: Decimal
) -> Step:
    shown = tuple((name, _text(value)) for name, value in inputs)
    return Step(term, rule, pointer, formula, shown, _text(result), _text(result))


def _of(record: InvoiceRecord) -> str:
    return (record.corrects and record.corrects.number) or "its invoice"


def _text(value: Decimal) -> str:
    return format(value if value else value.copy_abs(), "f")
