"""Prices that include VAT: what was entered is what is paid, to the last unit."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.document import DocumentInput
from invoicing.domain.explain import explain
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.totals import compute
from invoicing.money import round_amount
from tests.invoicing.domain.examples import documents, line, off, row, tax

roundings = pytest.mark.parametrize("rounding", TaxRounding)


def included(*lines: object, **stated: object) -> DocumentInput:
    return DocumentInput(currency="EUR", lines=lines, prices_include_tax=True, **stated)  # type: ignore[arg-type]


@given(documents(), st.sampled_from(TaxRounding))
def test_the_total_is_what_was_entered(document: DocumentInput, rounding: TaxRounding) -> None:
    without = compute(document, tax_rounding=rounding)
    computed = compute(replace(document, prices_include_tax=True), tax_rounding=rounding)
    assert computed.totals.tax_inclusive == without.totals.tax_exclusive
    assert [each.gross_amount for each in computed.lines] == [each.net_amount for each in without.lines]
    totals = computed.totals
    assert totals.sum_of_lines == sum(each.net_amount for each in computed.lines)
    assert totals.tax_exclusive == totals.sum_of_lines - totals.allowance_total + totals.charge_total
    assert totals.tax_exclusive == sum(each.taxable for each in computed.breakdown)
    assert totals.tax_total == sum(each.tax for each in computed.breakdown)


@given(documents(), st.sampled_from(TaxRounding))
def test_no_net_amount_is_a_whole_unit_off(document: DocumentInput, rounding: TaxRounding) -> None:
    document = replace(document, prices_include_tax=True)
    computed = compute(document, tax_rounding=rounding)
    unit = round_amount(Decimal(1), document.currency).scaleb(0)
    step = Decimal(1).scaleb(unit.as_tuple().exponent)  # type: ignore[arg-type]
    for each, amounts in zip(document.lines, computed.lines, strict=True):
        rate = computed_rate(each.tax.rate)
        exact = (amounts.gross_amount or Decimal(0)) * 100 / (100 + rate)
        assert abs(amounts.net_amount - exact) < step + Decimal("1e-9")


def computed_rate(rate: Decimal | None) -> Decimal:
    return rate or Decimal(0)


@given(documents(), st.sampled_from(TaxRounding))
def test_every_amount_is_explained(document: DocumentInput, rounding: TaxRounding) -> None:
    document = replace(document, prices_include_tax=True)
    computed = compute(document, tax_rounding=rounding)
    steps = {step.pointer: step for step in explain(document, computed)}
    for n, each in enumerate(computed.lines):
        assert steps[f"/lines/{n}/net_amount"].result == f"{each.net_amount:f}"
        assert steps[f"/lines/{n}/gross_amount"].result == f"{each.gross_amount:f}"
    for n, amount in enumerate(computed.allowances):
        assert steps[f"/allowances/{n}/amount"].result == f"{amount:f}"
    for n, each_row in enumerate(computed.breakdown):
        assert steps[f"/totals/breakdown/{n}/tax"].result == f"{each_row.tax:f}"
        assert steps[f"/totals/breakdown/{n}/taxable"].result == f"{each_row.taxable:f}"


def test_the_residual_goes_to_the_line_that_rounding_down_takes_most_from() -> None:
    computed = compute(included(line("1", "10", tax("21")), line("1", "100", tax("21"))))
    assert computed.breakdown == (row("S", "21", "90.91", "19.09"),)
    # 8.2644… and 82.6446…: rounded down they leave one cent of 90.91 to the second.
    assert [each.net_amount for each in computed.lines] == [Decimal("8.26"), Decimal("82.65")]


def test_of_equal_lines_the_earlier_ones_take_the_residual() -> None:
    computed = compute(included(*[line("1", "0.99")] * 3))
    assert computed.breakdown == (row("S", "19", "2.50", "0.47"),)
    assert [str(each.net_amount) for each in computed.lines] == ["0.84", "0.83", "0.83"]


def test_a_gross_amount_that_no_net_amount_leads_to_keeps_its_total() -> None:
    computed = compute(included(line("1", "0.03")))
    assert (computed.totals.tax_exclusive, computed.totals.tax_total) == (Decimal("0.03"), Decimal("0.00"))
    computed = compute(included(line("1", "0.04")))
    assert (computed.totals.tax_exclusive, computed.totals.tax_total) == (Decimal("0.03"), Decimal("0.01"))


def test_allowances_and_charges_of_the_document_include_tax_as_well() -> None:
    computed = compute(
        included(
            line("1", "119"), allowances=(off(percent="10", key=tax()),), charges=(off("5.95", key=tax()),)
        )
    )
    assert (computed.allowances, computed.charges) == ((Decimal("10.00"),), (Decimal("5.00"),))
    assert computed.totals.tax_inclusive == Decimal("113.05")
    assert computed.breakdown == (row("S", "19", "95.00", "18.05"),)


def test_tax_rounded_per_line_divides_each_line_by_itself() -> None:
    computed = compute(included(*[line("1", "0.99")] * 3), tax_rounding=TaxRounding.LINE)
    assert [str(each.net_amount) for each in computed.lines] == ["0.83", "0.83", "0.83"]
    assert computed.breakdown == (row("S", "19", "2.49", "0.48"),)
