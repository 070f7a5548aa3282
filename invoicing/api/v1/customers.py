"""v1 of customers."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view

from invoicing.api.v1.master_data import Documented, optional_text
from invoicing.api.v1.partner_data import PartnerQuery, PartnerSerializer
from invoicing.api.v1.partners import PartnerKind, PartnerMerge, partner_fields
from invoicing.api.v1.records import RecordDetail, RecordList, RecordReactivation
from invoicing.selectors.parties import get_customer, list_customers
from invoicing.services import customers
from invoicing.services.merging import merge_customers
from tenants.http.serializers import MoneyField, PublicIdField, StrictSerializer


class CustomerSerializer(PartnerSerializer):
    """A buyer. Without `currency` or `payment_days` the legal entity's hold; `reference` is unique.

    `credit_limit` is held against what is open in `credit_limit_currency` when a document is issued.
    """

    merged_into = PublicIdField("cus", source="merged_into_id", read_only=True, allow_null=True)
    credit_limit = MoneyField(required=False, allow_null=True)
    credit_limit_currency = optional_text(3)


DOCUMENTED = Documented("customers", "a customer", query=PartnerQuery, kind=CustomerSerializer)
KIND = PartnerKind(
    documented=DOCUMENTED,
    prefix="cus",
    name="customer_id",
    find=get_customer,
    list=list_customers,
    create=customers.create_customer,
    update=customers.update_customer,
    deactivate=customers.deactivate_customer,
    reactivate=customers.reactivate_customer,
    fields=partner_fields,
    merge=merge_customers,
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


class CustomerMergeIn(StrictSerializer):
    """The active customer that stands for this one from now on."""

    into = PublicIdField("cus")


@extend_schema_view(
    post=extend_schema(
        operation_id="customers_merge",
        summary="Merge a customer into another, which stands for it from now on",
        request=CustomerMergeIn,
        responses=CustomerSerializer,
    )
)
class MergeCustomer(PartnerMerge):
    """A customer that turned out to be another one becomes an alias of it."""

    kind: ClassVar = KIND
    body: ClassVar = CustomerMergeIn
