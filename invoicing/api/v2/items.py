"""v2 of items."""

from typing import Annotated, Any, ClassVar, Literal

from invoicing import models
from invoicing.api.v2.invoice_in import TaxIn
from invoicing.api.v2.master_data import Json, RecordQuery, shown
from invoicing.api.v2.master_schema import Documented
from invoicing.api.v2.records import RecordDetail, RecordKind, RecordList, RecordReactivation
from invoicing.domain.stored import plain
from invoicing.selectors.catalogue import get_item, list_items
from invoicing.services import items
from tenants.http.metadata import Metadata
from tenants.http.values import Body, CurrencyCode, Price, line, shape

ItemCode = Annotated[str, line(50)]
UnitCode = Annotated[str, shape("[A-Z0-9]{1,3}", "Expected a UN/ECE Rec 20 code such as C62.")]


class ItemIn(Body, kw_only=True):
    """A good or service as a line takes it over: `unit_price` is net, per `unit_code`.

    Without a currency the price is in that of the default legal entity.
    """

    code: ItemCode
    name: Annotated[str, line(200)]
    unit_price: Price
    tax: TaxIn
    currency: CurrencyCode | None = None
    unit_code: UnitCode | None = None
    metadata: Metadata | None = None


class ItemQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["code", "-code", "name", "-name", "created_at", "-created_at"] = "code"
    code: ItemCode | None = None
    currency: CurrencyCode | None = None
    tax_category: Annotated[str, shape("[A-Z]{1,2}", "Expected a VAT category such as S.")] | None = None
    metadata: Metadata | None = None


DOCUMENTED = Documented(
    many="items",
    one="an item",
    query=ItemQuery,
    new=ItemIn,
    patch=ItemIn,
    example={
        "code": "CONS-1",
        "name": "Consulting, senior",
        "unit_code": "HUR",
        "unit_price": "120.0000",
        "currency": "EUR",
        "tax": {"category": "S", "rate": "19"},
    },
    change_example={"unit_price": "125.00", "tax": {"rate": "7"}},
)


def _fields(stated: Json) -> dict[str, Any]:
    return {name: value.key() if isinstance(value, TaxIn) else value for name, value in stated.items()}


def _out(item: models.Item) -> Json:
    return shown(item, ItemIn, tax={"category": item.tax_category, "rate": plain(item.tax_rate)})


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
    out=_out,
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
