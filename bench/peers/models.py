"""Plain tables with the columns of ours: no tenant rules, no triggers, keys and indexes as Django makes them.

The three `…Row` models are one table in three forms, each under row-level security: audited by our
triggers, not audited at all, and audited by django-simple-history.
"""

from typing import Any, ClassVar

from django.db import models
from simple_history.models import HistoricalRecords  # type: ignore[import-untyped]

from invoicing.models.party import Party
from tenants.auditable import Auditable
from tenants.ids import uuid7


class Plain(models.Model):
    """A table of its own, with Django's plain manager."""

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        abstract = True


class Counter(Plain):
    """The last number of a series."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    last = models.PositiveBigIntegerField(default=0)


class Customer(Plain):
    id = models.UUIDField(primary_key=True, default=uuid7)
    tenant_id = models.UUIDField()
    name = models.CharField(max_length=200)
    reference = models.CharField(max_length=50, blank=True)
    vat_id = models.CharField(max_length=20, blank=True)
    country = models.CharField(max_length=2)


class Invoice(Plain):
    id = models.UUIDField(primary_key=True, default=uuid7)
    tenant_id = models.UUIDField()
    legal_entity_id = models.UUIDField()
    customer = models.ForeignKey(Customer, models.PROTECT)
    series_id = models.UUIDField()
    type = models.CharField(max_length=12)
    state = models.CharField(max_length=8)
    payment_state = models.CharField(max_length=14)
    period = models.CharField(max_length=7)
    sequence = models.PositiveBigIntegerField()
    number = models.CharField(max_length=80)
    issued_at = models.DateTimeField()
    issue_date = models.DateField()
    due_date = models.DateField(null=True)
    payment_terms = models.CharField(max_length=500, blank=True)
    currency = models.CharField(max_length=3)
    tax_currency = models.CharField(max_length=3, null=True)
    tax_rounding = models.CharField(max_length=8)
    sum_of_lines = models.DecimalField(max_digits=19, decimal_places=4)
    allowance_total = models.DecimalField(max_digits=19, decimal_places=4)
    charge_total = models.DecimalField(max_digits=19, decimal_places=4)
    tax_exclusive = models.DecimalField(max_digits=19, decimal_places=4)
    tax_total = models.DecimalField(max_digits=19, decimal_places=4)
    tax_inclusive = models.DecimalField(max_digits=19, decimal_places=4)
    prepaid_amount = models.DecimalField(max_digits=19, decimal_places=4)
    rounding_amount = models.DecimalField(max_digits=19, decimal_places=4)
    payable = models.DecimalField(max_digits=19, decimal_places=4)
    allowances = models.JSONField(default=list)
    charges = models.JSONField(default=list)
    tax_breakdown = models.JSONField(default=list)
    seller = models.JSONField()
    buyer = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["series_id", "period", "sequence"], name="bench_invoice_sequence")
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant_id", "-issue_date", "-id"], name="bench_invoice_by_date")
        ]


class Line(Plain):
    id = models.UUIDField(primary_key=True, default=uuid7)
    invoice = models.ForeignKey(Invoice, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    description = models.CharField(max_length=1000)
    quantity = models.DecimalField(max_digits=24, decimal_places=12)
    unit_code = models.CharField(max_length=3)
    unit_price = models.DecimalField(max_digits=30, decimal_places=15)
    base_quantity = models.DecimalField(max_digits=24, decimal_places=12, default=1)
    tax_category = models.CharField(max_length=2)
    tax_rate = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    allowances = models.JSONField(default=list)
    charges = models.JSONField(default=list)
    net_amount = models.DecimalField(max_digits=19, decimal_places=4)


class AuditLog(Plain):
    """One row a document, in the audit database; `schema` makes it with the limit's statement."""

    id = models.UUIDField(primary_key=True, default=uuid7)
    tenant_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)
    actor = models.TextField()
    operation = models.TextField()
    entity_type = models.TextField()
    record_id = models.TextField()
    new_values = models.JSONField()

    class Meta:
        managed = False
        db_table = "bench_auditlog"


class Row(Party):
    """The columns, keys and indexes of a customer."""

    reference = models.CharField(max_length=50, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    language = models.CharField(max_length=10, blank=True)
    payment_days = models.PositiveSmallIntegerField(null=True)

    class Meta(Party.Meta):
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "reference"],
                condition=~models.Q(reference=""),
                name="bench_%(class)s_reference",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["tenant", "name", "id"], name="bench_%(class)s_by_name")]


class AuditedRow(Auditable, Row):
    """With our triggers."""

    public_prefix: ClassVar[str] = "row"


class UnauditedRow(Row):
    """Without any."""

    public_prefix: ClassVar[str] = "row"


class HistoryRow(Row):
    """Observed by the library whenever it is saved."""

    public_prefix: ClassVar[str] = "row"

    history: Any = HistoricalRecords()
