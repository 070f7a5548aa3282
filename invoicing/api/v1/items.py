"""v1 of items."""

from typing import Any, ClassVar, Literal

from invoicing import models
from invoicing.api.v1.invoice_in import TaxIn
from invoicing.api.v1.master_data import (
    Documented,
    RecordQuery,
    RecordSerializer,
    optional_text,
)
from invoicing.api.v1.records import RecordDetail, RecordKind, RecordList, RecordReactivation
from invoicing.domain.document import TaxKey
from invoicing.selectors.catalogue import get_item, list_items
from invoicing.services import items
from tenants.http.metadata import Metadata, MetadataField
from tenants.http.serializers import CleanCharField, DecimalText
from tenants.http.values import CurrencyCode, Price, ShortText


class ItemTaxSerializer(TaxIn):
    """Category and rate, which stand in two columns of the item."""

    def get_attribute(self, instance: models.Item) -> models.Item:
        return instance

    def to_representation(self, instance: models.Item) -> dict[str, Any]:
        rate = instance.tax_rate
        return {"category": instance.tax_category, "rate": None if rate is None else format(rate, "f")}


class ItemSerializer(RecordSerializer):
    """A good or service as a line takes it over: `unit_price` is net, per `unit_code`.

    Without a currency the price is in that of the default legal entity.
    """

    code = CleanCharField(max_length=50)
    name = CleanCharField(max_length=200)
    unit_code = optional_text(3)
    unit_price = DecimalText(Price)
    currency = optional_text(3)
    tax = ItemTaxSerializer()
    metadata = MetadataField()


class ItemQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["code", "-code", "name", "-name", "created_at", "-created_at"] = "code"
    code: ShortText | None = None
    currency: CurrencyCode | None = None
    tax_category: ShortText | None = None
    metadata: Metadata | None = None


DOCUMENTED = Documented("items", "an item", query=ItemQuery, kind=ItemSerializer)


def _fields(data: dict[str, Any], item: Any) -> dict[str, Any]:
    """A patch changes the members of the tax that it names."""
    if "tax" not in data:
        return data
    known = {} if item is None else {"category": item.tax_category, "rate": item.tax_rate}
    return {**data, "tax": TaxKey(**{"rate": None, **known, **data["tax"]})}


KIND = RecordKind(
    documented=DOCUMENTED,
    prefix="itm",
    name="item_id",
    find=get_item,
    list=list_items,
    create=items.create_item,
    update=items.update_item,
    deactivate=items.deactivate_item,
    reactivate=items.reactivate_item,
    fields=_fields,
)


class Items(RecordList):
    """The goods and services of the catalogue."""

    kind: ClassVar = KIND


class Item(RecordDetail):
    """One item."""

    kind: ClassVar = KIND


class ReactivateItem(RecordReactivation):
    """An item that was deactivated is taken into use again."""

    kind: ClassVar = KIND
