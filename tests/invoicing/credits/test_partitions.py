"""Any credit notes that together leave nothing of an invoice are the invoice, to the last unit."""

import os
import random
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from invoicing.domain.credit_request import (
    Asked,
    CreditKind,
    ExceedsWhatIsLeft,
    LineAsked,
    NothingLeft,
    PriceNotLower,
)
from invoicing.domain.creditable import major
from invoicing.domain.crediting import NegativeCredit, taking_of
from invoicing.domain.document import AllowanceCharge, DocumentInput, LineInput, TaxKey, Withholding
from invoicing.domain.partition import half_up, part_of, split, spread, within
from invoicing.domain.rounding import TaxRounding
from tenants.errors import InvalidInput
from tests.invoicing.credits.partitions import (
    Credited,
    any_document,
    check_whole,
    credit_randomly,
    random_asked,
    random_document,
    record_of,
    taxed_further,
)

INVOICES = int(os.environ.get("CREDIT_INVOICES", "300"))
STANDARD = TaxKey("S", Decimal(19))


def an_invoice(*lines: LineInput, rounding: TaxRounding = TaxRounding.CATEGORY, **stated: object) -> Credited:
    document = DocumentInput(currency="EUR", lines=lines, **stated)  # type: ignore[arg-type]
    return Credited.of(record_of(document, rounding))


def a_line(quantity: str, price: str, tax: TaxKey = STANDARD, **more: object) -> LineInput:
    return LineInput(Decimal(quantity), Decimal(price), tax, **more)  # type: ignore[arg-type]


def lines(credited: Credited, *asked: dict[str, str | int]) -> Asked:
    """Lines by their place from 1, with what is asked of them."""
    return Asked(
        CreditKind.LINES,
        tuple(
            LineAsked(
                credited.corrected.lines[int(one["line"]) - 1].id,
                **{name: Decimal(value) for name, value in one.items() if name != "line"},
            )
            for one in asked
        ),
    )


def taxes(credited: Credited) -> list[Decimal]:
    return [note.computed.totals.tax_total for note in credited.notes]


def payables(credited: Credited) -> list[Decimal]:
    return [note.computed.totals.payable for note in credited.notes]


@pytest.mark.parametrize("seed", range(INVOICES))
def test_a_random_partition_of_a_random_invoice_is_the_invoice(seed: int) -> None:
    chance = random.Random(seed)
    try:
        document = random_document(chance)
        invoice = record_of(document, chance.choice(list(TaxRounding)))
    except InvalidInput:
        return
    credited = Credited.of(invoice)
    if invoice.totals.tax_inclusive < 0:
        with pytest.raises((NegativeCredit, ExceedsWhatIsLeft)):
            taking_of(credited.corrected, credited.left, Asked(CreditKind.FULL))
        return
    credit_randomly(chance, credited)
    if credited.notes:
        check_whole(credited)


@pytest.mark.parametrize("seed", range(INVOICES))
def test_surcharges_withholdings_and_included_tax_are_divided_exactly_too(seed: int) -> None:
    chance = random.Random(seed)
    try:
        document = taxed_further(chance, random_document(chance))
        invoice = record_of(document, chance.choice(list(TaxRounding)))
    except InvalidInput:
        return
    credited = Credited.of(invoice)
    if invoice.totals.tax_inclusive < 0:
        return
    credit_randomly(chance, credited)
    if credited.notes:
        check_whole(credited)


