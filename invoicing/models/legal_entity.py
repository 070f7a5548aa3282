"""The seller: a legal entity in whose name a tenant invoices."""

from typing import ClassVar

from django.db import models

from invoicing.domain.rounding import TaxRounding
from invoicing.models.fields import choices
from invoicing.models.party import Party
from tenants.auditable import Auditable


class LegalEntity(Auditable, Party):
    """A company of the tenant. Its settings decide currency, tax rounding and numbering."""

    public_prefix: ClassVar[str] = "le"

    currency = models.CharField(max_length=3, default="EUR")
    tax_rounding = models.CharField(
        max_length=8, choices=choices(TaxRounding), default=TaxRounding.CATEGORY.value
    )
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    payment_days = models.PositiveSmallIntegerField(default=30)
    is_default = models.BooleanField(default=False)

    class Meta(Party.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(is_default=True, is_active=True),
                name="invoicing_legalentity_default",
            )
        ]
