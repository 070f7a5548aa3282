"""What items cost, by currency and day."""

from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from invoicing.domain import identifiers
from invoicing.models import Item, ItemPrice
from invoicing.services.master_data import lock, lock_active, missing, settle, store
from invoicing.services.validity import ensure_alone, faults_of_days
from tenants.errors import FieldError, InvalidInput, NotFound
from tenants.scope import require_tenant_id


class ItemPriceFields(TypedDict, total=False):
    """What can be said of a price; `currency` and `unit_price` must be.

    `unit_price` is net, in major units of `currency`, with as many decimals as it needs; it holds from
    the day `valid_from` to the day `valid_to`, None being open on that side.
    """

    currency: str
    unit_price: Decimal
    valid_from: date | None
    valid_to: date | None


@transaction.atomic
def create_item_price(*, item: UUID, **fields: Unpack[ItemPriceFields]) -> ItemPrice:
    """A new price of an active item. Raises InvalidInput with every fault, ValidityOverlaps."""
    if not Item.objects.select_for_update(no_key=True).filter(id=item).only("id").exists():
        raise InvalidInput([FieldError("/item", "unknown-reference", "There is no such item.")])
    return store(row=ItemPrice(tenant_id=require_tenant_id(), item_id=item), fields=fields, settled=_settle)


@transaction.atomic
def update_item_price(
    *, item_price_id: UUID, expected_version: int | None = None, **changes: Unpack[ItemPriceFields]
) -> ItemPrice:
    """Change what is named; lines that were written keep what they say.

    Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput, ValidityOverlaps.
    """
    _lock_item_of(item_price_id)
    price = lock_active(model=ItemPrice, record_id=item_price_id, expected_version=expected_version)
    return store(row=price, fields=changes, settled=_settle)


@transaction.atomic
def deactivate_item_price(*, item_price_id: UUID, expected_version: int | None = None) -> ItemPrice:
    """Take a price back, as if it had never been; without effect on an inactive one.

    Raises NotFound, ChangedMeanwhile.
    """
    price = lock(model=ItemPrice, record_id=item_price_id, expected_version=expected_version)
    return store(row=price, fields={"is_active": False})


@transaction.atomic
def reactivate_item_price(*, item_price_id: UUID) -> ItemPrice:
    """Offer a price again; without effect on an active one. Raises NotFound, ValidityOverlaps."""
    _lock_item_of(item_price_id)
    price = lock(model=ItemPrice, record_id=item_price_id)
    return store(row=price, fields={"is_active": True}, settled=_ensure_alone)


def _lock_item_of(item_price_id: UUID) -> None:
    """Prices of one item exclude each other, so their writers take turns."""
    item = ItemPrice.all_objects.filter(id=item_price_id).values_list("item_id", flat=True).first()
    if item is None:
        raise NotFound
    lock(model=Item, record_id=item)


def _settle(price: ItemPrice) -> None:
    faults = missing(row=price, names=["currency"]) + faults_of_days(price)
    if price.unit_price is None or price.unit_price < 0:
        detail = "A price is not negative (EN 16931 BR-27)."
        faults.append(FieldError("/unit_price", "negative-price", detail))
    settle(row=price, rules={"currency": identifiers.checked_currency}, faults=faults)
    _ensure_alone(price)


def _ensure_alone(price: ItemPrice) -> None:
    ensure_alone(price, among=ItemPrice.objects.filter(item_id=price.item_id, currency=price.currency))
