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
from invoicing.services.validity import ensure_alone, faults_of_days
from invoicing.statements.turns import take_turn
from tenants.errors import FieldError
from tenants.scope import require_tenant_id


class TaxRateFields(TypedDict, total=False):
    """What can be said of a tax rate; `name` and `category` must be.

    `country` and `region`, one of its parts by name, are the jurisdiction; `rate` is in per cent,
    `valid_from` and `valid_to` are the first and the last day.
    """

    name: str
    category: str
    rate: Decimal | None
    country: str | None
    region: str | None
    valid_from: date | None
    valid_to: date | None


@transaction.atomic
def create_tax_rate(**fields: Unpack[TaxRateFields]) -> TaxRate:
    """A new rate. Raises InvalidInput with every fault, ValidityOverlaps."""
    _take_turn()
    return store(row=TaxRate(tenant_id=require_tenant_id()), fields=fields, settled=_settle)


@transaction.atomic
def update_tax_rate(
    *, tax_rate_id: UUID, expected_version: int | None = None, **changes: Unpack[TaxRateFields]
) -> TaxRate:
    """Change what is named; documents say category and rate themselves and stay as they are.

    Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput, ValidityOverlaps.
    """
    _take_turn()
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
    """Offer a rate again; without effect on an active one. Raises NotFound, ValidityOverlaps."""
    _take_turn()
    rate = lock(model=TaxRate, record_id=tax_rate_id)
    return store(row=rate, fields={"is_active": True}, settled=_ensure_alone)


def _settle(rate: TaxRate) -> None:
    faults = missing(row=rate, names=["name"])
    key = TaxKey(rate.category, rate.rate)
    fault = fault_of(key)
    if fault is not None:
        faults.append(FieldError(f"/{fault.member}", fault.code, fault.detail))
    if rate.region and not rate.country:
        faults.append(FieldError("/country", "missing", "A region is one of a country."))
    faults += faults_of_days(rate)
    settle(row=rate, rules={"country": identifiers.checked_country}, faults=faults)
    rate.rate = canonical(key).rate
    _ensure_alone(rate)


def _ensure_alone(rate: TaxRate) -> None:
    alike = TaxRate.objects.filter(name=rate.name, country=rate.country, region=rate.region)
    ensure_alone(rate, among=alike)


def _take_turn() -> None:
    """Rates of one name and jurisdiction exclude each other, so their writers take turns."""
    take_turn(tenant_id=require_tenant_id(), subject="tax-rates")
