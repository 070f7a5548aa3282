"""The totals engine: rules of EN 16931 by example, and what holds of every document."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from invoicing.domain.document import ZERO, DocumentInput, DocumentType, signed
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.tax import canonical
from invoicing.domain.totals import AmountOutOfRange, Computed, Totals, compute
from invoicing.money import exponent_of
from tenants.errors import InvalidInput
from tests.invoicing.domain.examples import documents, line, off, row, tax

ROUNDINGS = st.sampled_from(TaxRounding)


def document(*lines: object, **members: object) -> DocumentInput:
    return DocumentInput(currency=str(members.pop("currency", "EUR")), lines=lines, **members)  # type: ignore[arg-type]


def net(*args: object, currency: str = "EUR", **members: object) -> str:
    computed = compute(document(line(*args, **members), currency=currency))  # type: ignore[arg-type]
    return str(computed.lines[0].net_amount)


def test_prices_are_never_quantised() -> None:
    assert net("1000", "0.00049") == "0.49"
    assert net("616290", "0.061232374") == "37736.90"


def test_a_price_is_for_its_base_quantity() -> None:
    assert net("150", "49.29", per="100") == "73.94"
    assert net("1", "1", per="3") == "0.33"
    assert net("-1", "1", per="200") == "-0.01"


def test_line_allowances_and_charges_go_in_before_the_one_rounding() -> None:
    assert net("1", "10.005", allowances=(off("0.01"),)) == "10.00"
    # Rounded first, the price would be 0.01 and the line 0.00.
    assert net("1", "0.005", allowances=(off("0.01"),)) == "-0.01"


def test_an_amount_given_counts_whatever_percentage_stands_beside_it() -> None:
    assert net("1", "100", allowances=(off("7.00", percent="50", base="100"),)) == "93.00"


def test_a_percentage_is_of_its_base_or_of_the_line() -> None:
    # 3 * 33.335 is 100.005. 10 % of 100.01 is 10.00, 150 % is 150.02; 90.005 and 250.025 are rounded once.
    assert net("1", "100", allowances=(off(percent="2.5", base="850"),)) == "78.75"
    assert net("3", "33.335", allowances=(off(percent="10"),)) == "90.01"
    assert net("3", "33.335", charges=(off(percent="150"),)) == "250.03"


def test_a_percentage_on_the_document_is_of_the_lines_with_the_same_tax() -> None:
    computed = compute(
        document(
            line("1", "200", tax("19")),
            line("1", "100", tax("7")),
            allowances=(off(percent="10", key=tax("19.0")), off(percent="10", key=tax("7"))),
        )
    )
    assert computed.allowances == (Decimal("20.00"), Decimal("10.00"))
    assert computed.breakdown == (row("S", "19", "180.00", "34.20"), row("S", "7", "90.00", "6.30"))


def test_equal_rates_share_a_row_however_they_are_written() -> None:
    computed = compute(document(line("1", "1", tax("19")), line("1", "2", tax("19.00"))))
    assert computed.breakdown == (row("S", "19", "3.00", "0.57"),)
    assert str(computed.breakdown[0].rate) == "19"


def test_rates_are_spelled_plainly() -> None:
    keys = [tax("20.0"), tax("5.50"), tax(None, "E"), tax("0.00", "Z")]
    rows = compute(document(*(line("1", "1", key) for key in keys))).breakdown
    assert [str(each.rate) for each in rows] == ["20", "5.5", "0", "0"]


def test_a_rate_keeps_every_digit_wherever_it_is_spelled() -> None:
    rate = "8." + "875" * 12
    assert canonical(tax(rate)).rate == Decimal(rate)
    assert compute(document(line("1", "100", tax(rate)))).breakdown[0].rate == Decimal(rate)


def test_not_subject_to_vat_has_no_rate() -> None:
    for key in (tax(None, "O"), tax("0", "O"), tax("0.0000", "O")):
        assert compute(document(line("1", "5", key))).breakdown == (row("O", None, "5.00", "0.00"),)


def test_tax_is_rounded_per_row_or_per_line() -> None:
    lines = tuple(line("1", "0.03") for _ in range(10))
    assert str(compute(document(*lines)).totals.tax_total) == "0.06"
    assert str(compute(document(*lines), tax_rounding=TaxRounding.LINE).totals.tax_total) == "0.10"


def test_per_line_each_document_allowance_and_charge_is_rounded_on_its_own() -> None:
    members = {
        "allowances": (off("0.03", key=tax()), off("0.03", key=tax())),
        "charges": (off("0.08", key=tax()),),
    }
    computed = compute(document(line("1", "1"), **members), tax_rounding=TaxRounding.LINE)
    assert computed.breakdown == (row("S", "19", "1.02", "0.19"),)  # 0.19 - 0.01 - 0.01 + 0.02


def test_an_allowance_may_bear_a_tax_that_no_line_bears() -> None:
    computed = compute(document(line("1", "100"), allowances=(off("10", key=tax("7")),)))
    assert computed.breakdown == (row("S", "19", "100.00", "19.00"), row("S", "7", "-10.00", "-0.70"))


def test_payable_may_be_negative() -> None:
    totals = compute(
        document(line("1", "100"), prepaid_amount=Decimal("200"), rounding_amount=Decimal("0.5"))
    ).totals
    assert str(totals.payable) == "-80.50"


def test_negative_ties_round_away_from_zero() -> None:
    computed = compute(document(line("-1", "0.125"), line("-1", "2.50", tax("7"))))
    assert computed.breakdown == (row("S", "19", "-0.13", "-0.02"), row("S", "7", "-2.50", "-0.18"))


def test_a_line_of_nothing_is_zero_without_a_sign() -> None:
    computed = compute(document(line("-1", "0"), line("0", "5", tax("7")), prepaid_amount=Decimal("-0")))
    amounts = [each.net_amount for each in computed.lines] + [
        computed.totals.payable,
        computed.totals.tax_total,
    ]
    assert [str(amount) for amount in amounts] == ["0.00"] * 4


@pytest.mark.parametrize(("currency", "tax_total"), [("JPY", "19"), ("EUR", "19.00"), ("KWD", "19.000")])
def test_amounts_have_the_decimals_of_their_currency(currency: str, tax_total: str) -> None:
    computed = compute(document(line("1", "100.0000"), currency=currency, prepaid_amount=Decimal("1.0000")))
    assert str(computed.totals.tax_total) == tax_total
    assert {-value.as_tuple().exponent for value in _amounts(computed)} == {exponent_of(currency)}  # type: ignore[operator]


def test_a_credit_note_states_positive_amounts_and_lowers_the_balance() -> None:
    credit = document(line("2", "50"), line("-1", "10"), type=DocumentType.CREDIT_NOTE)
    payable = compute(credit).totals.payable
    assert str(payable) == "107.10"
    assert signed(DocumentType.CREDIT_NOTE, payable) == -payable
    assert signed(DocumentType.INVOICE, payable) == payable


def test_a_negative_credit_note_is_refused_at_its_negative_quantities() -> None:
    with pytest.raises(InvalidInput) as refusal:
        compute(document(line("1", "5"), line("-1", "10"), type=DocumentType.CREDIT_NOTE))
    assert [error.pointer for error in refusal.value.errors] == ["/lines/1/quantity"]


@pytest.mark.parametrize("text", ["1E+5000", "NaN", "sNaN", "Infinity", "1" * 1200])
def test_numbers_that_cannot_be_computed_with_are_refused(text: str) -> None:
    for broken in (line(text, "2"), line("2", "1", tax(text)), line("1", "1", allowances=(off(text),))):
        with pytest.raises((AmountOutOfRange, InvalidInput)):
            compute(document(broken, line("1", "0.1")))


@given(documents(), ROUNDINGS)
def test_the_sums_are_exact(doc: DocumentInput, tax_rounding: TaxRounding) -> None:
    computed = compute(doc, tax_rounding=tax_rounding)
    totals = computed.totals
    assert totals.sum_of_lines == sum(each.net_amount for each in computed.lines)
    assert totals.allowance_total == sum(computed.allowances)
    assert totals.charge_total == sum(computed.charges)
    assert totals.tax_exclusive == totals.sum_of_lines - totals.allowance_total + totals.charge_total
    assert totals.tax_exclusive == sum(each.taxable for each in computed.breakdown)
    assert totals.tax_total == sum(each.tax for each in computed.breakdown)
    assert totals.tax_inclusive == totals.tax_exclusive + totals.tax_total
    assert totals.payable == totals.tax_inclusive - totals.prepaid_amount + totals.rounding_amount
    assert len({(each.category, each.rate) for each in computed.breakdown}) == len(computed.breakdown)


@given(documents())
def test_each_line_and_row_is_within_half_a_unit_of_the_exact_value(doc: DocumentInput) -> None:
    computed = compute(doc)
    half = Fraction(1, 2 * 10 ** exponent_of(doc.currency))
    for given_line, amounts in zip(doc.lines, computed.lines, strict=True):
        exact = (
            Fraction(given_line.quantity)
            * Fraction(given_line.unit_price)
            / Fraction(given_line.base_quantity)
        )
        exact += sum(map(Fraction, amounts.charges)) - sum(map(Fraction, amounts.allowances))
        assert abs(Fraction(amounts.net_amount) - exact) <= half
        if abs(Fraction(amounts.net_amount) - exact) == half:
            assert abs(amounts.net_amount) > abs(exact)
    for each in computed.breakdown:
        exact = Fraction(each.taxable) * Fraction(each.rate or 0) / 100
        assert abs(Fraction(each.tax) - exact) <= half


@given(documents(), ROUNDINGS)
def test_the_opposite_document_has_the_opposite_totals(doc: DocumentInput, tax_rounding: TaxRounding) -> None:
    computed, opposite = (compute(each, tax_rounding=tax_rounding) for each in (doc, _opposite(doc)))
    assert _amounts(opposite) == [-amount for amount in _amounts(computed)]


@given(documents(), ROUNDINGS, st.randoms())
def test_the_order_of_lines_does_not_matter(
    doc: DocumentInput, tax_rounding: TaxRounding, random: object
) -> None:
    shuffled = list(doc.lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    computed = compute(doc, tax_rounding=tax_rounding)
    other = compute(replace(doc, lines=tuple(shuffled)), tax_rounding=tax_rounding)
    assert (other.totals, other.breakdown) == (computed.totals, computed.breakdown)


@given(documents(), ROUNDINGS)
def test_stating_the_computed_amounts_changes_nothing(doc: DocumentInput, tax_rounding: TaxRounding) -> None:
    computed = compute(doc, tax_rounding=tax_rounding)

    def stated(items: tuple, amounts: tuple) -> tuple:  # type: ignore[type-arg]
        return tuple(replace(item, amount=amount) for item, amount in zip(items, amounts, strict=True))

    again = replace(
        doc,
        lines=tuple(
            replace(
                each,
                allowances=stated(each.allowances, c.allowances),
                charges=stated(each.charges, c.charges),
            )
            for each, c in zip(doc.lines, computed.lines, strict=True)
        ),
        allowances=stated(doc.allowances, computed.allowances),
        charges=stated(doc.charges, computed.charges),
    )
    assert compute(again, tax_rounding=tax_rounding) == computed


@given(documents(), ROUNDINGS)
def test_amounts_always_have_the_decimals_of_the_currency(
    doc: DocumentInput, tax_rounding: TaxRounding
) -> None:
    for amount in _amounts(compute(doc, tax_rounding=tax_rounding)):
        assert amount.as_tuple().exponent == -exponent_of(doc.currency)
        assert amount or not amount.is_signed()


def _opposite(doc: DocumentInput) -> DocumentInput:
    def negated(items: tuple) -> tuple:  # type: ignore[type-arg]
        return tuple(
            replace(
                item,
                amount=None if item.amount is None else -item.amount,
                base_amount=None if item.base_amount is None else -item.base_amount,
            )
            for item in items
        )

    return replace(
        doc,
        lines=tuple(
            replace(
                each,
                quantity=-each.quantity,
                allowances=negated(each.allowances),
                charges=negated(each.charges),
            )
            for each in doc.lines
        ),
        allowances=negated(doc.allowances),
        charges=negated(doc.charges),
        prepaid_amount=-doc.prepaid_amount,
        rounding_amount=-doc.rounding_amount,
    )


def _amounts(computed: Computed) -> list[Decimal]:
    totals = [getattr(computed.totals, name) for name in Totals.__slots__]
    rows = [amount for each in computed.breakdown for amount in (each.taxable, each.tax)]
    return (
        [each.net_amount for each in computed.lines] + totals + rows + [ZERO + a for a in computed.allowances]
    )
