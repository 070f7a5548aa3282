"""Equivalence surcharge and withholdings: rows of their own."""

from dataclasses import replace
from decimal import Decimal

import pytest

from invoicing.domain.document import DocumentInput, LineInput, Withholding
from invoicing.domain.explain import explain
from invoicing.domain.further import FurtherKind
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.totals import Computed, compute
from tenants.errors import InvalidInput
from tests.invoicing.domain.examples import line, off, row, tax

IRPF = Withholding("IRPF", Decimal(15))


def surcharged(each: LineInput, rate: str = "5.2") -> LineInput:
    return replace(each, surcharge_rate=Decimal(rate))


def withheld(each: LineInput, *taxes: Withholding) -> LineInput:
    return replace(each, withholdings=taxes or (IRPF,))


def document(*lines: LineInput, **stated: object) -> DocumentInput:
    return DocumentInput(currency="EUR", lines=lines, **stated)  # type: ignore[arg-type]


def rows(computed: Computed, kind: FurtherKind) -> list[tuple[str, str, str, str]]:
    return [
        (each.key.code, str(each.key.rate), str(each.taxable), str(each.amount))
        for each in computed.further
        if each.key.kind is kind
    ]


def test_a_surcharge_is_part_of_the_tax_total_and_no_row_of_the_vat_breakdown() -> None:
    computed = compute(document(surcharged(line("1", "100", tax("21"))), line("1", "50", tax("21"))))
    assert computed.breakdown == (row("S", "21", "150.00", "31.50"),)
    assert rows(computed, FurtherKind.SURCHARGE) == [("S", "5.2", "100.00", "5.20")]
    assert (computed.totals.tax_total, computed.totals.tax_inclusive) == (Decimal("36.70"), Decimal("186.70"))
    assert computed.totals.payable == Decimal("186.70")


def test_a_withholding_lowers_what_is_payable_and_no_total_with_tax() -> None:
    computed = compute(document(withheld(line("20", "90", tax("21"), allowances=(off(percent="10"),)))))
    assert rows(computed, FurtherKind.WITHHOLDING) == [("IRPF", "15", "1620.00", "243.00")]
    totals = computed.totals
    assert (totals.tax_inclusive, totals.withheld_amount, totals.payable) == (
        Decimal("1960.20"),
        Decimal("243.00"),
        Decimal("1717.20"),
    )


def test_allowances_and_charges_that_say_so_count() -> None:
    allowance = replace(off("10", key=tax("21")), withholdings=(IRPF,), surcharge_rate=Decimal("5.2"))
    charge = off("4", key=tax("21"))
    computed = compute(
        document(
            withheld(surcharged(line("1", "100", tax("21")))), allowances=(allowance,), charges=(charge,)
        )
    )
    assert rows(computed, FurtherKind.WITHHOLDING) == [("IRPF", "15", "90.00", "13.50")]
    assert rows(computed, FurtherKind.SURCHARGE) == [("S", "5.2", "90.00", "4.68")]


def test_a_surcharge_is_rounded_as_vat_is_and_a_withholding_once() -> None:
    lines = [withheld(surcharged(line("1", "0.10", tax("21")), "5"), Withholding("IRPF", Decimal(5)))] * 3
    once = compute(document(*lines))
    per_line = compute(document(*lines), tax_rounding=TaxRounding.LINE)
    assert [rows(each, FurtherKind.SURCHARGE)[0][3] for each in (once, per_line)] == ["0.02", "0.03"]
    assert [rows(each, FurtherKind.WITHHOLDING)[0][3] for each in (once, per_line)] == ["0.02", "0.02"]


def test_a_surcharge_comes_on_top_of_prices_that_include_vat() -> None:
    stated = document(
        surcharged(line("10", "10", tax("21"))), line("1", "10", tax("21")), prices_include_tax=True
    )
    computed = compute(stated)
    assert computed.breakdown == (row("S", "21", "90.91", "19.09"),)
    assert computed.totals.tax_inclusive == Decimal("114.30")


def test_every_row_is_explained() -> None:
    stated = document(
        withheld(surcharged(line("3", "33.33", tax("21")))), line("1", "7", tax("10")), line("1", "1")
    )
    for rounding in TaxRounding:
        computed = compute(stated, tax_rounding=rounding)
        steps = {step.pointer: step for step in explain(stated, computed)}
        surcharge, withholding = computed.further
        assert steps["/totals/surcharges/0/amount"].result == str(surcharge.amount)
        assert steps["/totals/withholdings/0/amount"].result == str(withholding.amount)
        assert steps["/totals/withheld_amount"].result == str(computed.totals.withheld_amount)
        assert steps["/totals/payable"].formula.endswith("- what the buyer withholds")
        assert ("surcharge of 5.2 %", str(surcharge.amount)) in steps["/totals/tax_total"].inputs


@pytest.mark.parametrize(
    ("bad", "pointer", "code"),
    [
        (
            replace(line("1", "1", tax("0", "Z")), surcharge_rate=Decimal("5.2")),
            "surcharge_rate",
            "surcharge-without-tax",
        ),
        (surcharged(line("1", "1"), "0"), "surcharge_rate", "tax-rate-out-of-range"),
        (surcharged(line("1", "1"), "100.1"), "surcharge_rate", "tax-rate-out-of-range"),
        (withheld(line("1", "1"), IRPF, IRPF), "withholdings/1/code", "repeated"),
        (
            withheld(line("1", "1"), Withholding("IRPF", Decimal(0))),
            "withholdings/0/rate",
            "tax-rate-out-of-range",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_place(bad: LineInput, pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        compute(document(bad))
    assert [(fault.pointer, fault.code) for fault in refusal.value.errors] == [(f"/lines/0/{pointer}", code)]


@pytest.mark.parametrize(
    "lines",
    [
        [withheld(line("1", "100", tax("21"))), line("-1", "90", tax("21"))],
        [withheld(line("1", "100", tax("21"))), line("-1", "100", tax("21"))],
        [
            withheld(
                line("1", "100", tax("0", "Z")), Withholding("A", Decimal(60)), Withholding("B", Decimal(41))
            )
        ],
        [withheld(line("1", "100", tax("21"))), line("-2", "100", tax("21"))],
    ],
    ids=["above the total", "of nothing", "in two parts", "of less than nothing"],
)
def test_nobody_withholds_more_than_the_total(lines: list[LineInput]) -> None:
    with pytest.raises(InvalidInput) as refusal:
        compute(document(*lines))
    assert [(fault.pointer, fault.code) for fault in refusal.value.errors] == [
        ("/lines/0/withholdings", "withheld-above-total")
    ]


def test_all_of_a_total_may_be_withheld_and_an_invoice_below_zero_withholds_less_than_nothing() -> None:
    whole = compute(document(withheld(line("1", "100", tax("0", "Z")), Withholding("A", Decimal(100)))))
    assert whole.totals.payable == 0
    below = compute(document(withheld(line("-1", "100", tax("21")))))
    assert (below.totals.withheld_amount, below.totals.payable) == (Decimal("-15.00"), Decimal("-106.00"))
