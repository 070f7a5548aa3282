"""v1 of item prices."""

from datetime import date
from typing import ClassVar, Literal

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v1.master_data import (
    Documented,
    OrderedQuery,
    RecordSerializer,
    page,
    patched,
    stated,
)
from invoicing.api.v1.references import ItemId
from invoicing.selectors.catalogue import get_item_price, list_item_prices
from invoicing.services import item_prices
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.query import parse_query
from tenants.http.serializers import (
    CleanCharField,
    DecimalText,
    PublicIdField,
    StrictDateField,
    StrictSerializer,
)
from tenants.http.values import CurrencyCode, Price
from tenants.http.versions import V1View


class ItemPricePatchSerializer(StrictSerializer):
    """What can change; null is open on that side."""

    currency = CleanCharField(max_length=3)
    unit_price = DecimalText(Price)
    valid_from = StrictDateField(required=False, allow_null=True)
    valid_to = StrictDateField(required=False, allow_null=True)


class ItemPriceSerializer(ItemPricePatchSerializer, RecordSerializer):
    """What an item costs, net and per its unit, from a first to a last day, in one currency."""

    item = PublicIdField("itm", source="item_id")


class ItemPriceQuery(OrderedQuery, kw_only=True):
    """`valid_on` is a day on which the price holds."""

    ordering: Literal["created_at", "-created_at"] = "created_at"
    item: ItemId | None = None
    currency: CurrencyCode | None = None
    valid_on: date | None = None


DOCUMENTED = Documented(
    "item-prices",
    "an item's price",
    query=ItemPriceQuery,
    kind=ItemPriceSerializer,
    patch=ItemPricePatchSerializer,
)


class ItemPrices(V1View):
    """What items cost, by currency and day."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @DOCUMENTED.listing
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, ItemPriceQuery)
        rows = list_item_prices(
            item=query.item,
            currency=query.currency,
            valid_on=query.valid_on,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
        )
        return page(query, rows, ItemPriceSerializer)

    @DOCUMENTED.creation
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = stated(request, ItemPriceSerializer)
        price = item_prices.create_item_price(item=data.pop("item_id"), **data)
        return Response(ItemPriceSerializer(price).data, status=201)


class ItemPrice(V1View):
    """One price."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @DOCUMENTED.reading
    def get(self, request: Request, item_price_id: str) -> HttpResponseBase:
        return Response(ItemPriceSerializer(_get(item_price_id)).data)

    @DOCUMENTED.change
    def patch(self, request: Request, item_price_id: str) -> HttpResponseBase:
        price = _get(item_price_id)
        changes = patched(request, ItemPricePatchSerializer)
        changed = item_prices.update_item_price(item_price_id=price.id, **changes)
        return Response(ItemPriceSerializer(changed).data)

    @DOCUMENTED.deactivation
    def delete(self, request: Request, item_price_id: str) -> HttpResponseBase:
        item_prices.deactivate_item_price(item_price_id=ids.decode("prc", item_price_id))
        return Response(status=204)


class ReactivateItemPrice(V1View):
    """A price that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @DOCUMENTED.reactivation
    @idempotent
    def post(self, request: Request, item_price_id: str) -> HttpResponseBase:
        price = item_prices.reactivate_item_price(item_price_id=ids.decode("prc", item_price_id))
        return Response(ItemPriceSerializer(price).data)


def _get(item_price_id: str) -> models.ItemPrice:
    return get_item_price(item_price_id=ids.decode("prc", item_price_id))
