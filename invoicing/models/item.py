"""What is sold: the catalogue."""

from typing import ClassVar

from django.db import models

from invoicing.models.fields import ExactDecimalField
from invoicing.models.master import MasterRecord
from invoicing.models.metadata import Tagged
from tenants.auditable import Auditable
from tenants.models import tenant_key


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


class ItemPrice(Auditable, MasterRecord):
    """What an item costs in one currency from a first to a last day; null is open on that side.

    Net, per the item's unit. It goes before the item's own price; of one item and currency no two active
    prices hold on one day.
    """

    public_prefix: ClassVar[str] = "prc"

    item = tenant_key("invoicing.Item")
    currency = models.CharField(max_length=3)
    unit_price = ExactDecimalField()
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)

    class Meta(MasterRecord.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(unit_price__gte=0), name="invoicing_itemprice_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_from__isnull=True)
                | models.Q(valid_to__isnull=True)
                | models.Q(valid_from__lte=models.F("valid_to")),
                name="invoicing_itemprice_validity",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "item", "currency"], name="invoicing_itemprice_of_item")
        ]

    def __str__(self) -> str:
        return f"{self.unit_price} {self.currency}"
