"""Who sells to the tenant."""

from typing import ClassVar

from invoicing.models.party import Partner
from tenants.auditable import Auditable


class Vendor(Auditable, Partner):
    """A party that invoices the tenant; `reference` is often the creditor's number in its books."""

    public_prefix: ClassVar[str] = "ven"
