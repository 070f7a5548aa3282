"""v1 of what customers owe: open items, accounts and statements of any day, as known then or later."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, ClassVar

import msgspec
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.ledger_out import (
    CustomerAccountOut,
    ReceivablesOut,
    StatementsOut,
    ageing_data,
    open_item_data,
    statement_data,
)
from invoicing.api.v1.references import CustomerId, LegalEntityId
from invoicing.selectors import accounts, receivables
from invoicing.selectors.receivables import OpenItemFilter
from tenants import ids
from tenants.capabilities import PAYMENTS_READ
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.query import parse_query
from tenants.http.values import Body, CurrencyCode
from tenants.http.versions import V1View

Moment = Annotated[
    datetime,
    msgspec.Meta(tz=True, extra={"code": "malformed", "detail": "Expected a time with its offset."}),
]


class ReceivablesQuery(PageQuery, kw_only=True):
    """The longest due first. `as_of` is today by default, `known_at` the end of that day."""

    as_of: date | None = None
    known_at: Moment | None = None
    customer: CustomerId | None = None
    legal_entity: LegalEntityId | None = None
    currency: CurrencyCode | None = None


class AccountQuery(Body, kw_only=True):
    """As of today by default, as known at the end of that day."""

    as_of: date | None = None
    known_at: Moment | None = None


class StatementQuery(Body, kw_only=True, rename={"first": "from", "last": "to"}):
    """A period of 366 days at most, as known at its end."""

    customer: CustomerId
    first: date
    last: date
    known_at: Moment | None = None
    currency: CurrencyCode | None = None


class Receivables(V1View):
    """What was open at the end of a day."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        operation_id="receivables_list",
        summary="What was open at the end of a day, with totals by days overdue",
        parameters=parameters_of(ReceivablesQuery),
        responses=ReceivablesOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, ReceivablesQuery)
        at = receivables.horizon(as_of=query.as_of, known_at=query.known_at)
        filters = OpenItemFilter(
            customer=query.customer, legal_entity=query.legal_entity, currency=query.currency
        )
        found = receivables.list_open_items(at=at, filters=filters, limit=query.limit, offset=query.offset)
        total = receivables.count_open_items(at=at, filters=filters)
        answer = {
            **asdict(at),
            "totals": [ageing_data(row) for row in receivables.ageing(at=at, filters=filters)],
            **query.body([open_item_data(row) for row in found], total),
        }
        return Response(ReceivablesOut(answer).data)


class CustomerAccount(V1View):
    """Where a customer stood at the end of a day."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        operation_id="customers_account",
        summary="The account of a customer on a day",
        parameters=parameters_of(AccountQuery),
        responses=CustomerAccountOut,
    )
    def get(self, request: Request, customer_id: str) -> HttpResponseBase:
        query = parse_query(request.query_params, AccountQuery)
        customer = ids.decode("cus", customer_id)
        at, found = accounts.account_of(customer_id=customer, as_of=query.as_of, known_at=query.known_at)
        return Response(CustomerAccountOut({"customer": customer, **asdict(at), "accounts": found}).data)


class Statements(V1View):
    """What moved a customer's account in a period."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        operation_id="statements_retrieve",
        summary="The statement of a customer's account over a period",
        parameters=parameters_of(StatementQuery),
        responses=StatementsOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, StatementQuery)
        at, found = accounts.statement_of(
            customer_id=query.customer,
            first=query.first,
            last=query.last,
            known_at=query.known_at,
            currency=query.currency,
        )
        answer = {
            "customer": query.customer,
            "from": query.first,
            "to": query.last,
            "known_at": at.known_at,
            "is_final": at.is_final,
            "statements": [statement_data(one) for one in found],
        }
        return Response(StatementsOut(answer).data)
