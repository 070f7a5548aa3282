"""v2 of tax rates."""

from datetime import date
from typing import Annotated, ClassVar, Literal

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v2.master_data import (
    Json,
    RecordQuery,
    answer,
    columns,
    created,
    expected_version,
    page,
    patched,
    shown,
)
from invoicing.api.v2.master_schema import Documented
from invoicing.selectors.catalogue import get_tax_rate, list_tax_rates
from invoicing.services import tax_rates
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.values import Body, CountryCode, Rate, line
from tenants.http.versions import V2View

Category = Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"]


class TaxRateIn(Body, kw_only=True):
    """A VAT category (UNCL5305) at a rate in per cent, with its jurisdiction and its first and last day.

    Of one name and jurisdiction no two hold on one day.
    """

    name: Annotated[str, line(100)]
    category: Category
    rate: Rate | None = None
    country: CountryCode | None = None
    region: Annotated[str, line(100)] | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class TaxRateQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name, `valid_on` a day on which the rate holds."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    category: Category | None = None
    country: CountryCode | None = None
    region: Annotated[str, line(100)] | None = None
    valid_on: date | None = None


DOCUMENTED = Documented(
    many="tax-rates",
    one="a tax rate",
    query=TaxRateQuery,
    new=TaxRateIn,
    patch=TaxRateIn,
    example={
        "name": "Germany, standard",
        "category": "S",
        "rate": "19",
        "country": "DE",
        "valid_from": "2021-01-01",
    },
    change_example={"valid_to": "2026-12-31"},
)


class TaxRates(V2View):
    """The rates a tenant chooses from."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.listing)
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
        return page(query, rows, _out)

    @extend_schema(**DOCUMENTED.creation)
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        stated = parse_request(request, TaxRateIn)
        return created(request, _out(tax_rates.create_tax_rate(**columns(stated))))


class TaxRate(V2View):
    """One tax rate."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reading)
    def get(self, request: Request, tax_rate_id: str) -> HttpResponseBase:
        return answer(request, _out(_get(tax_rate_id)))

    @extend_schema(**DOCUMENTED.change)
    def patch(self, request: Request, tax_rate_id: str) -> HttpResponseBase:
        rate = _get(tax_rate_id)
        version = expected_version(request, rate)
        changes = patched(request, _out(rate), TaxRateIn)
        changed = tax_rates.update_tax_rate(tax_rate_id=rate.id, expected_version=version, **changes)
        return answer(request, _out(changed))

    @extend_schema(**DOCUMENTED.deactivation)
    def delete(self, request: Request, tax_rate_id: str) -> HttpResponseBase:
        rate = _get(tax_rate_id)
        version = expected_version(request, rate, optional=True)
        tax_rates.deactivate_tax_rate(tax_rate_id=rate.id, expected_version=version)
        return Response(status=204)


class ReactivateTaxRate(V2View):
    """A tax rate that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reactivation)
    @idempotent
    def post(self, request: Request, tax_rate_id: str) -> HttpResponseBase:
        rate = tax_rates.reactivate_tax_rate(tax_rate_id=ids.decode("tax", tax_rate_id))
        return answer(request, _out(rate))


def _get(tax_rate_id: str) -> models.TaxRate:
    return get_tax_rate(tax_rate_id=ids.decode("tax", tax_rate_id))


def _out(rate: models.TaxRate) -> Json:
    return shown(rate, TaxRateIn)
