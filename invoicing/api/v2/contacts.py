"""v2 of contacts."""

from typing import Annotated, ClassVar, Literal

from invoicing import models
from invoicing.api.v2.invoice_in import CustomerId
from invoicing.api.v2.master_data import Json, RecordQuery, shown
from invoicing.api.v2.master_schema import Documented
from invoicing.api.v2.partner_in import LanguageTag
from invoicing.api.v2.records import RecordDetail, RecordKind, RecordList, RecordReactivation
from invoicing.selectors.parties import get_contact, list_contacts
from invoicing.services import contacts
from tenants import ids
from tenants.http.values import Body, Reference, line


class VendorId(Reference):
    prefix = "ven"


class ContactPatch(Body, kw_only=True):
    """What can change; another one becomes the default by saying so."""

    name: Annotated[str, line(200)]
    role: Annotated[str, line(100)] | None = None
    email: Annotated[str, line(254)] | None = None
    phone: Annotated[str, line(50)] | None = None
    language: LanguageTag | None = None
    is_default: bool | None = None


class ContactIn(ContactPatch, kw_only=True):
    """A person or desk (BG-9) of one customer or of one vendor; a party's first one is its default."""

    customer: CustomerId | None = None
    vendor: VendorId | None = None


class ContactQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    customer: CustomerId | None = None
    vendor: VendorId | None = None


DOCUMENTED = Documented(
    many="contacts",
    one="a contact",
    query=ContactQuery,
    new=ContactIn,
    patch=ContactPatch,
    example={
        "customer": "cus_01jd8m3v9qexc8f3y2w5k7r4ta",
        "name": "Jeanne Martin",
        "role": "Accounts payable",
        "email": "jeanne@globex.example",
        "phone": "+33 1 23 45 67 89",
        "language": "fr",
    },
    change_example={"role": None, "is_default": True},
)


def _out(contact: models.Contact) -> Json:
    customer, vendor = contact.customer_id, contact.vendor_id
    return shown(
        contact,
        ContactIn,
        customer=None if customer is None else ids.encode("cus", customer),
        vendor=None if vendor is None else ids.encode("ven", vendor),
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
    out=_out,
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
