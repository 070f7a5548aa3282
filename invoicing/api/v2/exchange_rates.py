"""v2 of exchange rates: recorded for good, uploaded, taken over from the ECB, and looked up for a day."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

import msgspec
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec.json import encode
from rest_framework.request import Request

from invoicing.api.v2 import ledger_schema as schema
from invoicing.domain.exchange import Quote, Rate
from invoicing.domain.rate_table import LONGEST_SOURCE, read_csv
from invoicing.models import FxRate
from invoicing.selectors import exchange_rates as selectors
from invoicing.services import exchange_rates
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, RATES_WRITE
from tenants.errors import FieldError, InvalidInput
from tenants.http.idempotency import idempotent
from tenants.http.pagination import CursorQuery, decode_cursor, encode_cursor
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.values import Body, CurrencyCode, Price, line, prose
from tenants.http.versions import V2View

_LISTING = "exchange-rates"
Source = Annotated[str, line(LONGEST_SOURCE)]
_DAY = {"day": "date"}


class RateIn(Body, kw_only=True, rename=_DAY):
    """So many units of `to_currency` for one of `from_currency`, as `source` published it for that day."""

    from_currency: CurrencyCode
    to_currency: CurrencyCode
    rate: Price
    day: date
    source: Source


class ImportIn(Body, kw_only=True):
    """A `csv` (date, from, to, rate, source; or the ECB's file), or what `published` has of a period."""

    csv: Annotated[str, prose(1_000_000)] | None = None
    source: Source | None = None
    published: Literal["ECB"] | None = None
    currencies: Annotated[list[CurrencyCode], msgspec.Meta(min_length=1, max_length=200)] | None = None
    first: date | None = None
    last: date | None = None


class RateQuery(CursorQuery, kw_only=True):
    """The latest day first."""

    from_currency: CurrencyCode | None = None
    to_currency: CurrencyCode | None = None
    source: Source | None = None
    first: date | None = None
    last: date | None = None


class LookupQuery(Body, kw_only=True, rename=_DAY):
    """A pair of currencies and a day."""

    from_currency: CurrencyCode
    to_currency: CurrencyCode
    day: date


class RateOut(msgspec.Struct, rename={**_DAY, "rate_id": "id"}):
    rate_id: str
    from_currency: str
    to_currency: str
    rate: str
    day: date
    source: str
    recorded_at: datetime


class RatePageOut(msgspec.Struct):
    data: list[RateOut]
    next_cursor: str | None
    has_more: bool
    total: int | msgspec.UnsetType = msgspec.UNSET


class ImportedOut(msgspec.Struct):
    """How many rates were new; those that were known already are left as they are."""

    recorded: int


class EffectiveOut(msgspec.Struct, rename=_DAY):
    """The rate that holds: of its own day, which may be earlier than the one asked for.

    Amounts are multiplied by `multiplier`, divided by `divisor` and rounded once; `rate` is the quotient
    to twelve digits.
    """

    from_currency: str
    to_currency: str
    rate: str
    multiplier: str
    divisor: str
    day: date
    source: str


class ExchangeRates(V2View):
    """Rates that were recorded."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": RATES_WRITE}

    @extend_schema(
        **schema.reading("exchange_rates_list", "List exchange rates", RatePageOut, query=RateQuery)
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
        total = rows.count() if query.wants_total else msgspec.UNSET
        if query.cursor is not None:
            rows = selectors.rates_after(rows, key=decode_cursor(_LISTING, query.cursor, tuple[date, UUID]))
        found = list(rows[: query.size + 1])
        shown, has_more = found[: query.size], len(found) > query.size
        cursor = encode_cursor(_LISTING, (shown[-1].day, shown[-1].id)) if has_more else None
        return JSONBytes(encode(RatePageOut([rate_out(row) for row in shown], cursor, has_more, total)))

    @extend_schema(
        **schema.posting(
            "exchange_rates_create",
            "Record an exchange rate; one for a pair and day that has one corrects it from now on",
            RateIn,
            RateOut,
            {
                "from_currency": "EUR",
                "to_currency": "USD",
                "rate": "1.1172",
                "date": "2026-10-30",
                "source": "ECB",
            },
        )
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        body = parse_request(request, RateIn)
        quote = Quote(body.from_currency, body.to_currency, Decimal(body.rate), body.day, body.source)
        row = exchange_rates.record_rate(quote=quote)
        headers = {"Location": f"{request.path.rstrip('/')}/{row.public_id}"}
        return JSONBytes(encode(rate_out(row)), status=201, headers=headers)


class ExchangeRate(V2View):
    """One recorded rate; it never changes."""

    capability: ClassVar = CATALOGUE_READ

    @extend_schema(**schema.reading("exchange_rates_retrieve", "Read an exchange rate", RateOut))
    def get(self, request: Request, exchange_rate_id: str) -> HttpResponseBase:
        del request
        return JSONBytes(encode(rate_out(selectors.get_rate(rate_id=ids.decode("fxr", exchange_rate_id)))))


class ImportExchangeRates(V2View):
    """Many rates at once."""

    capability: ClassVar = RATES_WRITE

    @extend_schema(
        **schema.posting(
            "exchange_rates_import",
            "Record the rates of a CSV file, or those the ECB published",
            ImportIn,
            ImportedOut,
            {"csv": "date,from,to,rate\n2026-10-30,EUR,USD,1.1172\n", "source": "house bank"},
        )
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        body = parse_request(request, ImportIn)
        if body.csv is not None and body.published is None:
            recorded = exchange_rates.record_rates(quotes=read_csv(body.csv, source=body.source))
        elif body.csv is None and body.published and body.currencies and body.first and body.last:
            recorded = exchange_rates.record_published(
                source=body.published, currencies=body.currencies, first=body.first, last=body.last
            )
        else:
            detail = "Give a csv; or published, with currencies, first and last."
            raise InvalidInput([FieldError("/csv", "one-of", detail)])
        return JSONBytes(encode(ImportedOut(recorded)), status=201)


class LookUpExchangeRate(V2View):
    """The rate that would be used."""

    capability: ClassVar = CATALOGUE_READ
    depends_on_state = True

    @extend_schema(
        **schema.reading(
            "exchange_rates_lookup", "The exchange rate that holds on a day", EffectiveOut, query=LookupQuery
        )
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, LookupQuery)
        rate = selectors.rate_of(currency=query.from_currency, target=query.to_currency, day=query.day)
        return JSONBytes(encode(_effective_out(rate)))


def rate_out(row: FxRate) -> RateOut:
    """A recorded rate."""
    return RateOut(
        row.public_id,
        row.from_currency,
        row.to_currency,
        format(row.rate, "f"),
        row.day,
        row.source,
        row.recorded_at,
    )


def _effective_out(rate: Rate) -> EffectiveOut:
    return EffectiveOut(
        rate.currency,
        rate.target,
        format(rate.shown, "f"),
        format(rate.multiplier, "f"),
        format(rate.divisor, "f"),
        rate.day,
        rate.source,
    )
