"""The seller: a legal entity in whose name a tenant invoices."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from invoicing.domain.credit_limit import OverLimit
from invoicing.domain.rounding import TaxRounding
from invoicing.models.fields import ExactDecimalField, choices
from invoicing.models.party import Party
from tenants.auditable import Auditable


class LegalEntity(Auditable, Party):
    """A company of the tenant. Its settings decide currency, tax rounding and numbering.

    Its books are kept in `currency`, which stays as soon as something was posted. With `base_rate_required`
    nothing in another currency is issued or received on a day without an exchange rate.

    `due_rule` are payment terms as a customer's, for customers without terms of their own.
    `cash_rounding` has by currency what amounts to pay are rounded to a multiple of (`domain.cash`).
    Up to `write_off_limit` a document, in `currency`, whoever posts payments may write off; what is above
    takes the capability `invoices.write_off`. `may_void` lets a document that has not left the house be
    voided; without it, it is cancelled by a credit note. `over_credit_limit` says what becomes of an
    invoice that takes its customer over the credit limit.
    """

    public_prefix: ClassVar[str] = "le"

    currency = models.CharField(max_length=3, default="EUR")
    tax_rounding = models.CharField(
        max_length=8, choices=choices(TaxRounding), default=TaxRounding.CATEGORY.value
    )
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    payment_days = models.PositiveSmallIntegerField(default=30)
    base_rate_required = models.BooleanField(default=False, db_default=False)
    due_rule = models.JSONField(null=True)
    cash_rounding = models.JSONField(null=True)
    write_off_limit = ExactDecimalField(default=Decimal(0), db_default=Decimal(0))
    may_void = models.BooleanField(default=False, db_default=False)
    over_credit_limit = models.CharField(
        max_length=6,
        choices=choices(OverLimit),
        default=OverLimit.REFUSE.value,
        db_default=OverLimit.REFUSE.value,
    )
    is_default = models.BooleanField(default=False)

    class Meta(Party.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant"],
                condition=models.Q(is_default=True, is_active=True),
                name="invoicing_legalentity_default",
            ),
            models.CheckConstraint(
                condition=models.Q(write_off_limit__gte=0), name="invoicing_legalentity_write_off_limit"
            ),
        ]
