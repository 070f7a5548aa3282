"""Contacts: the people of a customer or a vendor."""

from typing import TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from invoicing.domain import identifiers
from invoicing.models import Contact, Customer, Vendor
from invoicing.services.defaults import ensure_can_leave, ensure_default, is_to_be_default
from invoicing.services.master_data import lock, lock_active, missing, settle, store
from invoicing.services.parties import checked_email
from tenants.errors import FieldError, InvalidInput, NotFound
from tenants.scope import require_tenant_id


class ContactFields(TypedDict, total=False):
    """What can be said of a contact; `name` must be."""

    name: str
    role: str | None
    email: str | None
    phone: str | None
    language: str | None
    is_default: bool | None


@transaction.atomic
def create_contact(
    *, customer: UUID | None = None, vendor: UUID | None = None, **fields: Unpack[ContactFields]
) -> Contact:
    """A new contact of one customer or of one vendor; the first one of a party is its default.

    Raises InvalidInput with every fault.
    """
    if (customer is None) == (vendor is None):
        raise InvalidInput([FieldError("/customer", "one-party", "Name a customer or a vendor.")])
    contact = Contact(tenant_id=require_tenant_id(), customer_id=customer, vendor_id=vendor)
    if not _lock_party(contact, active=True):
        named = "vendor" if customer is None else "customer"
        raise InvalidInput([FieldError(f"/{named}", "unknown-reference", f"There is no such {named}.")])
    fields["is_default"] = is_to_be_default(group=_siblings(contact), wanted=bool(fields.get("is_default")))
    return store(row=contact, fields=fields, settled=_settle)


@transaction.atomic
def update_contact(
    *, contact_id: UUID, expected_version: int | None = None, **changes: Unpack[ContactFields]
) -> Contact:
    """Change what is named; a new default takes the place of the old one.

    Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput, DefaultNeeded.
    """
    _lock_party_of(contact_id)
    contact = lock_active(model=Contact, record_id=contact_id, expected_version=expected_version)
    wanted = bool(changes.get("is_default", contact.is_default))
    ensure_default(group=_siblings(contact), row=contact, was=contact.is_default, wanted=wanted)
    return store(row=contact, fields=changes, settled=_settle)


@transaction.atomic
def deactivate_contact(*, contact_id: UUID, expected_version: int | None = None) -> Contact:
    """Take a contact out of use. Without effect on an inactive one.

    Raises NotFound, ChangedMeanwhile, DefaultNeeded.
    """
    _lock_party_of(contact_id)
    contact = lock(model=Contact, record_id=contact_id, expected_version=expected_version)
    ensure_can_leave(group=_siblings(contact), row=contact, is_default=contact.is_default)
    return store(row=contact, fields={"is_active": False, "is_default": False})


@transaction.atomic
def reactivate_contact(*, contact_id: UUID) -> Contact:
    """Take a contact into use again; without effect on an active one. Raises NotFound."""
    _lock_party_of(contact_id)
    contact = lock(model=Contact, record_id=contact_id)
    if contact.is_active:
        return contact
    is_default = is_to_be_default(group=_siblings(contact), wanted=False)
    return store(row=contact, fields={"is_active": True, "is_default": is_default})


def _lock_party(contact: Contact, *, active: bool = False) -> bool:
    """One default is a rule about all contacts of a party, so their writers take turns."""
    model: type[Customer | Vendor] = Customer if contact.vendor_id is None else Vendor
    rows = model.objects if active else model.all_objects
    party = rows.select_for_update(no_key=True).filter(id=contact.customer_id or contact.vendor_id)
    return party.only("id").first() is not None


def _lock_party_of(contact_id: UUID) -> None:
    contact = Contact.all_objects.filter(id=contact_id).first()
    if contact is None:
        raise NotFound
    _lock_party(contact)


def _siblings(contact: Contact) -> QuerySet[Contact]:
    """The active contacts of the same party."""
    return Contact.objects.filter(customer_id=contact.customer_id, vendor_id=contact.vendor_id)


def _settle(contact: Contact) -> None:
    rules = {"email": checked_email, "language": identifiers.checked_language}
    settle(row=contact, rules=rules, faults=missing(row=contact, names=["name"]))
