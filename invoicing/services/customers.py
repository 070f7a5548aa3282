"""Customers: the parties a tenant invoices."""

from typing import Unpack
from uuid import UUID

from django.db import transaction

from invoicing.domain import identifiers
from invoicing.models import Customer
from invoicing.services.master_data import lock, lock_active, refusing, settle, store, switch
from invoicing.services.parties import PartyFields, faults_of, rules_of
from tenants.errors import DomainError, Kind
from tenants.scope import require_tenant_id


class ReferenceTaken(DomainError):
    """Another customer, perhaps a deactivated one, has this reference."""

    kind, code = Kind.CONFLICT, "reference-taken"


class CustomerFields(PartyFields, total=False):
    """What can be said of a customer; `name` and `country` must be."""

    reference: str | None
    currency: str | None
    language: str | None
    payment_days: int | None


@transaction.atomic
def create_customer(**fields: Unpack[CustomerFields]) -> Customer:
    """A new customer. Raises InvalidInput with every fault, ReferenceTaken."""
    with refusing(invoicing_customer_reference=ReferenceTaken(pointer="/reference")):
        return store(row=Customer(tenant_id=require_tenant_id()), fields=fields, settled=_settle)


@transaction.atomic
def update_customer(
    *, customer_id: UUID, expected_version: int | None = None, **changes: Unpack[CustomerFields]
) -> Customer:
    """Change what is named; documents that were issued keep what they froze.

    Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput, ReferenceTaken.
    """
    customer = lock_active(model=Customer, record_id=customer_id, expected_version=expected_version)
    with refusing(invoicing_customer_reference=ReferenceTaken(pointer="/reference")):
        return store(row=customer, fields=changes, settled=_settle)


@transaction.atomic
def deactivate_customer(*, customer_id: UUID, expected_version: int | None = None) -> Customer:
    """Take a customer out of use: it cannot be invoiced, its documents stay readable.

    Without effect on an inactive one. Raises NotFound, ChangedMeanwhile.
    """
    customer = lock(model=Customer, record_id=customer_id, expected_version=expected_version)
    return switch(row=customer, is_active=False)


@transaction.atomic
def reactivate_customer(*, customer_id: UUID) -> Customer:
    """Take a customer into use again; without effect on an active one. Raises NotFound."""
    return switch(row=lock(model=Customer, record_id=customer_id), is_active=True)


def _settle(customer: Customer) -> None:
    rules = {
        **rules_of(party=customer),
        "currency": identifiers.checked_currency,
        "language": identifiers.checked_language,
    }
    settle(row=customer, rules=rules, faults=faults_of(party=customer))
