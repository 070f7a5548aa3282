"""v1 of items."""

from typing import Any, ClassVar, Literal

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v1.invoice_in import TaxIn
from invoicing.api.v1.master_data import (
    Documented,
    RecordQuery,
    RecordSerializer,
    optional_text,
    page,
    patched,
    stated,
)
from invoicing.domain.document import TaxKey
from invoicing.selectors.catalogue import get_item, list_items
from invoicing.services import items
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.metadata import Metadata, MetadataField
from tenants.http.query import parse_query
from tenants.http.serializers import CleanCharField, DecimalText
from tenants.http.values import CurrencyCode, Price, ShortText
from tenants.http.versions import V1View


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


class Items(V1View):
    """The goods and services of the catalogue."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @DOCUMENTED.listing
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, ItemQuery)
        rows = list_items(
            q=query.q,
            code=query.code,
            currency=query.currency,
            tax_category=query.tax_category,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
            metadata=query.metadata,
        )
        return page(query, rows, ItemSerializer)

    @DOCUMENTED.creation
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        item = items.create_item(**_fields(stated(request, ItemSerializer)))
        return Response(ItemSerializer(item).data, status=201)


class Item(V1View):
    """One item."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @DOCUMENTED.reading
    def get(self, request: Request, item_id: str) -> HttpResponseBase:
        return Response(ItemSerializer(_get(item_id)).data)

    @DOCUMENTED.change
    def patch(self, request: Request, item_id: str) -> HttpResponseBase:
        item = _get(item_id)
        so_far = TaxKey(item.tax_category, item.tax_rate)
        changes = _fields(patched(request, ItemSerializer, item), so_far)
        changed = items.update_item(item_id=item.id, **changes)
        return Response(ItemSerializer(changed).data)

    @DOCUMENTED.deactivation
    def delete(self, request: Request, item_id: str) -> HttpResponseBase:
        items.deactivate_item(item_id=ids.decode("itm", item_id))
        return Response(status=204)


class ReactivateItem(V1View):
    """An item that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @DOCUMENTED.reactivation
    @idempotent
    def post(self, request: Request, item_id: str) -> HttpResponseBase:
        item = items.reactivate_item(item_id=ids.decode("itm", item_id))
        return Response(ItemSerializer(item).data)


def _get(item_id: str) -> models.Item:
    return get_item(item_id=ids.decode("itm", item_id))


def _fields(data: dict[str, Any], so_far: TaxKey | None = None) -> dict[str, Any]:
    if "tax" not in data:
        return data
    known = {} if so_far is None else {"category": so_far.category, "rate": so_far.rate}
    return {**data, "tax": TaxKey(**{"rate": None, **known, **data["tax"]})}
