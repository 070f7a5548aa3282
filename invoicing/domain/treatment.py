"""How what is sold to a party is taxed, told by who and where it is (Directive 2006/112/EC)."""

from enum import StrEnum

from invoicing.domain.document import TaxKey
from invoicing.domain.tax import ZERO_RATE


class TaxTreatment(StrEnum):
    """What the tenant knows of a party; the tax itself is a VAT category of EN 16931.

    Domestic: taxed as the goods are. Reverse charge: the customer owes the tax (article 194 and 196).
    Intra-community: goods to another member state (article 138). Export: out of the Union (article 146).
    Exempt: no tax, for a reason that the document states.
    """

    DOMESTIC = "domestic"
    REVERSE_CHARGE = "reverse_charge"
    INTRA_COMMUNITY = "intra_community"
    EXPORT = "export"
    EXEMPT = "exempt"


_CATEGORIES = {
    TaxTreatment.REVERSE_CHARGE: "AE",
    TaxTreatment.INTRA_COMMUNITY: "K",
    TaxTreatment.EXPORT: "G",
    TaxTreatment.EXEMPT: "E",
}


def tax_by(treatment: TaxTreatment) -> TaxKey | None:
    """The tax of every line for such a party (UNCL5305); None where it depends on what is sold."""
    category = _CATEGORIES.get(treatment)
    return None if category is None else TaxKey(category, ZERO_RATE)
