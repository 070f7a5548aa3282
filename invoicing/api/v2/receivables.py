"""v2 of what customers owe: open items, accounts and statements of any day, as known then or later."""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

import msgspec
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec.json import encode
from rest_framework.request import Request

from invoicing.api.v2 import ledger_schema as schema
from invoicing.api.v2.invoice_in import CustomerId, LegalEntityId
from invoicing.api.v2.receivables_out import (
    CustomerAccountOut,
    ReceivablesOut,
    StatementsOut,
    account_out,
    ageing_out,
    open_item_out,
    statement_out,
)
from invoicing.selectors import accounts, receivables
from invoicing.selectors.receivables import OpenItemFilter
from tenants import ids
from tenants.capabilities import PAYMENTS_READ
from tenants.http.pagination import CursorQuery, decode_cursor, encode_cursor
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.values import Body, CurrencyCode
from tenants.http.versions import V2View

_LISTING = "receivables"
Moment = Annotated[
    datetime,
    msgspec.Meta(tz=True, extra={"code": "malformed", "detail": "Expected a time with its offset."}),
]


class ReceivablesQuery(CursorQuery, kw_only=True):
    """The longest due first. `as_of` is today by default, `known_at` the end of that day.

    Behind a cursor `known_at` is that of the first page.
    """

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


class Receivables(V2View):
    """What was open at the end of a day."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        **schema.reading(
            "receivables_list",
            "What was open at the end of a day, with totals by days overdue",
            ReceivablesOut,
            query=ReceivablesQuery,
        )
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, ReceivablesQuery)
        known_at, after = query.known_at, None
        if query.cursor is not None:
            known_at, day, last = decode_cursor(_LISTING, query.cursor, tuple[datetime, date, UUID])
            after = (day, last)
        at = receivables.horizon(as_of=query.as_of, known_at=known_at)
        filters = OpenItemFilter(
            customer=query.customer, legal_entity=query.legal_entity, currency=query.currency
        )
        found = receivables.list_open_items(at=at, filters=filters, limit=query.size + 1, after=after)
        shown, has_more = found[: query.size], len(found) > query.size
        page = ReceivablesOut(
            as_of=at.as_of,
            known_at=at.known_at,
            is_final=at.is_final,
            totals=[ageing_out(row) for row in receivables.ageing(at=at, filters=filters)],
            data=[open_item_out(row) for row in shown],
            next_cursor=encode_cursor(_LISTING, (at.known_at, shown[-1].day, shown[-1].id))
            if has_more
            else None,
            has_more=has_more,
            total=receivables.count_open_items(at=at, filters=filters)
            if query.wants_total
            else msgspec.UNSET,
        )
        return JSONBytes(encode(page))


class CustomerAccount(V2View):
    """Where a customer stood at the end of a day."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        **schema.reading(
            "customers_account", "The account of a customer on a day", CustomerAccountOut, query=AccountQuery
        )
    )
    def get(self, request: Request, customer_id: str) -> HttpResponseBase:
        query = parse_query(request.query_params, AccountQuery)
        at, found = accounts.account_of(
            customer_id=ids.decode("cus", customer_id), as_of=query.as_of, known_at=query.known_at
        )
        account = CustomerAccountOut(
            customer_id, at.as_of, at.known_at, at.is_final, [account_out(one) for one in found]
        )
        return JSONBytes(encode(account))


class Statements(V2View):
    """What moved a customer's account in a period."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        **schema.reading(
            "statements_retrieve",
            "The statement of a customer's account over a period",
            StatementsOut,
            query=StatementQuery,
        )
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
        statements = StatementsOut(
            ids.encode("cus", query.customer),
            query.first,
            query.last,
            at.known_at,
            at.is_final,
            [statement_out(one) for one in found],
        )
        return JSONBytes(encode(statements))
