"""Customers: the parties a tenant invoices."""

from decimal import Decimal
from typing import Unpack
from uuid import UUID

from django.db import transaction

from invoicing.models import Customer, LegalEntity
from invoicing.money import fits, known_currency
from invoicing.services.master_data import lock, switch
from invoicing.services.partners import (
    PartnerFields,
    create_partner,
    reactivate_partner,
    settle_partner,
    update_partner,
)
from tenants.errors import FieldError
from tenants.scope import require_tenant_id


class CustomerFields(PartnerFields, total=False):
    """What can be said of a customer; `name` and `country` must be.

    `credit_limit` is in major units of `credit_limit_currency`, by default the customer's currency, else
    that of the tenant's default legal entity.
    """

    credit_limit: Decimal | None
    credit_limit_currency: str | None


@transaction.atomic
def create_customer(**fields: Unpack[CustomerFields]) -> Customer:
    """A new customer. Raises InvalidInput with every fault, ReferenceTaken."""
    return create_partner(row=Customer(tenant_id=require_tenant_id()), fields=fields, settled=_settle)


@transaction.atomic
def update_customer(
    *, customer_id: UUID, expected_version: int | None = None, **changes: Unpack[CustomerFields]
) -> Customer:
    """Change what is named; documents that were issued keep what they froze.

    Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput, ReferenceTaken.
    """
    return update_partner(
        model=Customer,
        record_id=customer_id,
        expected_version=expected_version,
        changes=changes,
        settled=_settle,
    )


@transaction.atomic
def deactivate_customer(*, customer_id: UUID, expected_version: int | None = None) -> Customer:
    """Take a customer out of use: it cannot be invoiced, its documents stay readable.

    Without effect on an inactive one. Raises NotFound, ChangedMeanwhile.
    """
    customer = lock(model=Customer, record_id=customer_id, expected_version=expected_version)
    return switch(row=customer, is_active=False)


@transaction.atomic
def reactivate_customer(*, customer_id: UUID) -> Customer:
    """Take a customer into use again; without effect on an active one. Raises NotFound, MergedAlready."""
    return reactivate_partner(model=Customer, record_id=customer_id)


def _settle(customer: Customer) -> None:
    settle_partner(customer, faults=_credit_limit_faults(customer))


def _credit_limit_faults(customer: Customer) -> list[FieldError]:
    limit = customer.credit_limit
    if limit is None:
        customer.credit_limit_currency = ""
        return []
    if not customer.credit_limit_currency:
        sellers = LegalEntity.objects.filter(is_default=True)
        ours = sellers.values_list("currency", flat=True).first()
        customer.credit_limit_currency = customer.currency or ours or ""
    currency = customer.credit_limit_currency
    if limit < 0:
        return [FieldError("/credit_limit", "negative", "Expected an amount of zero or more.")]
    if not known_currency(currency):
        detail = "Expected a current ISO 4217 code in capitals, such as EUR."
        return [FieldError("/credit_limit_currency", "unknown-currency", detail)]
    if not fits(limit, currency):
        return [FieldError("/credit_limit", "too-many-decimals", f"{currency} has fewer decimal places.")]
    return []
