"""Tax rates: those a tenant chooses from."""

from datetime import date
from decimal import Decimal
from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from invoicing.domain import identifiers
from invoicing.domain.document import TaxKey
from invoicing.domain.tax import canonical, fault_of
from invoicing.models import TaxRate
from invoicing.services.master_data import lock, lock_active, missing, settle, store, switch
from tenants.errors import FieldError
from tenants.scope import require_tenant_id


class TaxRateFields(TypedDict, total=False):
    """What can be said of a tax rate; `name` and `category` must be.

    `rate` is in per cent, `valid_from` and `valid_to` are the first and the last day.
    """

    name: str
    category: str
    rate: Decimal | None
    country: str | None
    valid_from: date | None
    valid_to: date | None


@transaction.atomic
def create_tax_rate(**fields: Unpack[TaxRateFields]) -> TaxRate:
    """A new rate. Raises InvalidInput with every fault."""
    return store(row=TaxRate(tenant_id=require_tenant_id()), fields=fields, settled=_settle)


@transaction.atomic
def update_tax_rate(
    *, tax_rate_id: UUID, expected_version: int | None = None, **changes: Unpack[TaxRateFields]
) -> TaxRate:
    """Change what is named; documents say category and rate themselves and stay as they are.

    Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput.
    """
    rate = lock_active(model=TaxRate, record_id=tax_rate_id, expected_version=expected_version)
    return store(row=rate, fields=changes, settled=_settle)


@transaction.atomic
def deactivate_tax_rate(*, tax_rate_id: UUID, expected_version: int | None = None) -> TaxRate:
    """Take a rate out of the choice; without effect on an inactive one. Raises NotFound, ChangedMeanwhile."""
    return switch(
        row=lock(model=TaxRate, record_id=tax_rate_id, expected_version=expected_version), is_active=False
    )


@transaction.atomic
def reactivate_tax_rate(*, tax_rate_id: UUID) -> TaxRate:
    """Offer a rate again; without effect on an active one. Raises NotFound."""
    return switch(row=lock(model=TaxRate, record_id=tax_rate_id), is_active=True)


def _settle(rate: TaxRate) -> None:
    faults = missing(row=rate, names=["name"])
    key = TaxKey(rate.category, rate.rate)
    fault = fault_of(key)
    if fault is not None:
        faults.append(FieldError(f"/{fault.member}", fault.code, fault.detail))
    if rate.valid_from and rate.valid_to and rate.valid_to < rate.valid_from:
        faults.append(FieldError("/valid_to", "before-valid-from", "A rate ends on or after its first day."))
    settle(row=rate, rules={"country": identifiers.checked_country}, faults=faults)
    rate.rate = canonical(key).rate
