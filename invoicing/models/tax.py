"""Tax rates a tenant chooses from."""

from typing import ClassVar

from django.db import models

from invoicing.models.fields import ExactDecimalField
from invoicing.models.master import MasterRecord
from tenants.auditable import Auditable


class TaxRate(Auditable, MasterRecord):
    """A VAT category (UNCL5305) at a rate in per cent, null for category O.

    `country` and `region` are its jurisdiction; of one name and jurisdiction no two active rates hold on
    one day.
    """

    public_prefix: ClassVar[str] = "tax"

    name = models.CharField(max_length=100)
    category = models.CharField(max_length=2)
    rate = ExactDecimalField(null=True)
    country = models.CharField(max_length=2, blank=True)
    region = models.CharField(max_length=100, blank=True, default="", db_default="")
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta(MasterRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(rate__gte=0) | models.Q(rate__isnull=True),
                name="invoicing_taxrate_not_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_to__isnull=True)
                | models.Q(valid_from__lte=models.F("valid_to")),
                name="invoicing_taxrate_validity",
            ),
        ]

    def __str__(self) -> str:
        return self.name
