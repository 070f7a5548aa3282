"""What holds for sellers and buyers alike before they are stored."""

from collections.abc import Mapping
from functools import partial
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from invoicing.domain import identifiers
from invoicing.domain.identifiers import BadIdentifier
from invoicing.domain.stored import terms_from_json, terms_to_json
from invoicing.models.party import Party
from invoicing.services.master_data import Rule, missing
from tenants.errors import FieldError, InvalidInput


class PartyFields(TypedDict, total=False):
    """The columns of `invoicing.models.party.Party`; None stands for what is not given."""

    name: str
    vat_id: str | None
    registration_id: str | None
    registration_scheme: str | None
    email: str | None
    phone: str | None
    address_line: str | None
    address_extra: str | None
    address_line_3: str | None
    postal_code: str | None
    city: str | None
    region: str | None
    country: str
    electronic_address: str | None
    electronic_address_scheme: str | None


def rules_of(*, party: Party) -> dict[str, Rule]:
    """How each column of a party is spelled; what it is registered as follows the party's country."""
    return {
        "country": identifiers.checked_country,
        "vat_id": partial(identifiers.checked_vat_id, country=party.country),
        "registration_scheme": identifiers.checked_register,
        "registration_id": partial(
            identifiers.checked_registration_id, country=party.country, scheme=party.registration_scheme
        ),
        "email": checked_email,
        "electronic_address_scheme": identifiers.checked_scheme,
        "electronic_address": partial(identifiers.checked_in_scheme, scheme=party.electronic_address_scheme),
    }


def faults_of(*, party: Party) -> list[FieldError]:
    """What no single column can tell: EN 16931 BR-62 and BR-63 want a scheme with each address."""
    faults = missing(row=party, names=["name", "country"])
    if party.electronic_address and not party.electronic_address_scheme:
        faults += missing(row=party, names=["electronic_address_scheme"])
    if party.electronic_address_scheme and not party.electronic_address:
        faults += missing(row=party, names=["electronic_address"])
    if party.registration_scheme and not party.registration_id:
        faults += missing(row=party, names=["registration_id"])
    return faults


def settled_terms(stated: Mapping[str, Any] | None, faults: list[FieldError]) -> dict[str, Any] | None:
    """Payment terms in the form in which they are kept; what is wrong with them joins `faults`."""
    try:
        return terms_to_json(terms_from_json(stated))
    except InvalidInput as error:
        faults.extend(error.errors)
        return None


def checked_email(text: str) -> str:
    """An e-mail address as Django takes it, kept as it is written. Raises BadIdentifier."""
    try:
        validate_email(text)
    except ValidationError:
        raise BadIdentifier("malformed", "Expected an e-mail address.") from None
    return text
