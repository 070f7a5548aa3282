"""v2 of the books' own currency: what is open in it, and what settlements gained and lost."""

from datetime import date, datetime
from typing import ClassVar

import msgspec
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec.json import encode
from rest_framework.request import Request

from invoicing.api.v2 import ledger_schema as schema
from invoicing.api.v2.invoice_in import CustomerId, LegalEntityId
from invoicing.api.v2.ledger_out import MoneyOut, money_out
from invoicing.api.v2.receivables import Moment
from invoicing.selectors import base_currency, receivables
from invoicing.selectors.base_currency import Valued
from invoicing.selectors.receivables import OpenItemFilter
from tenants.capabilities import PAYMENTS_READ
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.values import Body, CurrencyCode
from tenants.http.versions import V2View


class PositionQuery(Body, kw_only=True):
    """As of today by default, as known at the end of that day."""

    as_of: date | None = None
    known_at: Moment | None = None
    customer: CustomerId | None = None
    legal_entity: LegalEntityId | None = None
    currency: CurrencyCode | None = None


class PeriodQuery(Body, kw_only=True, rename={"first": "from", "last": "to"}):
    """A period of 366 days at most, as known at its end."""

    first: date
    last: date
    known_at: Moment | None = None
    legal_entity: LegalEntityId | None = None


class PositionOut(msgspec.Struct):
    """`book_value` leaves out `unvalued` items, which no rate was known for when they were posted.

    `closing_value` is what the whole is worth at `rate`, the tenant's last before the day's end; null
    without one.
    """

    claims: MoneyOut
    credit: MoneyOut
    book_value: MoneyOut
    unvalued: int
    rate: str | None
    rate_date: date | None
    rate_source: str | None
    closing_value: MoneyOut | None


class PositionsOut(msgspec.Struct):
    as_of: date
    known_at: datetime
    is_final: bool
    data: list[PositionOut]


class RealisedOut(msgspec.Struct):
    """`currency` is what was settled; the amounts are in the currency of the books."""

    currency: str
    gains: MoneyOut
    losses: MoneyOut
    net: MoneyOut


class RealisedPeriodOut(msgspec.Struct, rename={"first": "from", "last": "to"}):
    first: date
    last: date
    known_at: datetime
    is_final: bool
    data: list[RealisedOut]


class ReceivablesInBase(V2View):
    """What was open at the end of a day, in the currency of the books."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        **schema.reading(
            "receivables_in_base",
            "What was open at the end of a day, at book value and at the day's rate",
            PositionsOut,
            query=PositionQuery,
        )
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, PositionQuery)
        at = receivables.horizon(as_of=query.as_of, known_at=query.known_at)
        filters = OpenItemFilter(
            customer=query.customer, legal_entity=query.legal_entity, currency=query.currency
        )
        rows = [_position_out(row) for row in base_currency.positions(at=at, filters=filters)]
        return JSONBytes(encode(PositionsOut(at.as_of, at.known_at, at.is_final, rows)))


class ExchangeDifferences(V2View):
    """What settlements of a period gained and lost on foreign currencies."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        **schema.reading(
            "exchange_differences",
            "Gains and losses realised on foreign currencies in a period",
            RealisedPeriodOut,
            query=PeriodQuery,
        )
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, PeriodQuery)
        at, found = base_currency.realised(
            first=query.first, last=query.last, known_at=query.known_at, legal_entity=query.legal_entity
        )
        rows = [
            RealisedOut(
                row.currency,
                money_out(row.gains, row.base),
                money_out(row.losses, row.base),
                money_out(row.gains + row.losses, row.base),
            )
            for row in found
        ]
        return JSONBytes(encode(RealisedPeriodOut(query.first, query.last, at.known_at, at.is_final, rows)))


def _position_out(valued: Valued) -> PositionOut:
    row, rate = valued.position, valued.rate
    return PositionOut(
        money_out(row.claims, row.currency),
        money_out(row.credit, row.currency),
        money_out(row.book_value, row.base),
        row.unvalued,
        None if rate is None else format(rate.shown, "f"),
        None if rate is None else rate.day,
        None if rate is None else rate.source,
        None if valued.closing_value is None else money_out(valued.closing_value, row.base),
    )
