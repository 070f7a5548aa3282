"""v1 of customers."""

from typing import ClassVar, Literal

from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
from invoicing.api.v1.master_data import Documented, RecordQuery, optional_text, page, patched, stated
from invoicing.api.v1.parties import PartySerializer
from invoicing.selectors.parties import get_customer, list_customers
from invoicing.services import customers
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.query import parse_query
from tenants.http.serializers import StrictIntegerField
from tenants.http.values import CountryCode, CurrencyCode, ShortText
from tenants.http.versions import V1View


class CustomerSerializer(PartySerializer):
    """A buyer. Without `currency` or `payment_days` the legal entity's hold; `reference` is unique."""

    reference = optional_text(50)
    currency = optional_text(3)
    language = optional_text(10)
    payment_days = StrictIntegerField(min_value=0, max_value=999, required=False, allow_null=True)


class CustomerQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    reference: ShortText | None = None
    country: CountryCode | None = None
    currency: CurrencyCode | None = None


DOCUMENTED = Documented("customers", "a customer", query=CustomerQuery, kind=CustomerSerializer)


class Customers(V1View):
    """The parties a tenant invoices."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @DOCUMENTED.listing
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, CustomerQuery)
        rows = list_customers(
            q=query.q,
            reference=query.reference,
            country=query.country,
            currency=query.currency,
            ordering=query.ordering,
            include_inactive=query.include_inactive,
        )
        return page(query, rows, CustomerSerializer)

    @DOCUMENTED.creation
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        customer = customers.create_customer(**stated(request, CustomerSerializer))
        return Response(CustomerSerializer(customer).data, status=201)


class Customer(V1View):
    """One customer."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @DOCUMENTED.reading
    def get(self, request: Request, customer_id: str) -> HttpResponseBase:
        return Response(CustomerSerializer(_get(customer_id)).data)

    @DOCUMENTED.change
    def patch(self, request: Request, customer_id: str) -> HttpResponseBase:
        customer = _get(customer_id)
        changes = patched(request, CustomerSerializer)
        changed = customers.update_customer(customer_id=customer.id, **changes)
        return Response(CustomerSerializer(changed).data)

    @DOCUMENTED.deactivation
    def delete(self, request: Request, customer_id: str) -> HttpResponseBase:
        customers.deactivate_customer(customer_id=ids.decode("cus", customer_id))
        return Response(status=204)


class ReactivateCustomer(V1View):
    """A customer that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @DOCUMENTED.reactivation
    @idempotent
    def post(self, request: Request, customer_id: str) -> HttpResponseBase:
        customer = customers.reactivate_customer(customer_id=ids.decode("cus", customer_id))
        return Response(CustomerSerializer(customer).data)


def _get(customer_id: str) -> models.Customer:
    return get_customer(customer_id=ids.decode("cus", customer_id))
