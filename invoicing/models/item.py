"""What is sold: the catalogue."""

from typing import ClassVar

from django.db import models

from invoicing.models.fields import ExactDecimalField
from invoicing.models.master import MasterRecord
from invoicing.models.metadata import Tagged
from tenants.auditable import Auditable


class Item(Auditable, Tagged, MasterRecord):
    """A good or service with its net price, in major units of `currency`, per `unit_code` (UN/ECE Rec 20)."""

    public_prefix: ClassVar[str] = "itm"

    code = models.CharField(max_length=50)
    name = models.CharField(max_length=200)
    unit_code = models.CharField(max_length=3, default="C62")
    unit_price = ExactDecimalField()
    currency = models.CharField(max_length=3)
    tax_category = models.CharField(max_length=2)
    tax_rate = ExactDecimalField(null=True)

    class Meta(MasterRecord.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "code"], name="invoicing_item_code"),
            models.CheckConstraint(
                condition=models.Q(unit_price__gte=0), name="invoicing_item_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name
