"""v2 of items."""

from typing import Annotated, Any, ClassVar, Literal

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v2.invoice_in import TaxIn
from invoicing.api.v2.master_data import (
    Json,
    RecordQuery,
    answer,
    columns,
    created,
    expected_version,
    page,
    patched,
    shown,
)
from invoicing.api.v2.master_schema import Documented
from invoicing.domain.stored import plain
from invoicing.selectors.catalogue import get_item, list_items
from invoicing.services import items
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.metadata import Metadata
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.values import Body, CurrencyCode, Price, line, shape
from tenants.http.versions import V2View

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


class Items(V2View):
    """The goods and services of the catalogue."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.listing)
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
        return page(query, rows, _out)

    @extend_schema(**DOCUMENTED.creation)
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        stated = parse_request(request, ItemIn)
        return created(request, _out(items.create_item(**_fields(columns(stated)))))


class Item(V2View):
    """One item."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reading)
    def get(self, request: Request, item_id: str) -> HttpResponseBase:
        return answer(request, _out(_get(item_id)))

    @extend_schema(**DOCUMENTED.change)
    def patch(self, request: Request, item_id: str) -> HttpResponseBase:
        item = _get(item_id)
        version = expected_version(request, item)
        changes = _fields(patched(request, _out(item), ItemIn))
        changed = items.update_item(item_id=item.id, expected_version=version, **changes)
        return answer(request, _out(changed))

    @extend_schema(**DOCUMENTED.deactivation)
    def delete(self, request: Request, item_id: str) -> HttpResponseBase:
        item = _get(item_id)
        version = expected_version(request, item, optional=True)
        items.deactivate_item(item_id=item.id, expected_version=version)
        return Response(status=204)


class ReactivateItem(V2View):
    """An item that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reactivation)
    @idempotent
    def post(self, request: Request, item_id: str) -> HttpResponseBase:
        return answer(request, _out(items.reactivate_item(item_id=ids.decode("itm", item_id))))


def _get(item_id: str) -> models.Item:
    return get_item(item_id=ids.decode("itm", item_id))


def _fields(stated: Json) -> dict[str, Any]:
    return {name: value.key() if isinstance(value, TaxIn) else value for name, value in stated.items()}


def _out(item: models.Item) -> Json:
    return shown(item, ItemIn, tax={"category": item.tax_category, "rate": plain(item.tax_rate)})
