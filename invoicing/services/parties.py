"""What holds for sellers and buyers alike before they are stored."""

from functools import partial
from typing import TypedDict

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from invoicing.domain import identifiers
from invoicing.domain.identifiers import BadIdentifier
from invoicing.models.party import Party
from invoicing.services.master_data import Rule, missing
from tenants.errors import FieldError


class PartyFields(TypedDict, total=False):
    """The columns of `invoicing.models.party.Party`; None stands for what is not given."""

    name: str
    vat_id: str | None
    registration_id: str | None
    email: str | None
    phone: str | None
    address_line: str | None
    address_extra: str | None
    postal_code: str | None
    city: str | None
    region: str | None
    country: str
    electronic_address: str | None
    electronic_address_scheme: str | None


def rules_of(*, party: Party) -> dict[str, Rule]:
    """How each column of a party is spelled; the VAT identifier follows the party's country."""
    return {
        "country": identifiers.checked_country,
        "vat_id": partial(identifiers.checked_vat_id, country=party.country),
        "email": _checked_email,
        "electronic_address_scheme": identifiers.checked_scheme,
    }


def faults_of(*, party: Party) -> list[FieldError]:
    """What no single column can tell: EN 16931 BR-62 and BR-63 want a scheme with each address."""
    faults = missing(row=party, names=["name", "country"])
    if party.electronic_address and not party.electronic_address_scheme:
        faults += missing(row=party, names=["electronic_address_scheme"])
    if party.electronic_address_scheme and not party.electronic_address:
        faults += missing(row=party, names=["electronic_address"])
    return faults


def _checked_email(text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise BadIdentifier("malformed", "Expected an e-mail address.") from None
    return text
