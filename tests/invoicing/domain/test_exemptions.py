"""Why a document charges no VAT."""

import pytest

from invoicing.domain.exemptions import Exemption, ensure_stated, exemptions_of
from tenants.errors import InvalidInput
from tests.invoicing.domain.examples import row

GERMAN = {"country": "DE", "vat_id": "DE136695976"}
DUTCH = {"country": "NL", "vat_id": "NL004495445B01"}


def rows(*categories: str) -> list[object]:
    return [row(category, None, "1.00", "0.00") for category in categories]


def reasons(
    *categories: str, seller: dict[str, str] = GERMAN, stated: tuple[Exemption, ...] = ()
) -> list[str]:
    found = exemptions_of(rows(*categories), seller=seller, buyer=DUTCH, stated=stated)  # type: ignore[arg-type]
    return [f"{one.category} {one.code} {one.text}" for one in found]


def test_the_code_follows_from_the_category_and_the_words_from_the_sellers_law() -> None:
    assert reasons("S", "AE") == ["AE VATEX-EU-AE Steuerschuldnerschaft des Leistungsempfängers"]
    assert reasons("AE", seller={"country": "ES", "vat_id": "ESB98602642"}) == [
        "AE VATEX-EU-AE Inversión del sujeto pasivo"
    ]
    assert reasons("AE", seller={"country": "GB", "vat_id": "GB980780684"}) == [
        "AE VATEX-EU-AE Reverse charge"
    ]
    assert reasons("G", "O")[1] == "O VATEX-EU-O Nicht steuerbar"


def test_what_bears_vat_needs_no_reason() -> None:
    assert reasons("S", "Z", "L") == []


def test_a_stated_reason_goes_before_the_rule() -> None:
    stated = (Exemption("E", "VATEX-EU-132-1I", "Unterricht, § 4 Nr. 21 UStG"),)
    assert reasons("E", stated=stated) == ["E VATEX-EU-132-1I Unterricht, § 4 Nr. 21 UStG"]
    assert reasons("E") == ["E None Umsatzsteuerfrei"]


@pytest.mark.parametrize(
    ("category", "seller", "buyer", "code"),
    [
        ("AE", {"country": "DE", "vat_id": ""}, DUTCH, "vat-id-required"),
        ("AE", GERMAN, {"country": "NL", "vat_id": "", "registration_id": ""}, "vat-id-required"),
        ("K", GERMAN, {"country": "NL", "vat_id": "", "registration_id": "33011433"}, "vat-id-required"),
        ("K", GERMAN, GERMAN, "not-intra-community"),
        ("K", GERMAN, {"country": "CH", "vat_id": "CHE107787577"}, "not-intra-community"),
    ],
)
def test_parties_that_cannot_have_such_a_supply_are_refused(
    category: str, seller: dict[str, str], buyer: dict[str, str], code: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        exemptions_of(rows(category), seller=seller, buyer=buyer)  # type: ignore[arg-type]
    assert [fault.code for fault in refusal.value.errors] == [code]


def test_the_state_of_a_party_is_that_of_its_vat_id() -> None:
    northern_ireland = {"country": "GB", "vat_id": "XI980780684"}
    swiss_with_german_id = {"country": "CH", "vat_id": "DE136695976"}
    greek = {"country": "GR", "vat_id": "EL094259216"}
    for buyer in (northern_ireland, greek):
        assert exemptions_of(rows("K"), seller=GERMAN, buyer=buyer)  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        exemptions_of(rows("K"), seller=GERMAN, buyer=swiss_with_german_id)  # type: ignore[arg-type]


def test_reasons_for_what_bears_tax_or_twice_the_same_are_refused() -> None:
    with pytest.raises(InvalidInput) as refusal:
        ensure_stated([Exemption("S", None, "x"), Exemption("E", None, "x"), Exemption("E", None, "y")])
    assert [fault.code for fault in refusal.value.errors] == ["category-bears-tax", "repeated"]
