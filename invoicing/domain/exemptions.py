"""Why a document charges no VAT: what the law wants said, put on it by rule (EN 16931 BT-120, BT-121).

The code follows from the VAT category (VATEX code list of the CEF). The words follow from the category and
the country of the seller, whose law prescribes the mention: Article 226 of the VAT Directive (2006/112/EC),
points 11 ("a reference to the provision, or any other reference indicating exemption") and 11a ("Reverse
charge"), in the language versions of the Directive. Sellers elsewhere say it in English.

An exemption (category E) has as many grounds as there are exemptions: which one it is has to be stated. A
stated reason always goes before the rule.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from invoicing.domain.totals import TaxRow
from tenants.errors import FieldError, InvalidInput

REVERSE_CHARGE, INTRA_COMMUNITY = "AE", "K"

# ISO 3166 of the Member States; Greece writes EL before a VAT id. XI is Northern Ireland, for goods.
_MEMBER_STATES = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK XI"
MEMBER_STATES = frozenset(_MEMBER_STATES.split())


@dataclass(frozen=True, slots=True)
class Exemption:
    """The reason why the amounts of a VAT category bear no VAT: `code` is BT-121, `text` BT-120."""

    category: str
    code: str | None
    text: str


# By category: the code, the words in English, and the words that a seller's own law or language has.
_RULES: dict[str, tuple[str | None, str, dict[str, str]]] = {
    REVERSE_CHARGE: (
        "VATEX-EU-AE",
        "Reverse charge",
        {
            "AT": "Übergang der Steuerschuld auf den Leistungsempfänger",
            "BE": "Btw verlegd / Autoliquidation",
            "CZ": "Daň odvede zákazník",
            "DE": "Steuerschuldnerschaft des Leistungsempfängers",
            "DK": "Omvendt betalingspligt",
            "ES": "Inversión del sujeto pasivo",
            "FI": "Käännetty verovelvollisuus",
            "FR": "Autoliquidation",
            "IT": "Inversione contabile",
            "LU": "Autoliquidation",
            "NL": "Btw verlegd",
            "PL": "Odwrotne obciążenie",
            "PT": "IVA - autoliquidação",
            "SE": "Omvänd betalningsskyldighet",
        },
    ),
    INTRA_COMMUNITY: (
        "VATEX-EU-IC",
        "Intra-Community supply, exempt under Article 138 of Directive 2006/112/EC",
        {
            "AT": "Steuerfreie innergemeinschaftliche Lieferung",
            "DE": "Steuerfreie innergemeinschaftliche Lieferung (§ 4 Nr. 1 Buchst. b UStG)",
            "ES": "Entrega intracomunitaria exenta (art. 25 Ley 37/1992)",
            "FR": "Exonération de TVA, article 262 ter I du CGI",
            "IT": "Operazione non imponibile, art. 41 D.L. 331/1993",
            "NL": "Intracommunautaire levering, 0% btw (artikel 138 Richtlijn 2006/112/EG)",
            "PT": "Isento, artigo 14.º do RITI",
        },
    ),
    "G": (
        "VATEX-EU-G",
        "Export outside the European Union, exempt under Article 146 of Directive 2006/112/EC",
        {
            "AT": "Steuerfreie Ausfuhrlieferung",
            "DE": "Steuerfreie Ausfuhrlieferung (§ 4 Nr. 1 Buchst. a UStG)",
            "ES": "Exportación exenta (art. 21 Ley 37/1992)",
            "FR": "Exonération de TVA, article 262 I du CGI",
            "IT": "Operazione non imponibile, art. 8 D.P.R. 633/1972",
        },
    ),
    "O": (
        "VATEX-EU-O",
        "Not subject to VAT",
        {
            "AT": "Nicht steuerbar",
            "DE": "Nicht steuerbar",
            "ES": "Operación no sujeta",
            "FR": "Opération hors du champ d'application de la TVA",
            "IT": "Operazione fuori campo IVA",
        },
    ),
    "E": (
        None,
        "Exempt from VAT",
        {"DE": "Umsatzsteuerfrei", "ES": "Operación exenta", "FR": "Exonéré de TVA"},
    ),
}


def exemptions_of(
    breakdown: Iterable[TaxRow],
    *,
    seller: Mapping[str, Any],
    buyer: Mapping[str, Any] | None,
    stated: Sequence[Exemption] = (),
) -> tuple[Exemption, ...]:
    """One reason for each category of the breakdown that bears no VAT, in its order.

    With a buyer it raises InvalidInput where the parties cannot be those of such a supply: a reverse
    charge names the seller's VAT id and a VAT or registration id of the buyer (BR-AE-2), an intra-Community
    supply both VAT ids (BR-IC-2), of two Member States.
    """
    categories = list(dict.fromkeys(row.category for row in breakdown if row.category in _RULES))
    if not categories:
        return ()
    if buyer is not None:
        _ensure_parties(categories, seller, buyer)
    given = {one.category: one for one in stated}
    return tuple(given.get(category) or _by_rule(category, seller) for category in categories)


def ensure_stated(stated: Sequence[Exemption]) -> None:
    """Raises InvalidInput for stated reasons that cannot be."""
    faults = []
    seen: set[str] = set()
    for position, one in enumerate(stated):
        pointer = f"/exemptions/{position}/category"
        if one.category not in _RULES:
            faults.append(FieldError(pointer, "category-bears-tax", "Only what bears no VAT has a reason."))
        elif one.category in seen:
            faults.append(FieldError(pointer, "repeated", "Each category has one reason."))
        seen.add(one.category)
    if faults:
        raise InvalidInput(faults)


def _by_rule(category: str, seller: Mapping[str, Any]) -> Exemption:
    code, english, of_country = _RULES[category]
    return Exemption(category, code, of_country.get(seller.get("country") or "", english))


def _ensure_parties(categories: Sequence[str], seller: Mapping[str, Any], buyer: Mapping[str, Any]) -> None:
    faults = []
    wanted = [category for category in (REVERSE_CHARGE, INTRA_COMMUNITY) if category in categories]
    if wanted and not seller.get("vat_id"):
        detail = f"Category {wanted[0]} needs the seller's VAT id."
        faults.append(FieldError("/legal_entity", "vat-id-required", detail))
    if INTRA_COMMUNITY in wanted and not buyer.get("vat_id"):
        faults.append(FieldError("/customer", "vat-id-required", "Category K needs the buyer's VAT id."))
    elif wanted and not (buyer.get("vat_id") or buyer.get("registration_id")):
        detail = "Category AE needs the buyer's VAT id or registration id."
        faults.append(FieldError("/customer", "vat-id-required", detail))
    if INTRA_COMMUNITY in wanted and not faults:
        states = {_state(seller), _state(buyer)}
        if len(states) < 2 or not states <= MEMBER_STATES:
            detail = "An intra-Community supply (K) goes from one Member State to another, by the VAT ids."
            faults.append(FieldError("/customer", "not-intra-community", detail))
    if faults:
        raise InvalidInput(faults)


def _state(party: Mapping[str, Any]) -> str:
    """Where a party is identified for VAT."""
    prefix = str(party["vat_id"])[:2].upper()
    if not prefix.isalpha():
        return str(party.get("country"))
    return "GR" if prefix == "EL" else prefix
