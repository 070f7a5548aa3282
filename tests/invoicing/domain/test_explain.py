"""The account of how each total came about."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.document import DocumentInput
from invoicing.domain.explain import explain
from invoicing.domain.explain_step import Step
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.totals import compute
from invoicing.money import round_amount
from tests.invoicing.domain.examples import documents, line, off, tax

DOCUMENT = DocumentInput(
    currency="EUR",
    lines=(
        line("2", "10", per="3", allowances=(off(percent="10"),)),
        line("1", "0.05", tax("7")),
    ),
    charges=(off("1.00", key=tax()),),
    prepaid_amount=Decimal("2"),
)


def steps_of(document: DocumentInput, tax_rounding: TaxRounding = TaxRounding.CATEGORY) -> dict[str, Step]:
    computed = compute(document, tax_rounding=tax_rounding)
    return {step.pointer: step for step in explain(document, computed)}


def test_a_line_names_its_inputs_and_its_exact_value() -> None:
    steps = steps_of(DOCUMENT)
    assert steps["/lines/0/allowances/0/amount"] == Step(
        term="BT-136",
        rule="PEPPOL-EN16931-R040",
        pointer="/lines/0/allowances/0/amount",
        formula="base amount * percentage / 100",
        inputs=(("quantity * price / base quantity", "6.67"), ("percentage", "10")),
        unrounded="0.6670",
        result="0.67",
    )
    net = steps["/lines/0/net_amount"]
    assert net.formula == "quantity * price / base quantity - allowances"
    assert net.unrounded.startswith("5.99666666")
    assert net.unrounded.endswith("6667…")
    assert net.result == "6.00"


def test_totals_name_their_rules() -> None:
    steps = steps_of(DOCUMENT)
    rules = {step.term: step.rule for step in steps.values()}
    assert rules["BT-106"] == "BR-CO-10"
    assert rules["BT-116"] == "BR-S-8"
    assert rules["BT-115"] == "BR-CO-16"
    assert steps["/totals/breakdown/0/tax"].unrounded == "1.3300"


def test_tax_per_line_is_explained_per_line() -> None:
    step = steps_of(DOCUMENT, TaxRounding.LINE)["/totals/breakdown/0/tax"]
    assert step.inputs == (
        ("rate (BT-119)", "19"),
        ("tax on line 1 (BT-131)", "1.14"),
        ("tax on charge 1 (BT-99)", "0.19"),
    )
    assert step.result == "1.33"


@given(documents(), st.sampled_from(TaxRounding))
def test_every_step_leads_from_its_exact_value_to_its_result(
    document: DocumentInput, tax_rounding: TaxRounding
) -> None:
    for step in explain(document, compute(document, tax_rounding=tax_rounding)):
        exact = Decimal(step.unrounded.removesuffix("…"))
        assert str(round_amount(exact, document.currency)) == step.result
        assert "E" not in step.result


@given(documents(), st.sampled_from(TaxRounding))
def test_no_amount_goes_unexplained(document: DocumentInput, tax_rounding: TaxRounding) -> None:
    items = document.allowances + document.charges
    items += tuple(item for each in document.lines for item in each.allowances + each.charges)
    computed = compute(document, tax_rounding=tax_rounding)
    expected = len(document.lines) + len(items) + 2 * len(computed.breakdown) + 7
    pointers = [step.pointer for step in explain(document, computed)]
    assert len(pointers) == len(set(pointers)) == expected
