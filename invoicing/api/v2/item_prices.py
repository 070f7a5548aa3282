"""v2 of item prices."""

from datetime import date
from typing import ClassVar, Literal

from invoicing import models
from invoicing.api.v2.invoice_in import ItemId
from invoicing.api.v2.master_data import Json, OrderedQuery, shown
from invoicing.api.v2.master_schema import Documented
from invoicing.api.v2.records import RecordDetail, RecordKind, RecordList, RecordReactivation
from invoicing.selectors.catalogue import get_item_price, list_item_prices
from invoicing.services import item_prices
from tenants import ids
from tenants.http.values import Body, CurrencyCode, Price


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


def _out(price: models.ItemPrice) -> Json:
    return shown(price, ItemPriceIn, item=ids.encode("itm", price.item_id))


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
    out=_out,
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
