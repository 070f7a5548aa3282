"""Duplicates become one: a customer or vendor is merged into another, which stands for it from then on.

What was posted or issued under the merged one keeps its row and its frozen buyer; lists, accounts, reports
and allocations read it as the survivor's. A report that knows less than the merge shows the two apart, as
it did then. The order of locks is that of all that issue and post: drafts, the ledger, customers.
"""

from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from invoicing.models import Contact, Customer, Invoice, Partner, Vendor
from invoicing.models.fields import LedgerMoment
from invoicing.services import posting
from invoicing.services.master_data import Deactivated, ensure_version
from invoicing.services.partners import MergedAlready
from invoicing.statements.turns import take_turn
from tenants import events
from tenants.errors import FieldError, InvalidInput, NotFound
from tenants.scope import require_tenant_id

P = TypeVar("P", bound=Partner)


@transaction.atomic
def merge_customers(*, customer_id: UUID, into: UUID, expected_version: int | None = None) -> Customer:
    """Merge a customer, active or not, into an active one and tell the survivor.

    Its drafts and contacts become the survivor's. It stays as an inactive alias: whoever drafts for it,
    posts to it or asks for it reaches the survivor. Repeating a merge has no effect. Raises NotFound,
    ChangedMeanwhile, MergedAlready, Deactivated (the survivor), InvalidInput.
    """
    _take_turn(customer_id, into)
    drafts = Invoice.objects.filter(customer_id=customer_id, state="draft", corrects_id__isnull=True)
    held = [draft.id for draft in drafts.select_for_update(no_key=True).order_by("id").only("id")]
    posting.join_ledger()
    alias, survivor = _lock_pair(Customer, customer_id, into, expected_version)
    if alias.merged_into_id == into:
        return survivor
    Invoice.objects.filter(id__in=held, state="draft").update(
        customer_id=into, version=F("version") + 1, updated_at=timezone.now()
    )
    _move_contacts(alias, survivor, "customer_id")
    _finish(alias, survivor, drafts=len(held))
    return survivor


@transaction.atomic
def merge_vendors(*, vendor_id: UUID, into: UUID, expected_version: int | None = None) -> Vendor:
    """As `merge_customers`, for vendors: contacts become the survivor's."""
    _take_turn(vendor_id, into)
    posting.join_ledger()
    alias, survivor = _lock_pair(Vendor, vendor_id, into, expected_version)
    if alias.merged_into_id == into:
        return survivor
    _move_contacts(alias, survivor, "vendor_id")
    _finish(alias, survivor)
    return survivor


def _take_turn(party: UUID, into: UUID) -> None:
    """Merges of one tenant take turns, so that no two point at each other."""
    if party == into:
        raise InvalidInput([FieldError("/into", "itself", "A party cannot be merged into itself.")])
    take_turn(tenant_id=require_tenant_id(), subject="merges")


def _lock_pair(model: type[P], party: UUID, into: UUID, expected_version: int | None) -> tuple[P, P]:
    rows = model.all_objects.select_for_update(no_key=True).filter(id__in=[party, into]).order_by("id")
    found: dict[UUID, P] = {row.id: row for row in rows}
    if party not in found:
        raise NotFound
    alias = found[party]
    if into not in found:
        raise InvalidInput([FieldError("/into", "unknown-reference", "There is no such party.")])
    survivor = found[into]
    if alias.merged_into_id == into:
        return alias, survivor
    ensure_version(version=alias.version, expected=expected_version)
    if alias.merged_into_id is not None:
        raise MergedAlready
    if survivor.merged_into_id is not None:
        raise MergedAlready(pointer="/into")
    if not survivor.is_active:
        raise Deactivated(pointer="/into")
    return alias, survivor


def _move_contacts(alias: Partner, survivor: Partner, column: str) -> None:
    """The survivor keeps the default it has."""
    contacts = Contact.all_objects.filter(**{column: alias.id})
    changes: dict[str, object] = {column: survivor.id}
    if Contact.objects.filter(**{column: survivor.id, "is_default": True}).exists():
        changes["is_default"] = False
    contacts.update(**changes, version=F("version") + 1, updated_at=timezone.now())


def _finish(alias: Partner, survivor: Partner, **counted: int) -> None:
    type(alias).all_objects.filter(id=alias.id).update(
        is_active=False,
        merged_into_id=survivor.id,
        merged_at=LedgerMoment(),
        version=F("version") + 1,
        updated_at=timezone.now(),
    )
    name = f"{alias._meta.model_name}.merged"
    data = {"into": survivor.public_id, **counted}
    events.publish(events.Event(name, alias._meta.label_lower, str(alias.id), data))
