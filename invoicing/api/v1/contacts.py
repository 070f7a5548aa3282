"""v1 of contacts."""

from typing import ClassVar, Literal

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v1.master_data import (
    Documented,
    RecordQuery,
    RecordSerializer,
    optional_text,
    page,
    patched,
    stated,
)
from invoicing.api.v1.references import CustomerId, VendorId
from invoicing.selectors.parties import get_contact, list_contacts
from invoicing.services import contacts
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.query import parse_query
from tenants.http.serializers import CleanCharField, PublicIdField, StrictBooleanField, StrictSerializer
from tenants.http.versions import V1View


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


class Contacts(V1View):
    """The people of customers and vendors."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @DOCUMENTED.listing
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, ContactQuery)
        rows = list_contacts(
            q=query.q,
            customer=query.customer,
            vendor=query.vendor,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
        )
        return page(query, rows, ContactSerializer)

    @DOCUMENTED.creation
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = stated(request, ContactSerializer)
        named = {party: data.pop(f"{party}_id", None) for party in ("customer", "vendor")}
        contact = contacts.create_contact(**named, **data)
        return Response(ContactSerializer(contact).data, status=201)


class Contact(V1View):
    """One contact."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @DOCUMENTED.reading
    def get(self, request: Request, contact_id: str) -> HttpResponseBase:
        return Response(ContactSerializer(_get(contact_id)).data)

    @DOCUMENTED.change
    def patch(self, request: Request, contact_id: str) -> HttpResponseBase:
        contact = _get(contact_id)
        changed = contacts.update_contact(contact_id=contact.id, **patched(request, ContactPatchSerializer))
        return Response(ContactSerializer(changed).data)

    @DOCUMENTED.deactivation
    def delete(self, request: Request, contact_id: str) -> HttpResponseBase:
        contacts.deactivate_contact(contact_id=ids.decode("con", contact_id))
        return Response(status=204)


class ReactivateContact(V1View):
    """A contact that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @DOCUMENTED.reactivation
    @idempotent
    def post(self, request: Request, contact_id: str) -> HttpResponseBase:
        contact = contacts.reactivate_contact(contact_id=ids.decode("con", contact_id))
        return Response(ContactSerializer(contact).data)


def _get(contact_id: str) -> models.Contact:
    return get_contact(contact_id=ids.decode("con", contact_id))
