"""Reading what is sold and how it is taxed."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from invoicing.models import Item, ItemPrice, TaxRate
from invoicing.selectors.master_data import find, select


def get_item(*, item_id: UUID) -> Item:
    """One item, active or not. Raises NotFound."""
    return find(Item, item_id)


def list_items(
    *,
    q: str | None = None,
    code: str | None = None,
    currency: str | None = None,
    tax_category: str | None = None,
    ordering: str = "code",
    include_inactive: bool = False,
    metadata: Mapping[str, str] | None = None,
) -> QuerySet[Item]:
    """Items by `ordering`; `q` is the beginning of the name in any case, the rest matches exactly."""
    conditions = {
        "name__istartswith": q,
        "code": code,
        "currency": currency,
        "tax_category": tax_category,
    }
    return select(
        Item,
        ordering=ordering,
        include_inactive=include_inactive,
        conditions=conditions,
        metadata=metadata,
    )


def get_item_price(*, item_price_id: UUID) -> ItemPrice:
    """One price, active or not. Raises NotFound."""
    return find(ItemPrice, item_price_id)


def list_item_prices(
    *,
    item: UUID | None = None,
    currency: str | None = None,
    valid_on: date | None = None,
    ordering: str = "created_at",
    include_inactive: bool = False,
) -> QuerySet[ItemPrice]:
    """Prices by `ordering`; `valid_on` is a day on which they hold."""
    conditions = {"item_id": item, "currency": currency}
    prices = select(ItemPrice, ordering=ordering, include_inactive=include_inactive, conditions=conditions)
    return prices if valid_on is None else prices.filter(holding_on(valid_on))


def get_tax_rate(*, tax_rate_id: UUID) -> TaxRate:
    """One tax rate, active or not. Raises NotFound."""
    return find(TaxRate, tax_rate_id)


def list_tax_rates(
    *,
    q: str | None = None,
    category: str | None = None,
    country: str | None = None,
    region: str | None = None,
    valid_on: date | None = None,
    ordering: str = "name",
    include_inactive: bool = False,
) -> QuerySet[TaxRate]:
    """Tax rates by `ordering`; `q` is the beginning of the name in any case, `valid_on` a day they hold."""
    conditions = {"name__istartswith": q, "category": category, "country": country, "region": region}
    rates = select(TaxRate, ordering=ordering, include_inactive=include_inactive, conditions=conditions)
    return rates if valid_on is None else rates.filter(holding_on(valid_on))


def holding_on(day: date) -> Q:
    """Rows with a first and a last day, null being open on that side, that hold on a day."""
    return holding_between(day, day)


def holding_between(first: date | None, last: date | None) -> Q:
    """Those that hold on a day from `first` to `last`; None is open on that side."""
    condition = Q()
    if last is not None:
        condition &= Q(valid_from__isnull=True) | Q(valid_from__lte=last)
    if first is not None:
        condition &= Q(valid_to__isnull=True) | Q(valid_to__gte=first)
    return condition
