"""Money received from a customer, and what became of it."""

from decimal import Decimal
from typing import ClassVar

from django.db import models

from invoicing.domain.ledger import PaymentMethod
from invoicing.models.fields import ExactDecimalField, LedgerMoment, choices
from invoicing.models.metadata import Tagged
from tenants.auditable import Auditable
from tenants.models import TenantModel, tenant_key

ZERO = Decimal(0)


class Payment(Auditable, Tagged, TenantModel):
    """`amount` > 0 in major units of `currency`, received on `effective_date` (the tenant's day).

    What the database says of `recorded_at` is when it was posted. The three sums are what its live
    allocations, refunds and returns come to; they, `reopened_on` (the latest day on which an allocation
    was taken back) and `version` are all that ever changes: a trigger sees to it.

    `exchange` is its book value with the rate of its day, where the books are kept in another currency.
    """

    public_prefix: ClassVar[str] = "pay"

    legal_entity = tenant_key("invoicing.LegalEntity")
    customer = tenant_key("invoicing.Customer")
    currency = models.CharField(max_length=3)
    amount = ExactDecimalField()
    method = models.CharField(max_length=13, choices=choices(PaymentMethod))
    reference = models.CharField(max_length=140, blank=True)
    effective_date = models.DateField()
    recorded_at = models.DateTimeField(db_default=LedgerMoment())
    allocated_amount = ExactDecimalField(default=ZERO)
    refunded_amount = ExactDecimalField(default=ZERO)
    returned_amount = ExactDecimalField(default=ZERO)
    exchange = models.JSONField(null=True)
    reopened_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                name="invoicing_payment_covers_what_left_it",
                condition=models.Q(
                    amount__gt=0, allocated_amount__gte=0, refunded_amount__gte=0, returned_amount__gte=0
                )
                & models.Q(
                    amount__gte=models.F("allocated_amount")
                    + models.F("refunded_amount")
                    + models.F("returned_amount")
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "-effective_date", "-id"], name="invoicing_payment_by_date"),
            models.Index(
                fields=["tenant", "customer", "-effective_date", "-id"], name="invoicing_payment_by_payer"
            ),
        ]

    @property
    def unallocated_amount(self) -> Decimal:
        """The credit that is left of it."""
        gone: Decimal = self.allocated_amount + self.refunded_amount + self.returned_amount
        return Decimal(self.amount - gone)


class Refund(Auditable, TenantModel):
    """Money paid back to the customer out of the credit of a payment or of a credit note. Append-only.

    In a foreign currency `source_value` is the book value of that credit, `target_value` what was paid is
    worth on its day.
    """

    public_prefix: ClassVar[str] = "rfd"

    payment = tenant_key("invoicing.Payment", null=True)
    credit_note = tenant_key("invoicing.Invoice", null=True)
    currency = models.CharField(max_length=3)
    amount = ExactDecimalField()
    source_value = ExactDecimalField(null=True)
    target_value = ExactDecimalField(null=True)
    method = models.CharField(max_length=13, choices=choices(PaymentMethod))
    reference = models.CharField(max_length=140, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    effective_date = models.DateField()
    recorded_at = models.DateTimeField(db_default=LedgerMoment())

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(name="invoicing_refund_amount", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="invoicing_refund_one_source",
                condition=models.Q(payment__isnull=True, credit_note__isnull=False)
                | models.Q(payment__isnull=False, credit_note__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "payment"], name="invoicing_refund_by_payment"),
            models.Index(fields=["tenant", "credit_note"], name="invoicing_refund_by_credit"),
        ]
