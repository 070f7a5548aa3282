"""v2 of customers."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view

from invoicing import models
from invoicing.api.v2.invoice_in import CustomerId
from invoicing.api.v2.ledger_in import MoneyIn
from invoicing.api.v2.master_data import Json
from invoicing.api.v2.master_schema import Documented
from invoicing.api.v2.partner_in import PartnerIn, PartnerQuery, partner_fields
from invoicing.api.v2.partners import PartnerKind, PartnerMerge
from invoicing.api.v2.party_out import PARTNER_SHOWS, party_out
from invoicing.api.v2.records import RecordDetail, RecordList, RecordReactivation
from invoicing.domain.stored import plain
from invoicing.money import round_amount
from invoicing.selectors.parties import get_customer, list_customers
from invoicing.services import customers
from invoicing.services.merging import merge_customers
from tenants.http.openapi import schema_of
from tenants.http.values import Body


class CustomerIn(PartnerIn, kw_only=True):
    """A buyer (BG-7). Without `currency` or `payment_days` the legal entity's hold; `reference` is unique.

    `credit_limit` is held against what is open in its currency when a document is issued.
    """

    credit_limit: MoneyIn | None = None


DOCUMENTED = Documented(
    many="customers",
    one="a customer",
    query=PartnerQuery,
    new=CustomerIn,
    patch=CustomerIn,
    example={
        "name": "Globex Ltd",
        "country": "FR",
        "vat_id": "FR40303265045",
        "registration_id": "303 265 045",
        "email": "ap@globex.example",
        "address_line": "12 rue de la Paix",
        "postal_code": "75002",
        "city": "Paris",
        "reference": "C-1001",
        "payment_days": 14,
        "tax_treatment": "intra_community",
        "delivery_address": {"name": "Globex, entrepôt", "city": "Lyon", "country": "FR"},
        "bank_accounts": [{"iban": "FR14 2004 1010 0505 0001 3M02 606", "name": "Globex Ltd"}],
        "credit_limit": {"amount": "25000.00", "currency": "EUR"},
    },
    change_example={"payment_days": 30, "phone": None, "delivery_address": {"city": "Villeurbanne"}},
    shows=PARTNER_SHOWS,
)


def _fields(stated: Json) -> dict[str, Any]:
    fields = dict(stated)
    if "credit_limit" in fields:
        limit: MoneyIn | None = fields["credit_limit"]
        fields["credit_limit"] = fields["credit_limit_currency"] = None
        if limit is not None:
            money = limit.money("/credit_limit")
            fields |= {"credit_limit": money.amount, "credit_limit_currency": money.currency}
    return partner_fields(fields)


def _out(customer: models.Customer) -> Json:
    limit = None
    if customer.credit_limit is not None:
        currency = customer.credit_limit_currency
        limit = {"amount": plain(round_amount(customer.credit_limit, currency)), "currency": currency}
    return party_out(customer, CustomerIn, credit_limit=limit)


class MergeIn(Body, kw_only=True):
    """The active customer that stands for this one from now on."""

    into: CustomerId


KIND = PartnerKind(
    documented=DOCUMENTED,
    prefix="cus",
    name="customer_id",
    fields=_fields,
    find=get_customer,
    list=list_customers,
    create=customers.create_customer,
    update=customers.update_customer,
    deactivate=customers.deactivate_customer,
    reactivate=customers.reactivate_customer,
    merge=merge_customers,
    merge_body=MergeIn,
    out=_out,
)


class Customers(RecordList):
    """The parties a tenant invoices."""

    kind: ClassVar = KIND


class Customer(RecordDetail):
    """One customer."""

    kind: ClassVar = KIND


class ReactivateCustomer(RecordReactivation):
    """A customer that was deactivated is taken into use again."""

    kind: ClassVar = KIND


@extend_schema_view(
    post=extend_schema(
        operation_id="customers_merge",
        summary="Merge a customer into another, which stands for it from now on",
        request={"application/json": schema_of(MergeIn)},
        responses=DOCUMENTED.reading["responses"][200],
    )
)
class MergeCustomer(PartnerMerge):
    """A customer that turned out to be another one becomes an alias of it."""

    kind: ClassVar = KIND
