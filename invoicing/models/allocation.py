"""How money settles documents: allocations, write-offs, and the rows that take them back. Append-only."""

from typing import ClassVar

from django.db import models

from invoicing.domain.ledger import OF_PAYMENTS, ReversalKind
from invoicing.models.fields import ExactDecimalField, LedgerMoment, choices
from tenants.auditable import Auditable
from tenants.models import TenantModel, tenant_key

_OF_PAYMENTS = [kind.value for kind in OF_PAYMENTS]


class Allocation(Auditable, TenantModel):
    """`amount` of a payment or of a credit note settles `invoice`, all in one currency.

    `effective_date` is the day it counts on; `recorded_at`, set by the database, when it was posted.
    What is live of it is its amount without its reversals. Where the books are kept in another currency,
    `source_value` and `target_value` are the book values of the money and of the claim (`domain.booking`);
    their difference is the gain realised.
    """

    public_prefix: ClassVar[str] = "alo"

    payment = tenant_key("invoicing.Payment", null=True)
    credit_note = tenant_key("invoicing.Invoice", null=True)
    invoice = tenant_key("invoicing.Invoice")
    currency = models.CharField(max_length=3)
    amount = ExactDecimalField()
    source_value = ExactDecimalField(null=True)
    target_value = ExactDecimalField(null=True)
    effective_date = models.DateField()
    recorded_at = models.DateTimeField(db_default=LedgerMoment())

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(name="invoicing_allocation_amount", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="invoicing_allocation_one_source",
                condition=models.Q(payment__isnull=True, credit_note__isnull=False)
                | models.Q(payment__isnull=False, credit_note__isnull=True),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "invoice"], name="invoicing_allocation_to"),
            models.Index(
                fields=["tenant", "payment"],
                name="invoicing_allocation_of_pay",
                condition=models.Q(payment__isnull=False),
            ),
            models.Index(
                fields=["tenant", "credit_note"],
                name="invoicing_allocation_of_credit",
                condition=models.Q(credit_note__isnull=False),
            ),
        ]


class WriteOff(Auditable, TenantModel):
    """A claim that is given up, with the reason. Append-only. `target_value` is its book value."""

    public_prefix: ClassVar[str] = "wof"

    invoice = tenant_key("invoicing.Invoice")
    currency = models.CharField(max_length=3)
    amount = ExactDecimalField()
    target_value = ExactDecimalField(null=True)
    reason = models.CharField(max_length=500)
    effective_date = models.DateField()
    recorded_at = models.DateTimeField(db_default=LedgerMoment())

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(name="invoicing_writeoff_amount", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(name="invoicing_writeoff_reason", condition=~models.Q(reason="")),
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "invoice"], name="invoicing_writeoff_of")]


class Reversal(Auditable, TenantModel):
    """`amount` taken back of what the row names. Append-only.

    Of an allocation or a write-off it names both ends as well. Of a payment (returned, charged back,
    entered in error) it names the payment alone, and is the `cause` of the reversals it made necessary;
    `source_value` is then the book value of the money that went, `target_value` its value on the day.
    """

    public_prefix: ClassVar[str] = "rvs"

    kind = models.CharField(max_length=10, choices=choices(ReversalKind))
    allocation = tenant_key("invoicing.Allocation", null=True)
    write_off = tenant_key("invoicing.WriteOff", null=True)
    payment = tenant_key("invoicing.Payment", null=True)
    credit_note = tenant_key("invoicing.Invoice", null=True)
    invoice = tenant_key("invoicing.Invoice", null=True)
    cause = tenant_key("invoicing.Reversal", null=True)
    currency = models.CharField(max_length=3)
    amount = ExactDecimalField()
    source_value = ExactDecimalField(null=True)
    target_value = ExactDecimalField(null=True)
    reason = models.CharField(max_length=500)
    effective_date = models.DateField()
    recorded_at = models.DateTimeField(db_default=LedgerMoment())

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(name="invoicing_reversal_amount", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="invoicing_reversal_names_one_thing",
                condition=models.Q(
                    models.Q(payment__isnull=False, credit_note__isnull=True)
                    | models.Q(payment__isnull=True, credit_note__isnull=False),
                    kind="allocation",
                    allocation__isnull=False,
                    write_off__isnull=True,
                    invoice__isnull=False,
                )
                | models.Q(
                    kind="write_off",
                    allocation__isnull=True,
                    write_off__isnull=False,
                    payment__isnull=True,
                    credit_note__isnull=True,
                    invoice__isnull=False,
                )
                | models.Q(
                    kind__in=_OF_PAYMENTS,
                    allocation__isnull=True,
                    write_off__isnull=True,
                    payment__isnull=False,
                    credit_note__isnull=True,
                    invoice__isnull=True,
                    cause__isnull=True,
                ),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "allocation"], name="invoicing_reversal_of_alloc"),
            models.Index(fields=["tenant", "write_off"], name="invoicing_reversal_of_writeoff"),
            models.Index(fields=["tenant", "payment"], name="invoicing_reversal_of_payment"),
            models.Index(fields=["tenant", "invoice"], name="invoicing_reversal_of_invoice"),
            models.Index(fields=["tenant", "credit_note"], name="invoicing_reversal_of_credit"),
        ]
