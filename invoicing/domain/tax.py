"""VAT categories, and which rates each admits (EN 16931 with code list UNCL5305)."""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import lru_cache

from invoicing.domain.document import TaxKey
from invoicing.money import exactly

ZERO_RATE = Decimal(0)
HIGHEST_RATE = Decimal(100)
OUT_OF_SCOPE = "O"


class RateRule(Enum):
    """What a category says about the rate."""

    REQUIRED = "required"
    ZERO = "zero"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Category:
    """One VAT category.

    `taxable_rule` is the rule of EN 16931 by which its taxable amount is summed, `rate_rule_id` the one
    that governs the rate.
    """

    code: str
    name: str
    rate: RateRule
    taxable_rule: str
    rate_rule_id: str


# BR-S-5 wants a standard rate above zero, and BR-O-11 wants "not subject to VAT" to stand alone. Real
# documents state S at 0 % on informative lines, and mix O with others; their totals are as clear as any,
# so the engine computes them: refusing is for the gate of a document format.
CATEGORIES: dict[str, Category] = {
    category.code: category
    for category in (
        Category("S", "standard rate", RateRule.REQUIRED, "BR-S-8", "BR-S-5"),
        Category("Z", "zero rated", RateRule.ZERO, "BR-Z-8", "BR-Z-5"),
        Category("E", "exempt", RateRule.ZERO, "BR-E-8", "BR-E-5"),
        Category("AE", "reverse charge", RateRule.ZERO, "BR-AE-8", "BR-AE-5"),
        Category("K", "intra-community supply", RateRule.ZERO, "BR-IC-8", "BR-IC-5"),
        Category("G", "export outside the EU", RateRule.ZERO, "BR-G-8", "BR-G-5"),
        Category(OUT_OF_SCOPE, "not subject to VAT", RateRule.NONE, "BR-O-8", "BR-O-5"),
        Category("L", "Canary Islands general indirect tax", RateRule.REQUIRED, "BR-AF-8", "BR-AF-5"),
        Category("B", "transferred VAT (split payment)", RateRule.REQUIRED, "BT-116", "BR-B-1"),
        Category("M", "tax of Ceuta and Melilla", RateRule.REQUIRED, "BR-AG-8", "BR-AG-5"),
    )
}


@dataclass(frozen=True, slots=True)
class KeyFault:
    """Why a tax key cannot be computed with. `member` is "category" or "rate"."""

    member: str
    code: str
    detail: str


@lru_cache(maxsize=4096)
def fault_of(key: TaxKey) -> KeyFault | None:
    """What is wrong with a key, if anything.

    A category without tax may leave the rate out or say 0; a category with one must say it.
    """
    category = CATEGORIES.get(key.category)
    if category is None:
        return KeyFault(
            "category", "unknown-tax-category", f"The tax category is one of {', '.join(CATEGORIES)}."
        )
    rate = key.rate
    if category.rate is RateRule.REQUIRED:
        if rate is None:
            detail = f"Category {category.code} needs a rate ({category.rate_rule_id})."
            return KeyFault("rate", "tax-rate-required", detail)
        if not ZERO_RATE <= rate <= HIGHEST_RATE:
            return KeyFault("rate", "tax-rate-out-of-range", "A tax rate lies between 0 and 100 per cent.")
    elif rate is not None and rate != ZERO_RATE:
        detail = f"Category {category.code} ({category.name}) bears no tax ({category.rate_rule_id})."
        return KeyFault("rate", "tax-rate-not-zero", detail)
    return None


@lru_cache(maxsize=4096)
def canonical(key: TaxKey) -> TaxKey:
    """The one spelling of a key without fault: 19 for 19.00, 0 where no tax is borne, None for O."""
    if key.category == OUT_OF_SCOPE:
        return TaxKey(OUT_OF_SCOPE, None)
    return TaxKey(key.category, plain(key.rate or ZERO_RATE))


def plain(number: Decimal) -> Decimal:
    """The number without trailing zeros and without an exponent: 19.00 is 19, 2E+1 is 20, -0 is 0."""
    with exactly():
        if number == number.to_integral_value():
            return Decimal(int(number))
        return number.normalize()


def tax_on(taxable: Decimal, key: TaxKey) -> Decimal:
    """The unrounded tax on an amount. Exact inside `money.exactly()`."""
    return (taxable * (key.rate or ZERO_RATE)).scaleb(-2)


def breakdown_order(key: TaxKey) -> tuple[int, Decimal]:
    """Sorts keys: categories as listed above, the highest rate first."""
    return _POSITIONS[key.category], -(key.rate or ZERO_RATE)


_POSITIONS = {code: position for position, code in enumerate(CATEGORIES)}
