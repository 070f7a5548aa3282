"""v2 of contacts."""

from typing import Annotated, ClassVar, Literal

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v2.invoice_in import CustomerId
from invoicing.api.v2.master_data import (
    Json,
    RecordQuery,
    answer,
    columns,
    created,
    expected_version,
    page,
    patched,
    shown,
)
from invoicing.api.v2.master_schema import Documented
from invoicing.api.v2.partner_in import LanguageTag
from invoicing.selectors.parties import get_contact, list_contacts
from invoicing.services import contacts
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.values import Body, Reference, line
from tenants.http.versions import V2View


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


class Contacts(V2View):
    """The people of customers and vendors."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.listing)
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, ContactQuery)
        rows = list_contacts(
            q=query.q,
            customer=query.customer,
            vendor=query.vendor,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
        )
        return page(query, rows, _out)

    @extend_schema(**DOCUMENTED.creation)
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        stated = parse_request(request, ContactIn)
        return created(request, _out(contacts.create_contact(**columns(stated))))


class Contact(V2View):
    """One contact."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reading)
    def get(self, request: Request, contact_id: str) -> HttpResponseBase:
        return answer(request, _out(_get(contact_id)))

    @extend_schema(**DOCUMENTED.change)
    def patch(self, request: Request, contact_id: str) -> HttpResponseBase:
        contact = _get(contact_id)
        version = expected_version(request, contact)
        changes = patched(request, _out(contact), ContactPatch)
        changed = contacts.update_contact(contact_id=contact.id, expected_version=version, **changes)
        return answer(request, _out(changed))

    @extend_schema(**DOCUMENTED.deactivation)
    def delete(self, request: Request, contact_id: str) -> HttpResponseBase:
        contact = _get(contact_id)
        version = expected_version(request, contact, optional=True)
        contacts.deactivate_contact(contact_id=contact.id, expected_version=version)
        return Response(status=204)


class ReactivateContact(V2View):
    """A contact that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reactivation)
    @idempotent
    def post(self, request: Request, contact_id: str) -> HttpResponseBase:
        contact = contacts.reactivate_contact(contact_id=ids.decode("con", contact_id))
        return answer(request, _out(contact))


def _get(contact_id: str) -> models.Contact:
    return get_contact(contact_id=ids.decode("con", contact_id))


def _out(contact: models.Contact) -> Json:
    customer, vendor = contact.customer_id, contact.vendor_id
    return shown(
        contact,
        ContactIn,
        customer=None if customer is None else ids.encode("cus", customer),
        vendor=None if vendor is None else ids.encode("ven", vendor),
    )
