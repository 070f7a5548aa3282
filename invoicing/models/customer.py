"""The buyer."""

from typing import ClassVar

from django.db import models

from invoicing.models.party import Party
from tenants.auditable import Auditable


class Customer(Auditable, Party):
    """A party that is invoiced. `reference` is the tenant's own number for it, unique where given.

    An empty `currency` or null `payment_days` means the legal entity's.
    """

    public_prefix: ClassVar[str] = "cus"

    reference = models.CharField(max_length=50, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    language = models.CharField(max_length=10, blank=True)
    payment_days = models.PositiveSmallIntegerField(null=True)

    class Meta(Party.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "reference"],
                condition=~models.Q(reference=""),
                name="invoicing_customer_reference",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "name", "id"], name="invoicing_customer_by_name")]
