"""Template filters for what documents hold: `{% load documents %}`."""

from decimal import Decimal

from babel import Locale
from django import template

from tenants import ids

register = template.Library()

_TERRITORIES = Locale("en").territories
# UN/ECE Recommendation 20, the units most seen on invoices; any other shows its code.
_UNITS = {
    "C62": "pcs",
    "H87": "pcs",
    "EA": "each",
    "HUR": "h",
    "MIN": "min",
    "DAY": "days",
    "WEE": "weeks",
    "MON": "months",
    "ANN": "years",
    "KGM": "kg",
    "TNE": "t",
    "LTR": "l",
    "MTR": "m",
    "MTK": "m²",
    "MTQ": "m³",
    "KMT": "km",
    "KWH": "kWh",
}
_CATEGORIES = {
    "S": "Standard",
    "Z": "Zero rated",
    "E": "Exempt",
    "AE": "Reverse charge",
    "K": "Intra-community supply",
    "G": "Export",
    "O": "Not subject to tax",
    "L": "IGIC",
    "M": "IPSI",
}
_WORDS = {
    "draft": "Draft",
    "issued": "Issued",
    "voided": "Voided",
    "unpaid": "Unpaid",
    "partially_paid": "Partially paid",
    "paid": "Paid",
    "invoice": "Invoice",
    "credit_note": "Credit note",
}


@register.filter
def amount(value: Decimal | str) -> str:
    """Every digit there is, whole ones in groups of three: 12345.6700 → 12,345.6700."""
    text = value if isinstance(value, str) else format(value, "f")
    whole, point, rest = text.partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    if not digits.isdecimal():
        return text
    return f"{sign}{int(digits):,}{point}{rest}"


@register.filter
def minus(value: Decimal) -> str:
    """The same with its sign turned, for what is taken off."""
    return amount(value.copy_negate() if value else value)


@register.filter
def public_id(value: object, prefix: str) -> str:
    """The id of a record as the world knows it: `{{ row.id|public_id:"inv" }}`."""
    return ids.encode(prefix, value)  # type: ignore[arg-type]


@register.filter
def country(code: str) -> str:
    """The English name of a country (ISO 3166-1 alpha-2)."""
    return str(_TERRITORIES.get(code, code))


@register.filter
def unit(code: str) -> str:
    """A unit of measure (UN/ECE Recommendation 20) as an invoice prints it."""
    return _UNITS.get(code, code)


@register.filter
def category(code: str) -> str:
    """A VAT category (UNTDID 5305) in words."""
    return _CATEGORIES.get(code, code)


@register.filter
def word(code: str) -> str:
    """A type or state as people say it."""
    return _WORDS.get(code, code)
