"""What v2 takes for a customer or a vendor beside what every party has."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from invoicing.api.v2.master_data import Json, RecordQuery
from invoicing.api.v2.party_in import DueRuleIn, PartyIn, PaymentDays, Register
from invoicing.services.partners import MOST_BANK_ACCOUNTS
from tenants.http.metadata import Metadata
from tenants.http.values import Body, CountryCode, CurrencyCode, line, shape

LanguageTag = Annotated[str, shape("[A-Za-z0-9-]{2,10}", "Expected a language tag such as de or de-AT.")]
Treatment = Literal["domestic", "reverse_charge", "intra_community", "export", "exempt"]


class BankAccountIn(Body, kw_only=True):
    """An account (BG-17): `iban` (BT-84) and `bic` (BT-86) are checked, `name` is its holder (BT-85)."""

    iban: Annotated[str, line(50)]
    bic: Annotated[str, line(20)] | None = None
    name: Annotated[str, line(200)] | None = None


BankAccounts = Annotated[
    list[BankAccountIn],
    Meta(
        max_length=MOST_BANK_ACCOUNTS,
        extra={"code": "too-many", "detail": f"Expected at most {MOST_BANK_ACCOUNTS} bank accounts."},
    ),
]


class DeliveryAddressIn(Body, kw_only=True):
    """Where goods go (BG-13, BG-15): `name` is BT-70, `location_id` BT-71 in an ISO 6523 scheme."""

    country: CountryCode
    name: Annotated[str, line(200)] | None = None
    location_id: Annotated[str, line(50)] | None = None
    location_scheme: Register | None = None
    address_line: Annotated[str, line(200)] | None = None
    address_extra: Annotated[str, line(200)] | None = None
    address_line_3: Annotated[str, line(200)] | None = None
    postal_code: Annotated[str, line(20)] | None = None
    city: Annotated[str, line(100)] | None = None
    region: Annotated[str, line(100)] | None = None


class PartnerIn(PartyIn, kw_only=True):
    """Without `currency` or `payment_days` the legal entity's hold; `reference` is unique.

    `tax_treatment` decides the tax of lines that state none.
    """

    reference: Annotated[str, line(50)] | None = None
    currency: CurrencyCode | None = None
    language: LanguageTag | None = None
    payment_days: PaymentDays | None = None
    due_rule: DueRuleIn | None = None
    tax_treatment: Treatment | None = None
    delivery_address: DeliveryAddressIn | None = None
    bank_accounts: BankAccounts | None = None
    metadata: Metadata | None = None


class PartnerQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    reference: Annotated[str, line(50)] | None = None
    country: CountryCode | None = None
    currency: CurrencyCode | None = None
    metadata: Metadata | None = None


def partner_fields(stated: Json) -> dict[str, Any]:
    """The members of a body as the services take them: value objects as plain ones."""
    return {
        name: msgspec.to_builtins(value) if isinstance(value, Body | list) else value
        for name, value in stated.items()
    }
