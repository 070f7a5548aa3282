"""Reading what is sold and how it is taxed."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from invoicing.models import Item, TaxRate
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


def get_tax_rate(*, tax_rate_id: UUID) -> TaxRate:
    """One tax rate, active or not. Raises NotFound."""
    return find(TaxRate, tax_rate_id)


def list_tax_rates(
    *,
    q: str | None = None,
    category: str | None = None,
    country: str | None = None,
    valid_on: date | None = None,
    ordering: str = "name",
    include_inactive: bool = False,
) -> QuerySet[TaxRate]:
    """Tax rates by `ordering`; `q` is the beginning of the name in any case, `valid_on` a day they hold."""
    conditions = {"name__istartswith": q, "category": category, "country": country}
    rates = select(TaxRate, ordering=ordering, include_inactive=include_inactive, conditions=conditions)
    if valid_on is None:
        return rates
    return rates.filter(
        Q(valid_from__isnull=True) | Q(valid_from__lte=valid_on),
        Q(valid_to__isnull=True) | Q(valid_to__gte=valid_on),
    )
