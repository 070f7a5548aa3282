"""What v1 takes for and shows of a customer or a vendor beside what every party has."""

from typing import Any, Literal

from rest_framework import serializers

from invoicing.api.v1.master_data import RecordQuery, optional_text
from invoicing.api.v1.parties import DueRuleSerializer, PartySerializer, with_terms
from invoicing.domain.treatment import TaxTreatment
from invoicing.models import Partner
from invoicing.services.partners import MOST_BANK_ACCOUNTS
from tenants.http.metadata import Metadata, MetadataField
from tenants.http.serializers import CleanCharField, StrictIntegerField, StrictSerializer
from tenants.http.values import CountryCode, CurrencyCode, ShortText


class BankAccountSerializer(StrictSerializer):
    """An account: IBAN and BIC are checked, `name` is its holder."""

    iban = CleanCharField(max_length=50)
    bic = optional_text(20)
    name = optional_text(200)


class DeliveryAddressSerializer(StrictSerializer):
    """Where goods go (EN 16931 BG-13, BG-15)."""

    name = optional_text(200)
    location_id = optional_text(50)
    location_scheme = optional_text(4)
    address_line = optional_text(200)
    address_extra = optional_text(200)
    address_line_3 = optional_text(200)
    postal_code = optional_text(20)
    city = optional_text(100)
    region = optional_text(100)
    country = CleanCharField(max_length=2, help_text="ISO 3166-1 alpha-2")


class PartnerSerializer(PartySerializer):
    """Without `currency` or `payment_days` the legal entity's hold; `reference` is unique."""

    reference = optional_text(50)
    currency = optional_text(3)
    language = optional_text(10)
    payment_days = StrictIntegerField(min_value=0, max_value=999, required=False, allow_null=True)
    due_rule = DueRuleSerializer(required=False, allow_null=True)
    tax_treatment = serializers.ChoiceField(
        choices=[each.value for each in TaxTreatment], required=False, allow_null=True
    )
    delivery_address = DeliveryAddressSerializer(required=False, allow_null=True)
    bank_accounts: serializers.ListSerializer[Any] = serializers.ListSerializer(
        child=BankAccountSerializer(), max_length=MOST_BANK_ACCOUNTS, required=False, allow_null=True
    )
    metadata = MetadataField()


class PartnerQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    reference: ShortText | None = None
    country: CountryCode | None = None
    currency: CurrencyCode | None = None
    metadata: Metadata | None = None


def merged_into(partner: Partner, changes: dict[str, Any]) -> dict[str, Any]:
    """A merge patch changes the members of an address, or of payment terms, that it names."""
    changes = with_terms(changes, partner.due_rule)
    stated = changes.get("delivery_address")
    if stated is None or partner.delivery_address is None:
        return changes
    return {**changes, "delivery_address": {**partner.delivery_address, **stated}}
