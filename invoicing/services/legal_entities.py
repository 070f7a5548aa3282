"""Legal entities: the companies in whose name a tenant invoices."""

from decimal import Decimal
from typing import Any, Unpack
from uuid import UUID

from django.db import transaction

from invoicing.domain import identifiers
from invoicing.domain.cash import settled_steps
from invoicing.domain.document import DocumentType
from invoicing.domain.lifecycle import State
from invoicing.domain.numbering import Reset
from invoicing.models import Invoice, LegalEntity, Payment, Series
from invoicing.services.defaults import ensure_can_leave, ensure_default, is_to_be_default
from invoicing.services.master_data import lock, lock_active, settle, store
from invoicing.services.parties import PartyFields, faults_of, rules_of, settled_terms
from invoicing.statements.turns import take_turn
from tenants.errors import DomainError, FieldError, Kind
from tenants.scope import require_tenant_id

_DEFAULT_CURRENCY = LegalEntity._meta.get_field("currency").get_default()
FIRST_SERIES = {DocumentType.INVOICE: "INV", DocumentType.CREDIT_NOTE: "CN"}


class BooksAreKept(DomainError):
    """The books are kept in this currency: something was issued or received already."""

    kind, code = Kind.CONFLICT, "books-are-kept"


class LegalEntityFields(PartyFields, total=False):
    """What can be said of a legal entity; `name` and `country` must be."""

    currency: str | None
    tax_rounding: str | None
    iban: str | None
    bic: str | None
    payment_days: int | None
    base_rate_required: bool | None
    due_rule: dict[str, Any] | None
    cash_rounding: dict[str, Any] | None
    write_off_limit: Decimal | None
    may_void: bool | None
    over_credit_limit: str | None
    is_default: bool | None


@transaction.atomic
def create_legal_entity(**fields: Unpack[LegalEntityFields]) -> LegalEntity:
    """A new company with a default series for each type of document; the tenant's first is its default.

    Raises InvalidInput with every fault.
    """
    tenant_id = _take_turn()
    wanted = bool(fields.get("is_default"))
    fields["is_default"] = is_to_be_default(group=LegalEntity.objects.all(), wanted=wanted)
    entity = store(row=LegalEntity(tenant_id=tenant_id), fields=fields, settled=_settle)
    Series.objects.bulk_create(
        Series(
            tenant_id=tenant_id,
            legal_entity_id=entity.id,
            document_type=document_type.value,
            code=code,
            pattern=f"{code}-{{year}}-{{number:05}}",
            reset=Reset.YEAR.value,
            is_default=True,
        )
        for document_type, code in FIRST_SERIES.items()
    )
    return entity


@transaction.atomic
def update_legal_entity(
    *, legal_entity_id: UUID, expected_version: int | None = None, **changes: Unpack[LegalEntityFields]
) -> LegalEntity:
    """Change what is named; a new default takes the place of the old one.

    Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput, DefaultNeeded, BooksAreKept.
    """
    _take_turn()
    entity = lock_active(model=LegalEntity, record_id=legal_entity_id, expected_version=expected_version)
    if "currency" in changes:
        _ensure_may_become(entity, changes["currency"] or _DEFAULT_CURRENCY)
    wanted = bool(changes.get("is_default", entity.is_default))
    ensure_default(group=LegalEntity.objects.all(), row=entity, was=entity.is_default, wanted=wanted)
    return store(row=entity, fields=changes, settled=_settle)


@transaction.atomic
def deactivate_legal_entity(*, legal_entity_id: UUID, expected_version: int | None = None) -> LegalEntity:
    """Take a company out of use; its documents stay readable, its drafts cannot be issued.

    Without effect on an inactive one. Raises NotFound, ChangedMeanwhile, DefaultNeeded.
    """
    _take_turn()
    entity = lock(model=LegalEntity, record_id=legal_entity_id, expected_version=expected_version)
    ensure_can_leave(group=LegalEntity.objects.all(), row=entity, is_default=entity.is_default)
    return store(row=entity, fields={"is_active": False, "is_default": False})


@transaction.atomic
def reactivate_legal_entity(*, legal_entity_id: UUID) -> LegalEntity:
    """Take a company into use again; without effect on an active one. Raises NotFound."""
    _take_turn()
    entity = lock(model=LegalEntity, record_id=legal_entity_id)
    if entity.is_active:
        return entity
    is_default = is_to_be_default(group=LegalEntity.objects.all(), wanted=False)
    return store(row=entity, fields={"is_active": True, "is_default": is_default})


def _ensure_may_become(entity: LegalEntity, currency: str) -> None:
    """Book values are in the currency that was the entity's when they were posted."""
    if currency == entity.currency:
        return
    issued = Invoice.objects.filter(legal_entity_id=entity.id).exclude(state=State.DRAFT.value)
    if issued.exists() or Payment.objects.filter(legal_entity_id=entity.id).exists():
        raise BooksAreKept(pointer="/currency")


def _take_turn() -> UUID:
    """One default is a rule about all companies of a tenant, so their writers take turns."""
    tenant_id = require_tenant_id()
    take_turn(tenant_id=tenant_id, subject="legal-entities")
    return tenant_id


def _settle(entity: LegalEntity) -> None:
    rules = {
        **rules_of(party=entity),
        "currency": identifiers.checked_currency,
        "iban": identifiers.checked_iban,
        "bic": identifiers.checked_bic,
    }
    faults = [*faults_of(party=entity)]
    if entity.write_off_limit < 0:
        faults.append(FieldError("/write_off_limit", "negative", "Expected an amount of zero or more."))
    entity.due_rule = settled_terms(entity.due_rule, faults)
    entity.cash_rounding = settled_steps(entity.cash_rounding, faults)
    settle(row=entity, rules=rules, faults=faults)
