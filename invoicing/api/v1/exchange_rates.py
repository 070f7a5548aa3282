"""v1 of exchange rates: recorded for good, uploaded, taken over from the ECB, and looked up for a day."""

from datetime import date
from typing import Annotated, Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.invoice_in import OPTIONAL, CodeField
from invoicing.domain.exchange import Quote, Rate
from invoicing.domain.rate_table import LONGEST_SOURCE, read_csv
from invoicing.selectors import exchange_rates as selectors
from invoicing.services import exchange_rates
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, RATES_WRITE
from tenants.errors import FieldError, InvalidInput
from tenants.http.idempotency import idempotent
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.query import parse_query
from tenants.http.serializers import (
    CleanCharField,
    CleanTextField,
    DecimalText,
    PublicIdField,
    StrictDateField,
    StrictSerializer,
    page_of,
    validated,
)
from tenants.http.values import Body, CurrencyCode, Price, line
from tenants.http.versions import V1View

Data = dict[str, Any]
_CODE = "[A-Z]{3}"


class RateIn(StrictSerializer):
    """So many units of `to_currency` for one of `from_currency`, as `source` published it for that day."""

    from_currency = CodeField(_CODE)
    to_currency = CodeField(_CODE)
    rate = DecimalText(Price)
    date = StrictDateField()
    source = CleanCharField(max_length=LONGEST_SOURCE)  # type: ignore[assignment]


class ImportIn(StrictSerializer):
    """A `csv` (date, from, to, rate, source; or the ECB's file), or what `published` has of a period."""

    csv = CleanTextField(max_length=1_000_000, trim_whitespace=False, **OPTIONAL)
    source = CleanCharField(max_length=LONGEST_SOURCE, **OPTIONAL)  # type: ignore[assignment]
    published = serializers.ChoiceField(choices=sorted(selectors.PUBLISHED), **OPTIONAL)
    currencies = serializers.ListField(child=CodeField(_CODE), min_length=1, max_length=200, **OPTIONAL)
    first = StrictDateField(**OPTIONAL)
    last = StrictDateField(**OPTIONAL)


class RateOut(serializers.Serializer[Any]):
    id = PublicIdField("fxr")
    from_currency = serializers.CharField()
    to_currency = serializers.CharField()
    rate = DecimalText(Price)
    date = StrictDateField(source="day")
    source = serializers.CharField()  # type: ignore[assignment]
    recorded_at = serializers.DateTimeField()


class ImportedOut(serializers.Serializer[Any]):
    """How many rates were new; those that were known already are left as they are."""

    recorded = serializers.IntegerField()


class EffectiveOut(serializers.Serializer[Any]):
    """The rate that holds: of its own day, which may be earlier than the one asked for."""

    from_currency = serializers.CharField()
    to_currency = serializers.CharField()
    rate = DecimalText(Price)
    multiplier = DecimalText(Price)
    divisor = DecimalText(Price)
    date = StrictDateField()
    source = serializers.CharField()  # type: ignore[assignment]


class RateQuery(PageQuery, kw_only=True):
    """The latest day first."""

    from_currency: CurrencyCode | None = None
    to_currency: CurrencyCode | None = None
    source: Annotated[str, line(LONGEST_SOURCE)] | None = None
    first: date | None = None
    last: date | None = None


class LookupQuery(Body, kw_only=True, rename={"day": "date"}):
    """A pair of currencies and a day."""

    from_currency: CurrencyCode
    to_currency: CurrencyCode
    day: date


class ExchangeRates(V1View):
    """Rates that were recorded."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": RATES_WRITE}

    @extend_schema(
        operation_id="exchange_rates_list",
        summary="List exchange rates",
        parameters=parameters_of(RateQuery),
        responses=page_of(RateOut),
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, RateQuery)
        rows = selectors.list_rates(
            from_currency=query.from_currency,
            to_currency=query.to_currency,
            source=query.source,
            first=query.first,
            last=query.last,
        )
        total = rows.count()
        shown = rows[query.offset : query.offset + query.limit]
        return Response(query.body(list(RateOut(shown, many=True).data), total))

    @extend_schema(
        operation_id="exchange_rates_create",
        summary="Record an exchange rate; one for a pair and day that has one corrects it from now on",
        request=RateIn,
        responses={201: RateOut},
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = validated(RateIn, request.data)
        quote = Quote(data["from_currency"], data["to_currency"], data["rate"], data["date"], data["source"])
        return Response(RateOut(exchange_rates.record_rate(quote=quote)).data, status=201)


class ExchangeRate(V1View):
    """One recorded rate; it never changes."""

    capability: ClassVar = CATALOGUE_READ

    @extend_schema(operation_id="exchange_rates_retrieve", summary="Read an exchange rate", responses=RateOut)
    def get(self, request: Request, exchange_rate_id: str) -> HttpResponseBase:
        del request
        return Response(RateOut(selectors.get_rate(rate_id=ids.decode("fxr", exchange_rate_id))).data)


class ImportExchangeRates(V1View):
    """Many rates at once."""

    capability: ClassVar = RATES_WRITE

    @extend_schema(
        operation_id="exchange_rates_import",
        summary="Record the rates of a CSV file, or those the ECB published",
        request=ImportIn,
        responses={201: ImportedOut},
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = validated(ImportIn, request.data)
        csv, published = data.get("csv"), data.get("published")
        currencies, first, last = data.get("currencies"), data.get("first"), data.get("last")
        if csv is not None and published is None:
            recorded = exchange_rates.record_rates(quotes=read_csv(csv, source=data.get("source")))
        elif csv is None and published and currencies and first and last:
            recorded = exchange_rates.record_published(
                source=published, currencies=currencies, first=first, last=last
            )
        else:
            detail = "Give a csv; or published, with currencies, first and last."
            raise InvalidInput([FieldError("/csv", "one-of", detail)])
        return Response({"recorded": recorded}, status=201)


class LookUpExchangeRate(V1View):
    """The rate that would be used."""

    capability: ClassVar = CATALOGUE_READ
    depends_on_state = True

    @extend_schema(
        operation_id="exchange_rates_lookup",
        summary="The exchange rate that holds on a day",
        parameters=parameters_of(LookupQuery),
        responses=EffectiveOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, LookupQuery)
        rate = selectors.rate_of(currency=query.from_currency, target=query.to_currency, day=query.day)
        return Response(EffectiveOut(_effective(rate)).data)


def _effective(rate: Rate) -> Data:
    return {
        "from_currency": rate.currency,
        "to_currency": rate.target,
        "rate": rate.shown,
        "multiplier": rate.multiplier,
        "divisor": rate.divisor,
        "date": rate.day,
        "source": rate.source,
    }
