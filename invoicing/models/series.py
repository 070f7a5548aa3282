"""Number series and their counters (invariant 5)."""

from typing import ClassVar

from django.db import models

from invoicing.domain.document import DocumentType
from invoicing.domain.numbering import Reset
from invoicing.models.fields import choices
from invoicing.models.master import MasterRecord
from tenants.auditable import Auditable
from tenants.models import TenantModel, tenant_key


class Series(Auditable, MasterRecord):
    """A run of document numbers of one legal entity and document type.

    `pattern` is spelled as `invoicing.domain.numbering` reads it, such as "INV-{year}-{number:05}".
    """

    public_prefix: ClassVar[str] = "ser"

    legal_entity = tenant_key("invoicing.LegalEntity")
    document_type = models.CharField(max_length=12, choices=choices(DocumentType))
    code = models.CharField(max_length=20)
    pattern = models.CharField(max_length=60)
    reset = models.CharField(max_length=8, choices=choices(Reset), default=Reset.YEAR.value)
    is_default = models.BooleanField(default=False)

    class Meta(MasterRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "legal_entity", "code"], name="invoicing_series_code"),
            models.UniqueConstraint(
                fields=["tenant", "legal_entity", "document_type"],
                condition=models.Q(is_default=True, is_active=True),
                name="invoicing_series_default",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class SeriesCounter(TenantModel):
    """The last number drawn in one period of a series; locked by whoever issues, until commit."""

    public_prefix: ClassVar[str] = "cnt"

    series = tenant_key("invoicing.Series")
    period = models.CharField(max_length=7, blank=True)
    last = models.PositiveBigIntegerField()

    class Meta(TenantModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "series", "period"], name="invoicing_counter_once")
        ]
