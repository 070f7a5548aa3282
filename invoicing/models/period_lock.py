"""Periods of a legal entity that are closed."""

from typing import ClassVar

from django.db import models

from tenants.auditable import Auditable
from tenants.models import TenantModel, tenant_key


class PeriodLock(Auditable, TenantModel):
    """The books of a legal entity are closed through a day, which is included.

    Of the locks that are not released the one with the latest day decides: the database looks for it
    whenever a document is issued or voided and whenever something is posted. A lock that is released stays
    as a row, with the reason; that apart, a trigger keeps it as it is.
    """

    public_prefix: ClassVar[str] = "lck"

    legal_entity = tenant_key("invoicing.LegalEntity")
    closed_through = models.DateField()
    note = models.CharField(max_length=500, blank=True)
    released_at = models.DateTimeField(null=True)
    release_reason = models.CharField(max_length=500, blank=True)

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "legal_entity", "closed_through"],
                condition=models.Q(released_at__isnull=True),
                name="invoicing_periodlock_once",
            ),
            models.CheckConstraint(
                condition=models.Q(released_at__isnull=True, release_reason="")
                | models.Q(models.Q(released_at__isnull=False), ~models.Q(release_reason="")),
                name="invoicing_periodlock_released_why",
            ),
        ]
