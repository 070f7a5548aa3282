"""What sellers and buyers have in common (EN 16931 BG-4 and BG-7)."""

from django.db import models

from invoicing.models.master import MasterRecord


class Party(MasterRecord):
    """A name, an address and the identifiers by which authorities and networks know a company.

    `country` is ISO 3166-1 alpha-2; `electronic_address` (BT-34, BT-49) is in the scheme
    `electronic_address_scheme` of the EAS code list.
    """

    name = models.CharField(max_length=200)
    vat_id = models.CharField(max_length=20, blank=True)
    registration_id = models.CharField(max_length=50, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    phone = models.CharField(max_length=50, blank=True)
    address_line = models.CharField(max_length=200, blank=True)
    address_extra = models.CharField(max_length=200, blank=True)
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


# The columns that an issued document keeps of each of its parties.
FROZEN_FIELDS = (
    "name",
    "vat_id",
    "registration_id",
    "email",
    "phone",
    "address_line",
    "address_extra",
    "postal_code",
    "city",
    "region",
    "country",
    "electronic_address",
    "electronic_address_scheme",
)
