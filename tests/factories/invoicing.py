"""Sellers, buyers and drafts for tests. Call them inside a scope."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from django.utils import timezone

from invoicing.domain.document import DocumentInput, LineInput, TaxKey
from invoicing.domain.record import Draft, DraftLine
from invoicing.models import Contact, Customer, LegalEntity, PeriodLock, Series, Vendor
from invoicing.services.period_locks import lock_period
from tenants.scope import require_tenant_id
from tests.factories.tenancy import unique


def make_legal_entity(*, name: str = "Acme GmbH", currency: str = "EUR", **settings: object) -> LegalEntity:
    """The tenant's default seller with a default series for each document type."""
    tenant_id = require_tenant_id()
    is_default = not LegalEntity.objects.filter(is_default=True).exists()
    entity: LegalEntity = LegalEntity.objects.create(
        tenant_id=tenant_id,
        name=name,
        vat_id="DE123456789",
        country="DE",
        currency=currency,
        is_default=is_default,
        **settings,
    )
    for document_type, code in (("invoice", "INV"), ("credit_note", "CN")):
        make_series(entity, document_type=document_type, code=code, is_default=True)
    return entity


def make_series(
    entity: LegalEntity,
    *,
    document_type: str = "invoice",
    code: str = "X",
    reset: str = "year",
    is_default: bool = False,
) -> Series:
    """A series whose numbers read `CODE-2026-00001`."""
    series: Series = Series.objects.create(
        tenant_id=entity.tenant_id,
        legal_entity_id=entity.id,
        document_type=document_type,
        code=code,
        pattern=f"{code}-{{year}}-{{number:05}}",
        reset=reset,
        is_default=is_default,
    )
    return series


def make_customer(*, name: str = "Globex Ltd", **settings: object) -> Customer:
    """A buyer with a reference of its own."""
    customer: Customer = Customer.objects.create(
        tenant_id=require_tenant_id(), name=name, country="FR", reference=unique("C"), **settings
    )
    return customer


def make_period_lock(*, days_ago: int = 30) -> PeriodLock:
    """The books of a new legal entity are closed through a day."""
    through = timezone.localdate() - timedelta(days=days_ago)
    return lock_period(closed_through=through, legal_entity_id=make_legal_entity().id)


def make_vendor(*, name: str = "Initech GmbH", **settings: object) -> Vendor:
    """Somebody who sells to the tenant."""
    vendor: Vendor = Vendor.objects.create(
        tenant_id=require_tenant_id(), name=name, country="DE", reference=unique("V"), **settings
    )
    return vendor


def make_contact(customer: UUID, *, name: str = "Jeanne Martin", **settings: object) -> Contact:
    """Somebody at a customer."""
    contact: Contact = Contact.objects.create(
        tenant_id=require_tenant_id(), customer_id=customer, name=name, **settings
    )
    return contact


def a_line(quantity: str = "1", price: str = "100", *, rate: str = "19") -> LineInput:
    """A line at a standard-rated price."""
    return LineInput(quantity=Decimal(quantity), unit_price=Decimal(price), tax=TaxKey("S", Decimal(rate)))


def a_draft(
    customer: UUID,
    *,
    lines: Sequence[LineInput] | None = None,
    currency: str = "EUR",
    prices_include_tax: bool = False,
    **stated: object,
) -> Draft:
    """A draft for `customer`; by default one line of 100.00 at 19 %."""
    inputs = tuple(lines or [a_line()])
    return Draft(
        customer=customer,
        document=DocumentInput(currency=currency, lines=inputs, prices_include_tax=prices_include_tax),
        lines=tuple(DraftLine(f"line {n}", "C62") for n, _ in enumerate(inputs, start=1)),
        **stated,  # type: ignore[arg-type]
    )
