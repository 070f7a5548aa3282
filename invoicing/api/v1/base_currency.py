"""v1 of the books' own currency: what is open in it, and what settlements gained and lost."""

from dataclasses import asdict
from datetime import date
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.receivables import Moment
from invoicing.api.v1.references import CustomerId, LegalEntityId
from invoicing.money import round_amount
from invoicing.selectors import base_currency, receivables
from invoicing.selectors.base_currency import Valued
from invoicing.selectors.receivables import OpenItemFilter
from tenants.capabilities import PAYMENTS_READ
from tenants.http.openapi import parameters_of
from tenants.http.query import parse_query
from tenants.http.serializers import DecimalText, StrictDateField
from tenants.http.values import Body, CurrencyCode, Price
from tenants.http.versions import V1View

Data = dict[str, Any]


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


class PositionOut(serializers.Serializer[Any]):
    """`claims` and `credit` in `currency`, the values in `base_currency`; `unvalued` items have none."""

    currency = serializers.CharField()
    claims = DecimalText()
    credit = DecimalText()
    base_currency = serializers.CharField()
    book_value = DecimalText()
    unvalued = serializers.IntegerField()
    rate = DecimalText(Price, allow_null=True)
    rate_date = StrictDateField(allow_null=True)
    rate_source = serializers.CharField(allow_null=True)
    closing_value = DecimalText(allow_null=True)


class PositionsOut(serializers.Serializer[Any]):
    as_of = StrictDateField()
    known_at = serializers.DateTimeField()
    is_final = serializers.BooleanField()
    items = PositionOut(many=True)


class RealisedOut(serializers.Serializer[Any]):
    """`currency` is what was settled; the amounts are in `base_currency`."""

    currency = serializers.CharField()
    base_currency = serializers.CharField()
    gains = DecimalText()
    losses = DecimalText()
    net = DecimalText()


class RealisedPeriodOut(serializers.Serializer[Any]):
    first = StrictDateField()
    last = StrictDateField()
    known_at = serializers.DateTimeField()
    is_final = serializers.BooleanField()
    items = RealisedOut(many=True)


class ReceivablesInBase(V1View):
    """What was open at the end of a day, in the currency of the books."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        operation_id="receivables_in_base",
        summary="What was open at the end of a day, at book value and at the day's rate",
        parameters=parameters_of(PositionQuery),
        responses=PositionsOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, PositionQuery)
        at = receivables.horizon(as_of=query.as_of, known_at=query.known_at)
        filters = OpenItemFilter(
            customer=query.customer, legal_entity=query.legal_entity, currency=query.currency
        )
        rows = [_position_data(row) for row in base_currency.positions(at=at, filters=filters)]
        return Response(PositionsOut({**asdict(at), "items": rows}).data)


class ExchangeDifferences(V1View):
    """What settlements of a period gained and lost on foreign currencies."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        operation_id="exchange_differences",
        summary="Gains and losses realised on foreign currencies in a period",
        parameters=parameters_of(PeriodQuery),
        responses=RealisedPeriodOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, PeriodQuery)
        at, found = base_currency.realised(
            first=query.first, last=query.last, known_at=query.known_at, legal_entity=query.legal_entity
        )
        rows = [
            {
                "currency": row.currency,
                "base_currency": row.base,
                "gains": round_amount(row.gains, row.base),
                "losses": round_amount(row.losses, row.base),
                "net": round_amount(row.gains + row.losses, row.base),
            }
            for row in found
        ]
        period = {"first": query.first, "last": query.last, **asdict(at), "items": rows}
        return Response(RealisedPeriodOut(period).data)


def _position_data(valued: Valued) -> Data:
    row, rate = valued.position, valued.rate
    return {
        "currency": row.currency,
        "claims": round_amount(row.claims, row.currency),
        "credit": round_amount(row.credit, row.currency),
        "base_currency": row.base,
        "book_value": round_amount(row.book_value, row.base),
        "unvalued": row.unvalued,
        "rate": rate and rate.shown,
        "rate_date": rate and rate.day,
        "rate_source": rate and rate.source,
        "closing_value": valued.closing_value,
    }
