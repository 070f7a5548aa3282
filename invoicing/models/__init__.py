"""Tables of invoicing."""

from invoicing.models.allocation import Allocation, Reversal, WriteOff
from invoicing.models.contact import Contact
from invoicing.models.customer import Customer
from invoicing.models.fx_rate import FxRate
from invoicing.models.invoice import Invoice, InvoiceLine
from invoicing.models.item import Item, ItemPrice
from invoicing.models.legal_entity import LegalEntity
from invoicing.models.party import BUYER_FIELDS, DELIVERY_FIELDS, SELLER_FIELDS, Partner
from invoicing.models.payment import Payment, Refund
from invoicing.models.period_lock import PeriodLock
from invoicing.models.series import Series, SeriesCounter
from invoicing.models.tax import TaxRate
from invoicing.models.vendor import Vendor

__all__ = [
    "BUYER_FIELDS",
    "DELIVERY_FIELDS",
    "SELLER_FIELDS",
    "Allocation",
    "Contact",
    "Customer",
    "FxRate",
    "Invoice",
    "InvoiceLine",
    "Item",
    "ItemPrice",
    "LegalEntity",
    "Partner",
    "Payment",
    "PeriodLock",
    "Refund",
    "Reversal",
    "Series",
    "SeriesCounter",
    "TaxRate",
    "Vendor",
    "WriteOff",
]
