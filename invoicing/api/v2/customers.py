"""v2 of customers."""

from typing import Annotated, ClassVar, Literal

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing import models
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
from invoicing.api.v2.party_in import PartyIn, PaymentDays
from invoicing.selectors.parties import get_customer, list_customers
from invoicing.services import customers
from tenants import ids
from tenants.capabilities import CATALOGUE_READ, CATALOGUE_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.values import CountryCode, CurrencyCode, line, shape
from tenants.http.versions import V2View

LanguageTag = Annotated[str, shape("[A-Za-z0-9-]{2,10}", "Expected a language tag such as de or de-AT.")]


class CustomerIn(PartyIn, kw_only=True):
    """A buyer. Without `currency` or `payment_days` the legal entity's hold; `reference` is unique."""

    reference: Annotated[str, line(50)] | None = None
    currency: CurrencyCode | None = None
    language: LanguageTag | None = None
    payment_days: PaymentDays | None = None


class CustomerQuery(RecordQuery, kw_only=True):
    """`q` is the beginning of the name."""

    ordering: Literal["name", "-name", "created_at", "-created_at"] = "name"
    reference: Annotated[str, line(50)] | None = None
    country: CountryCode | None = None
    currency: CurrencyCode | None = None


DOCUMENTED = Documented(
    many="customers",
    one="a customer",
    query=CustomerQuery,
    new=CustomerIn,
    patch=CustomerIn,
    example={
        "name": "Globex Ltd",
        "country": "FR",
        "vat_id": "FR40303265045",
        "email": "ap@globex.example",
        "address_line": "12 rue de la Paix",
        "postal_code": "75002",
        "city": "Paris",
        "reference": "C-1001",
        "payment_days": 14,
    },
    change_example={"payment_days": 30, "phone": None},
)


class Customers(V2View):
    """The parties a tenant invoices."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.listing)
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
        return page(query, rows, _out)

    @extend_schema(**DOCUMENTED.creation)
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        stated = parse_request(request, CustomerIn)
        return created(request, _out(customers.create_customer(**columns(stated))))


class Customer(V2View):
    """One customer."""

    capability: ClassVar = {"GET": CATALOGUE_READ, "PATCH": CATALOGUE_WRITE, "DELETE": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reading)
    def get(self, request: Request, customer_id: str) -> HttpResponseBase:
        return answer(request, _out(_get(customer_id)))

    @extend_schema(**DOCUMENTED.change)
    def patch(self, request: Request, customer_id: str) -> HttpResponseBase:
        customer = _get(customer_id)
        version = expected_version(request, customer)
        changes = patched(request, _out(customer), CustomerIn)
        changed = customers.update_customer(customer_id=customer.id, expected_version=version, **changes)
        return answer(request, _out(changed))

    @extend_schema(**DOCUMENTED.deactivation)
    def delete(self, request: Request, customer_id: str) -> HttpResponseBase:
        customer = _get(customer_id)
        version = expected_version(request, customer, optional=True)
        customers.deactivate_customer(customer_id=customer.id, expected_version=version)
        return Response(status=204)


class ReactivateCustomer(V2View):
    """A customer that was deactivated is taken into use again."""

    capability: ClassVar = {"POST": CATALOGUE_WRITE}

    @extend_schema(**DOCUMENTED.reactivation)
    @idempotent
    def post(self, request: Request, customer_id: str) -> HttpResponseBase:
        customer = customers.reactivate_customer(customer_id=ids.decode("cus", customer_id))
        return answer(request, _out(customer))


def _get(customer_id: str) -> models.Customer:
    return get_customer(customer_id=ids.decode("cus", customer_id))


def _out(customer: models.Customer) -> Json:
    return shown(customer, CustomerIn)
