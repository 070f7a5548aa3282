"""What sellers and buyers have in common (EN 16931 BG-4 and BG-7)."""

from typing import ClassVar
from uuid import UUID

from django.db import models

from invoicing.domain.treatment import TaxTreatment
from invoicing.models.fields import choices
from invoicing.models.master import MasterRecord
from invoicing.models.metadata import Tagged
from tenants.models import tenant_key


class Party(MasterRecord):
    """A name, an address and the identifiers by which authorities and networks know a company.

    The address is the postal one (BG-5, BG-8), `country` ISO 3166-1 alpha-2. `registration_id` (BT-30,
    BT-47) is in the scheme `registration_scheme` of ISO 6523 where one is given; `electronic_address`
    (BT-34, BT-49) is in the scheme `electronic_address_scheme` of the EAS code list.
    """

    name = models.CharField(max_length=200)
    vat_id = models.CharField(max_length=20, blank=True)
    registration_id = models.CharField(max_length=50, blank=True)
    registration_scheme = models.CharField(max_length=4, blank=True, default="", db_default="")
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    address_line = models.CharField(max_length=200, blank=True)
    address_extra = models.CharField(max_length=200, blank=True)
    address_line_3 = models.CharField(max_length=200, blank=True, default="", db_default="")
    postal_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    country = models.CharField(max_length=2)
    electronic_address = models.CharField(max_length=200, blank=True)
    electronic_address_scheme = models.CharField(max_length=4, blank=True)

    class Meta(MasterRecord.Meta):
        abstract = True

    def __str__(self) -> str:
        return self.name


class Partner(Tagged, Party):
    """A party the tenant trades with: one that buys from it or sells to it.

    `reference` is the tenant's own number for it, unique where given. An empty `currency` or null
    `payment_days` means the legal entity's; `due_rule` are payment terms of another kind
    (`domain.stored.terms_to_json`) and go before `payment_days`. `bank_accounts` is a list of {iban, bic,
    name}, the last two null where unknown; `delivery_address` is null, or where goods go (BG-13, BG-15) as
    an object of DELIVERY_FIELDS. `tax_treatment` decides the tax of lines that state none.
    One that was `merged_into` another is an inactive alias of it from the moment `merged_at`.
    """

    reference = models.CharField(max_length=50, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    language = models.CharField(max_length=10, blank=True)
    payment_days = models.PositiveSmallIntegerField(null=True)
    due_rule = models.JSONField(null=True)
    tax_treatment = models.CharField(
        max_length=15,
        choices=choices(TaxTreatment),
        default=TaxTreatment.DOMESTIC.value,
        db_default=TaxTreatment.DOMESTIC.value,
    )
    merged_into_id: UUID | None
    merged_into = tenant_key("self", null=True)
    merged_at = models.DateTimeField(null=True)
    delivery_address = models.JSONField(null=True)
    bank_accounts = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))

    class Meta(Party.Meta):
        abstract = True
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "reference"],
                condition=~models.Q(reference=""),
                name="invoicing_%(class)s_reference",
            ),
            models.CheckConstraint(
                name="invoicing_%(class)s_merged_is_an_alias",
                condition=models.Q(merged_into__isnull=True, merged_at__isnull=True)
                | models.Q(merged_into__isnull=False, merged_at__isnull=False, is_active=False)
                & ~models.Q(merged_into=models.F("id")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "name", "id"], name="invoicing_%(class)s_by_name"),
            models.Index(
                fields=["tenant", "merged_into"],
                name="invoicing_%(class)s_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
        ]


DELIVERY_FIELDS = (
    "name",
    "location_id",
    "location_scheme",
    "address_line",
    "address_extra",
    "address_line_3",
    "postal_code",
    "city",
    "region",
    "country",
)
# The columns that an issued document keeps of each of its parties.
FROZEN_FIELDS = (
    "name",
    "vat_id",
    "registration_id",
    "registration_scheme",
    "email",
    "phone",
    "address_line",
    "address_extra",
    "address_line_3",
    "postal_code",
    "city",
    "region",
    "country",
    "electronic_address",
    "electronic_address_scheme",
)
BUYER_FIELDS = (*FROZEN_FIELDS, "delivery_address")
SELLER_FIELDS = (*FROZEN_FIELDS, "iban", "bic")