@pytest.mark.parametrize("seed", range(INVOICES // 3))
def test_an_invoice_that_was_rounded_for_cash_is_divided_exactly_too(seed: int) -> None:
    chance = random.Random(seed)
    document = replace(any_document(chance), rounding_amount=Decimal(0))
    step = major(chance.choice([5, 50, 100]), document.currency)
    try:
        invoice = record_of(document, chance.choice(list(TaxRounding)), cash_step=step)
    except InvalidInput:
        return
    assert invoice.totals.payable % step == 0
    if invoice.totals.tax_inclusive < 0:
        return
    credited = Credited.of(invoice)
    credit_randomly(chance, credited)
    if credited.notes:
        check_whole(credited)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_partitions_of_small_invoices_are_exact_and_counterexamples_shrink(data: st.DataObject) -> None:
    amounts = st.integers(1, 300).map(lambda units: Decimal(units).scaleb(-2))
    rates = st.sampled_from(["0", "5.5", "7", "19", "33.333"]).map(
        lambda rate: TaxKey("S" if rate != "0" else "Z", Decimal(rate))
    )
    stated = data.draw(st.lists(st.tuples(st.integers(1, 9), amounts, rates), min_size=1, max_size=4))
    keys = [key for _, _, key in stated]
    adjustments = st.lists(st.tuples(amounts, st.sampled_from(keys)), max_size=2)
    credited = an_invoice(
        *(LineInput(Decimal(quantity), price, key) for quantity, price, key in stated),
        rounding=data.draw(st.sampled_from(TaxRounding)),
        charges=tuple(AllowanceCharge(amount=amount, tax=key) for amount, key in data.draw(adjustments)),
        prepaid_amount=data.draw(st.just(Decimal(0)) | amounts),
    )
    for number in data.draw(st.lists(st.integers(0, 2**16), max_size=6)):
        if credited.left.is_nothing:
            break
        chance = random.Random(number)
        credited.credit(random_asked(chance, credited.invoice, credited.corrected, credited.left))
    if not credited.left.is_nothing:
        assert credited.credit(Asked(CreditKind.FULL))
    check_whole(credited)


@given(
    st.integers(-1000, 1000),
    st.integers(-1000, 1000),
    st.fractions(min_value=-1000, max_value=1000, max_denominator=1000),
)
def test_a_part_lies_within_what_is_left(left: int, own: int, ideal: Fraction) -> None:
    assert within(part_of(left, own=own, ideal_rest=ideal), left)
    assert part_of(left, own=own, ideal_rest=Fraction(0)) == left or not within(left, left)


@given(st.lists(st.integers(-50, 200), min_size=1, max_size=8), st.fractions(min_value=0, max_value=1))
def test_a_spread_amount_sums_exactly_and_no_part_is_above_its_own(over: list[int], share: Fraction) -> None:
    total = half_up(sum(over) * share)
    parts = spread(total, over)
    assert sum(parts) == (total if sum(over) else 0)
    assert all(within(part, whole) for part, whole in zip(parts, over, strict=True))


@given(st.integers(0, 5000), st.fractions(min_value=0, max_value=Fraction(9, 10)), st.fractions(0, 1))
def test_any_gross_amount_is_an_amount_and_its_tax(taxable: int, rate: Fraction, share: Fraction) -> None:
    tax = half_up(taxable * rate)
    gross = half_up((taxable + tax) * share)
    pair = split(gross, taxable=taxable, tax=tax, rate=rate)
    assert pair is not None
    assert sum(pair) == gross
    assert within(pair[0], taxable)
    assert within(pair[1], tax)


def test_ten_small_returns_do_not_give_back_more_tax_than_was_charged() -> None:
    # Each on its own would be 0.03 * 19 % = 0.0057, rounded 0.01; on the invoice it is 0.057, so 0.06.
    credited = an_invoice(a_line("10", "0.03"))
    for _ in range(10):
        assert credited.credit(lines(credited, {"line": 1, "quantity": "1"}))
    assert sum(taxes(credited)) == Decimal("0.06")
    assert set(taxes(credited)) == {Decimal("0.00"), Decimal("0.01")}
    check_whole(credited)


def test_a_thousand_returns_leave_no_pile_of_cents_to_the_last() -> None:
    credited = an_invoice(a_line("1000", "33.333"))
    for _ in range(1000):
        assert credited.credit(lines(credited, {"line": 1, "quantity": "1"}))
    nets = {note.computed.totals.sum_of_lines for note in credited.notes}
    assert nets == {Decimal("33.33"), Decimal("33.34")}
    assert max(taxes(credited)) - min(taxes(credited)) <= Decimal("0.02")
    check_whole(credited)


def test_the_last_of_three_thirds_takes_the_residual() -> None:
    credited = an_invoice(a_line("3", "33.3333", TaxKey("Z", Decimal(0))))
    for _ in range(3):
        credited.credit(lines(credited, {"line": 1, "quantity": "1"}))
    assert [note.computed.totals.payable for note in credited.notes] == [
        Decimal("33.33"),
        Decimal("33.33"),
        Decimal("33.34"),
    ]


def test_a_line_is_not_credited_twice() -> None:
    credited = an_invoice(a_line("2", "10"), a_line("1", "5"))
    assert credited.credit(lines(credited, {"line": 1}))
    with pytest.raises(ExceedsWhatIsLeft):
        taking_of(credited.corrected, credited.left, lines(credited, {"line": 1, "quantity": "1"}))
    with pytest.raises(ExceedsWhatIsLeft):
        taking_of(credited.corrected, credited.left, lines(credited, {"line": 2, "amount": "5.01"}))


def test_each_line_is_a_limit_of_its_own_where_the_row_has_room() -> None:
    credited = an_invoice(a_line("2", "10"), a_line("1", "5"))
    beyond: list[dict[str, str | int]] = [
        {"line": 2, "amount": "5.01"},
        {"line": 2, "amount": "-1"},
        {"line": 2, "quantity": "1.5"},
    ]
    for asked in beyond:
        with pytest.raises(ExceedsWhatIsLeft):
            taking_of(credited.corrected, credited.left, lines(credited, asked))


def test_nothing_is_left_of_what_was_credited_in_full() -> None:
    credited = an_invoice(a_line("2", "10"))
    assert credited.credit(Asked(CreditKind.FULL))
    for asked in (Asked(CreditKind.FULL), Asked(CreditKind.AMOUNT, amount=Decimal(1))):
        with pytest.raises(NothingLeft):
            taking_of(credited.corrected, credited.left, asked)


def test_a_document_allowance_goes_with_the_lines_it_lowered() -> None:
    ten_off = AllowanceCharge(amount=Decimal(30), tax=STANDARD)
    credited = an_invoice(a_line("1", "100"), a_line("1", "200"), allowances=(ten_off,))
    credited.credit(lines(credited, {"line": 1}))
    totals = credited.notes[0].computed.totals
    assert (totals.allowance_total, totals.tax_exclusive, totals.tax_total) == (
        Decimal("10.00"),
        Decimal("90.00"),
        Decimal("17.10"),
    )
    credited.credit(lines(credited, {"line": 2}))
    check_whole(credited)


def test_a_price_correction_is_the_difference_on_what_was_kept() -> None:
    credited = an_invoice(a_line("10", "10"))
    credited.credit(lines(credited, {"line": 1, "quantity": "4"}))
    credited.credit(lines(credited, {"line": 1, "unit_price": "7"}))
    note = credited.notes[1]
    (line,) = note.document.lines
    assert (line.quantity, line.unit_price) == (Decimal(6), Decimal(3))
    assert note.computed.totals.sum_of_lines == Decimal("18.00")
    credited.credit(lines(credited, {"line": 1, "quantity": "1"}))
    assert credited.notes[2].computed.totals.sum_of_lines == Decimal("7.00")
    with pytest.raises(PriceNotLower):
        taking_of(credited.corrected, credited.left, lines(credited, {"line": 1, "unit_price": "7"}))


def test_goodwill_is_the_amount_with_tax_over_all_rates() -> None:
    reduced = TaxKey("S", Decimal(7))
    credited = an_invoice(a_line("1", "100"), a_line("1", "50", reduced))
    credited.credit(Asked(CreditKind.AMOUNT, amount=Decimal("20.01")))
    note = credited.notes[0].computed
    assert note.totals.payable == Decimal("20.01")
    assert [row.rate for row in note.breakdown] == [19, 7]
    credited.credit(Asked(CreditKind.FULL))
    check_whole(credited)


def test_what_is_still_payable_is_credited_before_what_was_prepaid() -> None:
    credited = an_invoice(a_line("2", "50"), prepaid_amount=Decimal(50))
    credited.credit(lines(credited, {"line": 1, "quantity": "1"}))
    assert payables(credited) == [Decimal("59.50")]
    credited.credit(Asked(CreditKind.FULL))
    assert payables(credited) == [Decimal("59.50"), Decimal("9.50")]
    check_whole(credited)


def test_the_rounding_amount_goes_with_the_last_or_with_what_exceeds_the_payable() -> None:
    credited = an_invoice(a_line("2", "50"), rounding_amount=Decimal("-0.02"))
    credited.credit(Asked(CreditKind.AMOUNT, amount=Decimal("118.99")))
    assert credited.notes[0].computed.totals.rounding_amount == Decimal("-0.01")
    credited.credit(Asked(CreditKind.FULL))
    assert credited.left.rounding == 0
    check_whole(credited)


def test_a_credit_note_does_not_withhold_more_than_it_gives_back() -> None:
    held = (Withholding("IRPF", Decimal(40)),)
    credited = an_invoice(a_line("1", "100", withholdings=held), a_line("-1", "60"), a_line("1", "50"))
    claim = lines(credited, {"line": 1, "amount": "60"}, {"line": 2})
    with pytest.raises(NegativeCredit):
        taking_of(credited.corrected, credited.left, claim)
    too_much = lines(credited, {"line": 1, "amount": "40"}, {"line": 3})
    with pytest.raises(ExceedsWhatIsLeft):
        taking_of(credited.corrected, credited.left, too_much)
    assert credited.credit(Asked(CreditKind.FULL))
    check_whole(credited)


def test_a_line_that_takes_something_off_is_not_credited_alone() -> None:
    credited = an_invoice(a_line("1", "100"), a_line("-1", "10"))
    with pytest.raises(NegativeCredit):
        taking_of(credited.corrected, credited.left, lines(credited, {"line": 2}))
    with pytest.raises(ExceedsWhatIsLeft, match="S 19 %"):
        taking_of(credited.corrected, credited.left, lines(credited, {"line": 1}))
    assert credited.credit(lines(credited, {"line": 1}, {"line": 2}))
    check_whole(credited)


def test_a_row_that_a_void_left_askew_is_closed_by_the_last() -> None:
    credited = an_invoice(a_line("10", "0.03"))
    for _ in range(4):
        credited.credit(lines(credited, {"line": 1, "quantity": "1"}))
    voided = replace(credited.left, rows={STANDARD: replace(credited.left.rows[STANDARD], tax=6)})
    taking = taking_of(credited.corrected, voided, Asked(CreditKind.FULL))
    assert [row.tax for row in taking.rows] == [6]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ((), "required"),
        (({"line": 1, "quantity": "1", "amount": "1"},), "contradiction"),
        (({"line": 1, "amount": "1.001"},), "too-many-decimals"),
        (({"line": 1, "quantity": "0"},), "nothing-asked"),
        (({"line": 1}, {"line": 1}), "repeated"),
    ],
)
def test_what_contradicts_itself_is_refused(asked: tuple[dict[str, str | int], ...], code: str) -> None:
    credited = an_invoice(a_line("2", "10"))
    with pytest.raises(InvalidInput) as refusal:
        taking_of(credited.corrected, credited.left, lines(credited, *asked))
    assert [fault.code for fault in refusal.value.errors] == [code]
