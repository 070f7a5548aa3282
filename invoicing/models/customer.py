"""The buyer."""

from typing import ClassVar

from django.db import models

from invoicing.models.fields import ExactDecimalField
from invoicing.models.party import Partner
from tenants.auditable import Auditable


class Customer(Auditable, Partner):
    """A party that is invoiced.

    Up to `credit_limit`, in major units of `credit_limit_currency`, it may owe us; null is no limit.
    """

    public_prefix: ClassVar[str] = "cus"

    credit_limit = ExactDecimalField(null=True)
    credit_limit_currency = models.CharField(max_length=3, blank=True, default="", db_default="")

    class Meta(Partner.Meta):
        constraints: ClassVar = [
            *Partner.Meta.constraints,
            models.CheckConstraint(
                name="invoicing_customer_credit_limit",
                condition=models.Q(credit_limit__isnull=True, credit_limit_currency="")
                | models.Q(credit_limit__gte=0) & ~models.Q(credit_limit_currency=""),
            ),
        ]
