"""Tables of invoicing."""

from invoicing.models.customer import Customer
from invoicing.models.invoice import Invoice, InvoiceLine, InvoiceState, PaymentState
from invoicing.models.item import Item
from invoicing.models.legal_entity import LegalEntity, TaxRoundingChoice
from invoicing.models.party import FROZEN_FIELDS
from invoicing.models.series import Series, SeriesCounter, SeriesReset
from invoicing.models.tax import TaxRate

__all__ = [
    "FROZEN_FIELDS",
    "Customer",
    "Invoice",
    "InvoiceLine",
    "InvoiceState",
    "Item",
    "LegalEntity",
    "PaymentState",
    "Series",
    "SeriesCounter",
    "SeriesReset",
    "TaxRate",
    "TaxRoundingChoice",
]
