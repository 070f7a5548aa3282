"""Reading sellers and buyers."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from invoicing.models import Contact, Customer, LegalEntity, Vendor
from invoicing.selectors.master_data import find, select
from invoicing.statements import merging
from tenants.scope import require_tenant_id


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
    metadata: Mapping[str, str] | None = None,
) -> QuerySet[Customer]:
    """Customers by `ordering`; `q` is the beginning of the name in any case, the rest matches exactly."""
    conditions = {"name__istartswith": q, "reference": reference, "country": country, "currency": currency}
    return select(
        Customer,
        ordering=ordering,
        include_inactive=include_inactive,
        conditions=conditions,
        metadata=metadata,
    )


def members_of(*, customer_id: UUID, known_at: datetime | None = None) -> list[UUID]:
    """All customers that a customer stands for, or is stood for by, the survivor first; else itself.

    As far as merges were known before `known_at`, by default all. One statement.
    """
    found = merging.members_of(tenant_id=require_tenant_id(), customer=customer_id, known_at=known_at)
    return found or [customer_id]


def get_vendor(*, vendor_id: UUID) -> Vendor:
    """One vendor, active or not. Raises NotFound."""
    return find(Vendor, vendor_id)


def list_vendors(
    *,
    q: str | None = None,
    reference: str | None = None,
    country: str | None = None,
    currency: str | None = None,
    ordering: str = "name",
    include_inactive: bool = False,
    metadata: Mapping[str, str] | None = None,
) -> QuerySet[Vendor]:
    """Vendors, as `list_customers`."""
    conditions = {"name__istartswith": q, "reference": reference, "country": country, "currency": currency}
    return select(
        Vendor,
        ordering=ordering,
        include_inactive=include_inactive,
        conditions=conditions,
        metadata=metadata,
    )


def get_contact(*, contact_id: UUID) -> Contact:
    """One contact, active or not. Raises NotFound."""
    return find(Contact, contact_id)


def list_contacts(
    *,
    q: str | None = None,
    customer: UUID | None = None,
    vendor: UUID | None = None,
    ordering: str = "name",
    include_inactive: bool = False,
) -> QuerySet[Contact]:
    """Contacts by `ordering`, of one party where it is named; `q` is the beginning of the name."""
    conditions = {"name__istartswith": q, "customer_id": customer, "vendor_id": vendor}
    return select(Contact, ordering=ordering, include_inactive=include_inactive, conditions=conditions)


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
