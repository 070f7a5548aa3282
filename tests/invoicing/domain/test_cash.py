"""Cash rounding: what is left to be paid becomes a multiple of the step, and nothing else moves."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.cash import rounding_of, settled_steps, steps_from_json
from invoicing.domain.document import ZERO, DocumentInput, DocumentType, Withholding
from invoicing.domain.explain import explain
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.totals import compute
from invoicing.money import exactly, exponent_of
from tenants.errors import FieldError, InvalidInput
from tests.invoicing.domain.examples import documents, line, tax

STEPS = {"CHF": Decimal("0.05"), "EUR": Decimal("0.05"), "SEK": Decimal(1), "DKK": Decimal("0.50")}


def of(price: str, currency: str = "CHF", **members: object) -> DocumentInput:
    return DocumentInput(currency=currency, lines=(line("1", price, tax("0", "Z")),), **members)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("currency", "due", "rounding"),
    [
        ("CHF", "10.02", "-0.02"),
        ("CHF", "10.03", "0.02"),
        ("CHF", "10.05", "0.00"),
        ("SEK", "10.49", "-0.49"),
        ("SEK", "10.50", "0.50"),
        ("SEK", "-10.50", "-0.50"),
        ("DKK", "10.24", "-0.24"),
        ("DKK", "10.25", "0.25"),
        ("DKK", "-10.25", "-0.25"),
        ("DKK", "-10.24", "0.24"),
        ("DKK", "-0.01", "0.01"),
    ],
)
def test_a_tie_goes_away_from_zero(currency: str, due: str, rounding: str) -> None:
    assert str(rounding_of(Decimal(due), STEPS[currency], currency)) == rounding


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6), st.sampled_from(["EUR", "JPY", "KWD", "UYW"]))
def test_any_amount_becomes_the_nearest_multiple(units: int, step_units: int, currency: str) -> None:
    with exactly():
        due, step = (Decimal(count).scaleb(-exponent_of(currency)) for count in (units, step_units))
        rounding = rounding_of(due, step, currency)
        assert (due + rounding) % step == 0
        assert abs(rounding) * 2 <= step
        if abs(rounding) * 2 == step:
            assert abs(due + rounding) > abs(due)
        assert rounding_of(-due, step, currency) == -rounding
        assert rounding_of(due + rounding, step, currency) == 0
        assert rounding.as_tuple().exponent == -exponent_of(currency)
        assert rounding or not rounding.is_signed()


@given(documents(), st.integers(1, 5000), st.sampled_from(TaxRounding))
def test_only_the_rounding_amount_and_the_payable_of_a_document_move(
    document: DocumentInput, units: int, tax_rounding: TaxRounding
) -> None:
    unrounded = replace(document, rounding_amount=ZERO)
    with exactly():
        step = Decimal(units).scaleb(-exponent_of(document.currency))
    before = compute(unrounded, tax_rounding=tax_rounding)
    after = compute(unrounded, tax_rounding=tax_rounding, cash_steps={document.currency: step})
    with exactly():
        assert after.totals.payable % step == 0
        assert after.totals.rounding_amount == after.totals.payable - before.totals.payable
    kept = {"rounding_amount": before.totals.rounding_amount, "payable": before.totals.payable}
    assert replace(after, cash_step=None, totals=replace(after.totals, **kept)) == before


def test_what_is_prepaid_and_withheld_comes_off_first() -> None:
    held = replace(line("1", "100.33", tax("0", "Z")), withholdings=(Withholding("IRPF", Decimal(15)),))
    document = DocumentInput(currency="EUR", lines=(held,), prepaid_amount=Decimal("10.01"))
    totals = compute(document, cash_steps=STEPS).totals
    assert (totals.withheld_amount, totals.prepaid_amount) == (Decimal("15.05"), Decimal("10.01"))
    assert (totals.rounding_amount, totals.payable) == (Decimal("-0.02"), Decimal("75.25"))


def test_a_document_follows_the_setting_or_says_otherwise() -> None:
    assert compute(of("10.02"), cash_steps=STEPS).totals.payable == Decimal("10.00")
    assert compute(of("10.02", cash_rounding=True), cash_steps=STEPS).totals.payable == Decimal("10.00")
    for kept in (of("10.02", cash_rounding=False), of("10.02", "USD")):
        computed = compute(kept, cash_steps=STEPS)
        assert (computed.totals.payable, computed.cash_step) == (Decimal("10.02"), None)
    credit = compute(of("10.03", type=DocumentType.CREDIT_NOTE), cash_steps=STEPS)
    assert (credit.totals.rounding_amount, credit.totals.payable) == (Decimal("0.02"), Decimal("10.05"))


@pytest.mark.parametrize(
    ("document", "pointer", "code"),
    [
        (of("1", "USD", cash_rounding=True), "/cash_rounding", "no-cash-rounding"),
        (
            of("1", cash_rounding=True, rounding_amount=Decimal("0.01")),
            "/rounding_amount",
            "rounded-for-cash",
        ),
        (of("1", rounding_amount=Decimal("0.01")), "/rounding_amount", "rounded-for-cash"),
        (of("1", "XXX", cash_rounding=True), "/currency", "unknown-currency"),
    ],
)
def test_what_contradicts_the_setting_is_refused(document: DocumentInput, pointer: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        compute(document, cash_steps=STEPS)
    assert [(fault.pointer, fault.code) for fault in refusal.value.errors] == [(pointer, code)]


def test_a_stated_rounding_amount_stands_where_cash_rounding_is_off() -> None:
    stated = of("10.02", cash_rounding=False, rounding_amount=Decimal("0.01"))
    assert compute(stated, cash_steps=STEPS).totals.payable == Decimal("10.03")


def test_the_account_names_the_rule_and_the_step() -> None:
    document = of("10.03", prepaid_amount=Decimal("1"))
    steps = explain(document, compute(document, cash_steps=STEPS))
    (step,) = [step for step in steps if step.term == "BT-114"]
    assert (step.rule, step.pointer, step.result) == ("cash rounding to 0.05", "/rounding_amount", "0.02")
    assert dict(step.inputs)["step"] == "0.05"
    assert steps.index(step) == len(steps) - 2
    assert not [one for one in explain(of("1"), compute(of("1"))) if one.term == "BT-114"]


def test_a_setting_is_kept_by_currency_with_the_currencys_decimals() -> None:
    faults: list[FieldError] = []
    stated = {"SEK": Decimal(1), "CHF": "0.05", "JPY": Decimal("5.0"), "EUR": None}
    kept = settled_steps(stated, faults)
    assert kept == {"CHF": "0.05", "JPY": "5", "SEK": "1.00"}
    assert steps_from_json(kept)["SEK"] == 1
    assert settled_steps(kept, faults) == kept
    assert settled_steps({"EUR": None}, faults) is None
    assert settled_steps(None, faults) is None
    assert faults == []


@pytest.mark.parametrize(
    ("stated", "pointer", "code"),
    [
        ({"CHF": Decimal(0)}, "/cash_rounding/CHF", "not-positive"),
        ({"CHF": Decimal("-0.05")}, "/cash_rounding/CHF", "not-positive"),
        ({"CHF": Decimal("0.025")}, "/cash_rounding/CHF", "too-many-decimals"),
        ({"JPY": Decimal("0.5")}, "/cash_rounding/JPY", "too-many-decimals"),
        ({"QQQ": Decimal(1), "chf": None}, "/cash_rounding", "unknown-currency"),
    ],
)
def test_a_step_is_a_positive_multiple_of_the_minor_unit(
    stated: dict[str, Decimal | None], pointer: str, code: str
) -> None:
    faults: list[FieldError] = []
    settled_steps({**stated, "SEK": Decimal(1)}, faults)
    assert [(fault.pointer, fault.code) for fault in faults] == [(pointer, code)]
