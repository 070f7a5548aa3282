"""The people one deals with at a customer or a vendor."""

from typing import ClassVar

from django.db import models

from invoicing.models.master import MasterRecord
from tenants.auditable import Auditable
from tenants.models import tenant_key


class Contact(Auditable, MasterRecord):
    """A person or desk (EN 16931 BG-9: BT-56, BT-57, BT-58) of one customer or of one vendor.

    Wherever a party has active contacts, one of them is its default.
    """

    public_prefix: ClassVar[str] = "con"

    customer = tenant_key("invoicing.Customer", null=True)
    vendor = tenant_key("invoicing.Vendor", null=True)
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=100, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    language = models.CharField(max_length=10, blank=True)
    is_default = models.BooleanField(default=False)

    class Meta(MasterRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="invoicing_contact_of_one_party",
                condition=models.Q(customer__isnull=False, vendor__isnull=True)
                | models.Q(customer__isnull=True, vendor__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["tenant", "customer"],
                condition=models.Q(is_default=True, is_active=True, customer__isnull=False),
                name="invoicing_contact_default_of_customer",
            ),
            models.UniqueConstraint(
                fields=["tenant", "vendor"],
                condition=models.Q(is_default=True, is_active=True, vendor__isnull=False),
                name="invoicing_contact_default_of_vendor",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "customer", "name", "id"], name="invoicing_contact_of_customer"),
            models.Index(fields=["tenant", "vendor", "name", "id"], name="invoicing_contact_of_vendor"),
            models.Index(fields=["tenant", "name", "id"], name="invoicing_contact_by_name"),
        ]

    def __str__(self) -> str:
        return self.name
