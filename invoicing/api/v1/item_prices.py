"""v1 of item prices."""

from datetime import date
from typing import ClassVar, Literal

from invoicing.api.v1.master_data import (
    Documented,
    OrderedQuery,
    RecordSerializer,
)
from invoicing.api.v1.records import RecordDetail, RecordKind, RecordList, RecordReactivation, references
from invoicing.api.v1.references import ItemId
from invoicing.selectors.catalogue import get_item_price, list_item_prices
from invoicing.services import item_prices
from tenants.http.serializers import (
    CleanCharField,
    DecimalText,
    PublicIdField,
    StrictDateField,
    StrictSerializer,
)
from tenants.http.values import CurrencyCode, Price


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


KIND = RecordKind(
    documented=DOCUMENTED,
    prefix="prc",
    name="item_price_id",
    find=get_item_price,
    list=list_item_prices,
    create=item_prices.create_item_price,
    update=item_prices.update_item_price,
    deactivate=item_prices.deactivate_item_price,
    reactivate=item_prices.reactivate_item_price,
    fields=references("item"),
)


class ItemPrices(RecordList):
    """What items cost, by currency and day."""

    kind: ClassVar = KIND


class ItemPrice(RecordDetail):
    """One price."""

    kind: ClassVar = KIND


class ReactivateItemPrice(RecordReactivation):
    """A price that was deactivated is taken into use again."""

    kind: ClassVar = KIND
