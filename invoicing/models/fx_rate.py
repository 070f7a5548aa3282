"""Exchange rates a tenant has recorded."""

from typing import ClassVar

from django.db import models

from invoicing.models.fields import ExactDecimalField, LedgerMoment
from tenants.auditable import Auditable
from tenants.models import TenantModel


class FxRate(Auditable, TenantModel):
    """`rate` units of `to_currency` for one of `from_currency`, on `day`, as `source` published it.

    Append-only: a correction is a further row for the same pair and day, and the last one recorded counts.
    `recorded_at`, set by the database under the ledger's lock, keeps it out of every report that was
    given before.
    """

    public_prefix: ClassVar[str] = "fxr"

    from_currency = models.CharField(max_length=3)
    to_currency = models.CharField(max_length=3)
    rate = ExactDecimalField()
    day = models.DateField()
    source = models.CharField(max_length=100)
    recorded_at = models.DateTimeField(db_default=LedgerMoment())

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(name="invoicing_fxrate_positive", condition=models.Q(rate__gt=0)),
            models.CheckConstraint(
                name="invoicing_fxrate_two_currencies",
                condition=~models.Q(from_currency=models.F("to_currency")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["tenant", "from_currency", "to_currency", "-day"], name="invoicing_fxrate_of_pair"
            ),
        ]
