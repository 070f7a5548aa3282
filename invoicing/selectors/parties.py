"""Reading sellers and buyers."""

from uuid import UUID

from django.db.models import QuerySet

from invoicing.models import Customer, LegalEntity
from invoicing.selectors.master_data import find, select


def get_customer(*, customer_id: UUID) -> Customer:
    """One customer, active or not. Raises NotFound."""
    return find(Customer, customer_id)


def list_customers(
    *,
    q: str | None = None,
    reference: str | None = None,
    country: str | None = None,
    currency: str | None = None,
    ordering: str = "name",
    include_inactive: bool = False,
) -> QuerySet[Customer]:
    """Customers by `ordering`; `q` is the beginning of the name in any case, the rest matches exactly."""
    conditions = {"name__istartswith": q, "reference": reference, "country": country, "currency": currency}
    return select(Customer, ordering=ordering, include_inactive=include_inactive, conditions=conditions)


def get_legal_entity(*, legal_entity_id: UUID) -> LegalEntity:
    """One legal entity, active or not. Raises NotFound."""
    return find(LegalEntity, legal_entity_id)


def list_legal_entities(
    *,
    q: str | None = None,
    country: str | None = None,
    ordering: str = "name",
    include_inactive: bool = False,
) -> QuerySet[LegalEntity]:
    """Legal entities by `ordering`; `q` is the beginning of the name in any case."""
    conditions = {"name__istartswith": q, "country": country}
    return select(LegalEntity, ordering=ordering, include_inactive=include_inactive, conditions=conditions)
