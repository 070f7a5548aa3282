"""Codes and registered numbers of parties and goods: their normal spelling, or why there is none.

Each rule takes a text that is not empty and returns it as it is kept, or raises BadIdentifier.
"""

import re
from typing import Any

from stdnum import bic, ean, iban, lei
from stdnum.at import businessid as at_register
from stdnum.be import vat as be_register
from stdnum.ch import uid as ch_register
from stdnum.de import leitweg
from stdnum.dk import cvr as dk_register
from stdnum.ee import registrikood as ee_register
from stdnum.eu import vat
from stdnum.exceptions import ValidationError
from stdnum.fi import ytunnus as fi_register
from stdnum.fr import siren, siret
from stdnum.no import orgnr as no_register
from stdnum.se import orgnr as se_register
from stdnum.util import get_cc_module

from invoicing.countries import COUNTRIES
from invoicing.money import known_currency

_SEPARATORS = re.compile(r"[ ./\-]")
_ALPHANUMERIC = re.compile(r"[A-Z0-9]{2,20}")
_UNIT = re.compile(r"[A-Z0-9]{1,3}")
_REGISTER = re.compile(r"[0-9]{4}")
_SCHEME = re.compile(r"[0-9]{4}|[A-Z]{2}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?")
# VAT identifiers say EL where ISO 3166 says GR (EN 16931 BR-CO-9).
_GREECE = "EL"
# ISO 6523 (and EAS, which takes the same codes) by register.
_REGISTERS: dict[str, Any] = {
    "0002": siren,
    "0007": se_register,
    "0009": siret,
    "0088": ean,
    "0183": ch_register,
    "0184": dk_register,
    "0191": ee_register,
    "0192": no_register,
    "0199": lei,
    "0204": leitweg,
    "0208": be_register,
    "0212": fi_register,
}
# Where a country has one register whose numbers have rules; those of France are a company's or a site's.
_NATIONAL_REGISTERS: dict[str, list[Any]] = {
    "AT": [at_register],
    "BE": [be_register],
    "CH": [ch_register],
    "DK": [dk_register],
    "EE": [ee_register],
    "FI": [fi_register],
    "FR": [siren, siret],
    "NO": [no_register],
    "SE": [se_register],
}


class BadIdentifier(ValueError):
    """A text that is no such identifier; `code` is for programs, the message for people."""

    def __init__(self, code: str, detail: str) -> None:
        self.code = code
        super().__init__(detail)


def checked_country(code: str) -> str:
    """An ISO 3166-1 alpha-2 code, in capitals as given."""
    if code not in COUNTRIES:
        raise BadIdentifier("unknown-country", "Expected an ISO 3166-1 code in capitals, such as DE.")
    return code


def checked_currency(code: str) -> str:
    """A current ISO 4217 code with minor units, in capitals as given."""
    if not known_currency(code):
        raise BadIdentifier("unknown-currency", "Expected a current ISO 4217 code in capitals, such as EUR.")
    return code


def checked_language(tag: str) -> str:
    """A BCP 47 tag of language, script and region at most."""
    if not _LANGUAGE.fullmatch(tag):
        raise BadIdentifier("malformed", "Expected a language tag such as de or de-AT.")
    return tag


def checked_unit(code: str) -> str:
    """The shape of a UN/ECE Recommendation 20 or 21 code, as EN 16931 BT-130 takes them."""
    if not _UNIT.fullmatch(code):
        raise BadIdentifier("malformed", "Expected a UN/ECE Rec 20 code in capitals, such as C62 or HUR.")
    return code


def checked_scheme(code: str) -> str:
    """The shape of an EAS code (EN 16931 BT-34-1, BT-49-1)."""
    if not _SCHEME.fullmatch(code):
        raise BadIdentifier("malformed", "Expected an EAS code such as 0088 or EM.")
    return code


def checked_register(code: str) -> str:
    """The shape of an ISO 6523 code (EN 16931 BT-30-1, BT-47-1, BT-71-1)."""
    if not _REGISTER.fullmatch(code):
        raise BadIdentifier("malformed", "Expected an ISO 6523 code such as 0002 or 0088.")
    return code


def checked_registration_id(text: str, *, country: str, scheme: str) -> str:
    """The number of a legal registration in its normal spelling (EN 16931 BT-30, BT-47).

    Checked by its scheme where one is given, else by the register of its country, as far as their rules
    are known; the rest is kept as it is written.
    """
    rules = [_REGISTERS[scheme]] if scheme in _REGISTERS else []
    if not scheme:
        rules = _NATIONAL_REGISTERS.get(country, [])
    for rule in rules:
        try:
            return str(rule.validate(text))
        except ValidationError:
            continue
    if rules:
        raise BadIdentifier("invalid-registration-id", "This is not a valid number of that register.")
    return text


def checked_in_scheme(text: str, *, scheme: str) -> str:
    """An address or number in a scheme of ISO 6523 or EAS, checked where the scheme's rules are known."""
    rule = _REGISTERS.get(scheme)
    if rule is None:
        return text
    try:
        return str(rule.validate(text))
    except ValidationError:
        raise BadIdentifier("not-of-the-scheme", f"This is not a valid number of scheme {scheme}.") from None


def checked_iban(text: str) -> str:
    """An IBAN (ISO 13616) in capitals without spaces: length, check digits and national parts are right."""
    try:
        return str(iban.validate(text))
    except ValidationError:
        raise BadIdentifier("invalid-iban", "This is not a valid IBAN.") from None


def checked_bic(text: str) -> str:
    """A BIC (ISO 9362) of 8 or 11 characters, in capitals."""
    try:
        return str(bic.validate(text))
    except ValidationError:
        raise BadIdentifier("invalid-bic", "This is not a valid BIC.") from None


def checked_vat_id(text: str, country: str) -> str:
    """A VAT identifier in capitals without separators, as its country's rules have it.

    One of the European Union or of Northern Ireland begins with its country (BR-CO-9); it is added
    where a party of that country leaves it out. A company may be registered in another country than
    its own. Elsewhere the number is checked where the rules of the party's country are known.
    """
    number = _SEPARATORS.sub("", text).upper()
    if not _ALPHANUMERIC.fullmatch(number):
        raise _bad_vat_id()
    for candidate in (number, _prefix(country) + number):
        if candidate[:2].lower() in (*vat.MEMBER_STATES, _GREECE.lower()) and vat.is_valid(candidate):
            return candidate.replace("GR", _GREECE, 1) if candidate.startswith("GR") else candidate
    if country.lower() in vat.MEMBER_STATES:
        raise _bad_vat_id()
    national = get_cc_module(country, "vat")
    if national is not None and not national.is_valid(number):
        raise _bad_vat_id()
    return number


def _prefix(country: str) -> str:
    return _GREECE if country == "GR" else country


def _bad_vat_id() -> BadIdentifier:
    return BadIdentifier("invalid-vat-id", "This is not a valid VAT identifier of the country.")
