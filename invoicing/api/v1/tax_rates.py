"""v1 of tax rates."""

from datetime import date
from typing import ClassVar, Literal

from django.http.response import HttpResponseBase
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v1.master_data import (
    Documented,
    RecordQuery,
    RecordSerializer,
    optional_text,
    page,
    patched,
    stated,
)
from invoicing.domain.tax import CATEGORIES
from invoicing.selectors.catalogue import get_tax_rate, list_tax_rates
from invoicing.services import tax_rates
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.query import parse_query
from tenants.http.serializers import CleanCharField, DecimalText, StrictDateField
from tenants.http.values import CountryCode, Rate, ShortText, Text
from tenants.http.versions import V1View


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


class TaxRates(V1View):
    """The rates a tenant chooses from."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @DOCUMENTED.listing
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, TaxRateQuery)
        rows = list_tax_rates(
            q=query.q,
            category=query.category,
            country=query.country,
            region=query.region,
            valid_on=query.valid_on,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
        )
        return page(query, rows, TaxRateSerializer)

    @DOCUMENTED.creation
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        rate = tax_rates.create_tax_rate(**stated(request, TaxRateSerializer))
        return Response(TaxRateSerializer(rate).data, status=201)


class TaxRate(V1View):
    """One tax rate."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @DOCUMENTED.reading
    def get(self, request: Request, tax_rate_id: str) -> HttpResponseBase:
        return Response(TaxRateSerializer(_get(tax_rate_id)).data)

    @DOCUMENTED.change
    def patch(self, request: Request, tax_rate_id: str) -> HttpResponseBase:
        rate = _get(tax_rate_id)
        changes = patched(request, TaxRateSerializer)
        changed = tax_rates.update_tax_rate(tax_rate_id=rate.id, **changes)
        return Response(TaxRateSerializer(changed).data)

    @DOCUMENTED.deactivation
    def delete(self, request: Request, tax_rate_id: str) -> HttpResponseBase:
        tax_rates.deactivate_tax_rate(tax_rate_id=ids.decode("tax", tax_rate_id))
        return Response(status=204)


class ReactivateTaxRate(V1View):
    """A tax rate that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @DOCUMENTED.reactivation
    @idempotent
    def post(self, request: Request, tax_rate_id: str) -> HttpResponseBase:
        rate = tax_rates.reactivate_tax_rate(tax_rate_id=ids.decode("tax", tax_rate_id))
        return Response(TaxRateSerializer(rate).data)


def _get(tax_rate_id: str) -> models.TaxRate:
    return get_tax_rate(tax_rate_id=ids.decode("tax", tax_rate_id))
