"""Ids in v1's query strings."""

from tenants.http.values import Reference


class CustomerId(Reference):
    prefix = "cus"


class VendorId(Reference):
    prefix = "ven"


class ItemId(Reference):
    prefix = "itm"


class LegalEntityId(Reference):
    prefix = "le"


class SeriesId(Reference):
    prefix = "ser"


class InvoiceId(Reference):
    prefix = "inv"
