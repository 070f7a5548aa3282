"""v1 of contacts."""

from typing import ClassVar, Literal

from invoicing.api.v1.master_data import (
    Documented,
    RecordQuery,
    RecordSerializer,
    optional_text,
)
from invoicing.api.v1.records import RecordDetail, RecordKind, RecordList, RecordReactivation, references
from invoicing.api.v1.references import CustomerId, VendorId
from invoicing.selectors.parties import get_contact, list_contacts
from invoicing.services import contacts
from tenants.http.serializers import CleanCharField, PublicIdField, StrictBooleanField, StrictSerializer


class ContactPatchSerializer(StrictSerializer):
    """What can change; another one becomes the default by saying so."""

    name = CleanCharField(max_length=200)
    role = optional_text(100)
    email = optional_text(254)
    phone = optional_text(50)
    language = optional_text(10)
    is_default = StrictBooleanField(required=False, allow_null=True)


class ContactSerializer(ContactPatchSerializer, RecordSerializer):
    """A person or desk of one customer or of one vendor; a party's first one is its default."""

    customer = PublicIdField("cus", source="customer_id", required=False, allow_null=True)
    vendor = PublicIdField("ven", source="vendor_id", required=False, allow_null=True)


class ContactQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    customer: CustomerId | None = None
    vendor: VendorId | None = None


DOCUMENTED = Documented(
    "contacts", "a contact", query=ContactQuery, kind=ContactSerializer, patch=ContactPatchSerializer
)


KIND = RecordKind(
    documented=DOCUMENTED,
    prefix="con",
    name="contact_id",
    find=get_contact,
    list=list_contacts,
    create=contacts.create_contact,
    update=contacts.update_contact,
    deactivate=contacts.deactivate_contact,
    reactivate=contacts.reactivate_contact,
    fields=references("customer", "vendor"),
)


class Contacts(RecordList):
    """The people of customers and vendors."""

    kind: ClassVar = KIND


class Contact(RecordDetail):
    """One contact."""

    kind: ClassVar = KIND


class ReactivateContact(RecordReactivation):
    """A contact that was deactivated is taken into use again."""

    kind: ClassVar = KIND
