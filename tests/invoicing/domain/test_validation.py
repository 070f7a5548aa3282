"""What a document must not say, and where the refusal points."""

from dataclasses import replace
from decimal import Decimal

import pytest

from invoicing.domain.document import DocumentInput, LineInput
from invoicing.domain.totals import compute
from tenants.errors import InvalidInput
from tests.invoicing.domain.examples import line, off, tax

GOOD = DocumentInput(currency="EUR", lines=(line("1", "10"),))


def faults(document: DocumentInput) -> list[tuple[str, str]]:
    try:
        compute(document)
    except InvalidInput as refusal:
        return [(error.pointer, error.code) for error in refusal.errors]
    return []


@pytest.mark.parametrize(
    ("bad", "pointer", "code"),
    [
        (line("1", "-1"), "/lines/1/unit_price", "negative-price"),
        (line("1", "1", per="0"), "/lines/1/base_quantity", "not-positive"),
        (line("1", "1", per="-3"), "/lines/1/base_quantity", "not-positive"),
        (line("1", "1", tax("19", "X")), "/lines/1/tax/category", "unknown-tax-category"),
        (line("1", "1", tax("19", "s")), "/lines/1/tax/category", "unknown-tax-category"),
        (line("1", "1", tax(None, "S")), "/lines/1/tax/rate", "tax-rate-required"),
        (line("1", "1", tax("-1", "S")), "/lines/1/tax/rate", "tax-rate-out-of-range"),
        (line("1", "1", tax("1900", "S")), "/lines/1/tax/rate", "tax-rate-out-of-range"),
        (line("1", "1", tax("19", "E")), "/lines/1/tax/rate", "tax-rate-not-zero"),
        (line("1", "1", tax("7", "AE")), "/lines/1/tax/rate", "tax-rate-not-zero"),
        (line("1", "1", tax("19", "O")), "/lines/1/tax/rate", "tax-rate-not-zero"),
        (line("1", "1", tax(None, "B")), "/lines/1/tax/rate", "tax-rate-required"),
        (line("1", "1", allowances=(off(),)), "/lines/1/allowances/0/amount", "required"),
        (line("1", "1", charges=(off("0.001"),)), "/lines/1/charges/0/amount", "too-many-decimals"),
        (
            line("1", "1", allowances=(off(percent="100.01"),)),
            "/lines/1/allowances/0/percent",
            "percent-over-100",
        ),
    ],
)
def test_a_line_is_refused_where_it_is_wrong(bad: LineInput, pointer: str, code: str) -> None:
    assert faults(replace(GOOD, lines=(*GOOD.lines, bad))) == [(pointer, code)]


@pytest.mark.parametrize(
    ("members", "pointer", "code"),
    [
        ({"currency": "eur"}, "/currency", "unknown-currency"),
        ({"lines": ()}, "/lines", "required"),
        ({"allowances": (off("1"),)}, "/allowances/0/tax", "required"),
        ({"allowances": (off("1", percent="101", key=tax()),)}, "/allowances/0/percent", "percent-over-100"),
        ({"charges": (off("1.001", key=tax()),)}, "/charges/0/amount", "too-many-decimals"),
        ({"charges": (off("1", key=tax("19", "O")),)}, "/charges/0/tax/rate", "tax-rate-not-zero"),
        ({"prepaid_amount": Decimal("0.005")}, "/prepaid_amount", "too-many-decimals"),
        ({"currency": "JPY", "rounding_amount": Decimal("1.50")}, "/rounding_amount", "too-many-decimals"),
        ({"tax_currency": "XXX"}, "/tax_currency", "unknown-currency"),
    ],
)
def test_a_document_is_refused_where_it_is_wrong(members: dict[str, object], pointer: str, code: str) -> None:
    assert faults(replace(GOOD, **members)) == [(pointer, code)]  # type: ignore[arg-type]


def test_every_fault_is_named_at_once() -> None:
    bad = line("1", "-1", tax("1", "Z"), per="0", allowances=(off(), off("0.001")))
    assert [pointer for pointer, _ in faults(replace(GOOD, lines=(bad, bad)))] == [
        f"/lines/{position}/{member}"
        for position in (0, 1)
        for member in (
            "unit_price",
            "base_quantity",
            "tax/rate",
            "allowances/0/amount",
            "allowances/1/amount",
        )
    ]


def test_what_is_unusual_but_clear_is_computed() -> None:
    unusual = replace(
        GOOD,
        lines=(
            line("0", "1"),
            line("-2", "0.000001", tax("0", "S")),
            line("1", "1", allowances=(off("5", percent="100"),), charges=(off(percent="300"),)),
        ),
        allowances=(off("-0.10", key=tax()), off("1.0000", percent="99", base="0", key=tax("0", "K"))),
        prepaid_amount=Decimal("-220.00"),
    )
    assert faults(unusual) == []
