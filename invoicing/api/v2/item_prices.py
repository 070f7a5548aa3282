"""v2 of item prices."""

from datetime import date
from typing import ClassVar, Literal

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v2.invoice_in import ItemId
from invoicing.api.v2.master_data import (
    Json,
    OrderedQuery,
    answer,
    columns,
    created,
    expected_version,
    page,
    patched,
    shown,
)
from invoicing.api.v2.master_schema import Documented
from invoicing.selectors.catalogue import get_item_price, list_item_prices
from invoicing.services import item_prices
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.values import Body, CurrencyCode, Price
from tenants.http.versions import V2View


class ItemPricePatch(Body, kw_only=True):
    """What can change; null is open on that side."""

    currency: CurrencyCode
    unit_price: Price
    valid_from: date | None = None
    valid_to: date | None = None


class ItemPriceIn(ItemPricePatch, kw_only=True):
    """What an item costs, net and per its unit, from a first to a last day, in one currency.

    It goes before the item's own price; of one item and currency no two hold on one day.
    """

    item: ItemId


class ItemPriceQuery(OrderedQuery, kw_only=True):
    """`valid_on` is a day on which the price holds."""

    ordering: Literal["created_at", "-created_at"] = "created_at"
    item: ItemId | None = None
    currency: CurrencyCode | None = None
    valid_on: date | None = None


DOCUMENTED = Documented(
    many="item-prices",
    one="an item's price",
    query=ItemPriceQuery,
    new=ItemPriceIn,
    patch=ItemPricePatch,
    example={
        "item": "itm_01jd8m3v9qexc8f3y2w5k7r4ta",
        "currency": "USD",
        "unit_price": "129.5000",
        "valid_from": "2027-01-01",
    },
    change_example={"valid_to": "2027-12-31"},
)


class ItemPrices(V2View):
    """What items cost, by currency and day."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.listing)
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, ItemPriceQuery)
        rows = list_item_prices(
            item=query.item,
            currency=query.currency,
            valid_on=query.valid_on,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
        )
        return page(query, rows, _out)

    @extend_schema(**DOCUMENTED.creation)
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        stated = parse_request(request, ItemPriceIn)
        return created(request, _out(item_prices.create_item_price(**columns(stated))))


class ItemPrice(V2View):
    """One price."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reading)
    def get(self, request: Request, item_price_id: str) -> HttpResponseBase:
        return answer(request, _out(_get(item_price_id)))

    @extend_schema(**DOCUMENTED.change)
    def patch(self, request: Request, item_price_id: str) -> HttpResponseBase:
        price = _get(item_price_id)
        version = expected_version(request, price)
        changes = patched(request, _out(price), ItemPricePatch)
        changed = item_prices.update_item_price(item_price_id=price.id, expected_version=version, **changes)
        return answer(request, _out(changed))

    @extend_schema(**DOCUMENTED.deactivation)
    def delete(self, request: Request, item_price_id: str) -> HttpResponseBase:
        price = _get(item_price_id)
        version = expected_version(request, price, optional=True)
        item_prices.deactivate_item_price(item_price_id=price.id, expected_version=version)
        return Response(status=204)


class ReactivateItemPrice(V2View):
    """A price that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reactivation)
    @idempotent
    def post(self, request: Request, item_price_id: str) -> HttpResponseBase:
        price = item_prices.reactivate_item_price(item_price_id=ids.decode("prc", item_price_id))
        return answer(request, _out(price))


def _get(item_price_id: str) -> models.ItemPrice:
    return get_item_price(item_price_id=ids.decode("prc", item_price_id))


def _out(price: models.ItemPrice) -> Json:
    return shown(price, ItemPriceIn, item=ids.encode("itm", price.item_id))
