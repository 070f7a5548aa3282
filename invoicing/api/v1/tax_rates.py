"""v1 of tax rates."""

from datetime import date
from typing import ClassVar, Literal

from rest_framework import serializers

from invoicing.api.v1.master_data import (
    Documented,
    RecordQuery,
    RecordSerializer,
    optional_text,
)
from invoicing.api.v1.records import RecordDetail, RecordKind, RecordList, RecordReactivation
from invoicing.domain.tax import CATEGORIES
from invoicing.selectors.catalogue import get_tax_rate, list_tax_rates
from invoicing.services import tax_rates
from tenants.http.serializers import CleanCharField, DecimalText, StrictDateField
from tenants.http.values import CountryCode, Rate, ShortText, Text


class TaxRateSerializer(RecordSerializer):
    """A VAT category (UNCL5305) at a rate in per cent, with its jurisdiction and its first and last day."""

    name = CleanCharField(max_length=100)
    category = serializers.ChoiceField(choices=sorted(CATEGORIES))
    rate = DecimalText(Rate, required=False, allow_null=True)
    country = optional_text(2)
    region = optional_text(100)
    valid_from = StrictDateField(required=False, allow_null=True)
    valid_to = StrictDateField(required=False, allow_null=True)


class TaxRateQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name, `valid_on` a day on which the rate holds."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    category: ShortText | None = None
    country: CountryCode | None = None
    region: Text | None = None
    valid_on: date | None = None


DOCUMENTED = Documented("tax-rates", "a tax rate", query=TaxRateQuery, kind=TaxRateSerializer)


KIND = RecordKind(
    documented=DOCUMENTED,
    prefix="tax",
    name="tax_rate_id",
    find=get_tax_rate,
    list=list_tax_rates,
    create=tax_rates.create_tax_rate,
    update=tax_rates.update_tax_rate,
    deactivate=tax_rates.deactivate_tax_rate,
    reactivate=tax_rates.reactivate_tax_rate,
)


class TaxRates(RecordList):
    """The rates a tenant chooses from."""

    kind: ClassVar = KIND


class TaxRate(RecordDetail):
    """One tax rate."""

    kind: ClassVar = KIND


class ReactivateTaxRate(RecordReactivation):
    """A tax rate that was deactivated is taken into use again."""

    kind: ClassVar = KIND
