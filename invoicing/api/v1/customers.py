"""v1 of customers."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema_view

from invoicing.api.v1.master_data import Documented, optional_text
from invoicing.api.v1.partner_data import PartnerQuery, PartnerSerializer
from invoicing.api.v1.partners import PartnerDetail, PartnerKind, PartnerList, PartnerReactivation
from invoicing.selectors.parties import get_customer, list_customers
from invoicing.services import customers
from tenants.http.serializers import MoneyField


class CustomerSerializer(PartnerSerializer):
    """A buyer. Without `currency` or `payment_days` the legal entity's hold; `reference` is unique.

    `credit_limit` is held against what is open in `credit_limit_currency` when a document is issued.
    """

    credit_limit = MoneyField(required=False, allow_null=True)
    credit_limit_currency = optional_text(3)


DOCUMENTED = Documented("customers", "a customer", query=PartnerQuery, kind=CustomerSerializer)
KIND = PartnerKind(
    prefix="cus",
    name="customer_id",
    serializer=CustomerSerializer,
    find=get_customer,
    list=list_customers,
    create=customers.create_customer,
    update=customers.update_customer,
    deactivate=customers.deactivate_customer,
    reactivate=customers.reactivate_customer,
)


@extend_schema_view(get=DOCUMENTED.listing, post=DOCUMENTED.creation)
class Customers(PartnerList):
    """The parties a tenant invoices."""

    kind: ClassVar = KIND


@extend_schema_view(get=DOCUMENTED.reading, patch=DOCUMENTED.change, delete=DOCUMENTED.deactivation)
class Customer(PartnerDetail):
    """One customer."""

    kind: ClassVar = KIND


@extend_schema_view(post=DOCUMENTED.reactivation)
class ReactivateCustomer(PartnerReactivation):
    """A customer that was deactivated is taken into use again."""

    kind: ClassVar = KIND
