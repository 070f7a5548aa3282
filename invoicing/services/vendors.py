"""Vendors: the parties that invoice a tenant."""

from typing import Unpack
from uuid import UUID

from django.db import transaction

from invoicing.models import Vendor
from invoicing.services.master_data import lock, switch
from invoicing.services.partners import (
    PartnerFields,
    create_partner,
    reactivate_partner,
    settle_partner,
    update_partner,
)
from tenants.scope import require_tenant_id


@transaction.atomic
def create_vendor(**fields: Unpack[PartnerFields]) -> Vendor:
    """A new vendor. Raises InvalidInput with every fault, ReferenceTaken."""
    return create_partner(row=Vendor(tenant_id=require_tenant_id()), fields=fields, settled=settle_partner)


@transaction.atomic
def update_vendor(
    *, vendor_id: UUID, expected_version: int | None = None, **changes: Unpack[PartnerFields]
) -> Vendor:
    """Change what is named. Raises NotFound, ChangedMeanwhile, Deactivated, InvalidInput, ReferenceTaken."""
    return update_partner(
        model=Vendor,
        record_id=vendor_id,
        expected_version=expected_version,
        changes=changes,
        settled=settle_partner,
    )


@transaction.atomic
def deactivate_vendor(*, vendor_id: UUID, expected_version: int | None = None) -> Vendor:
    """Take a vendor out of use; without effect on an inactive one. Raises NotFound, ChangedMeanwhile."""
    return switch(
        row=lock(model=Vendor, record_id=vendor_id, expected_version=expected_version), is_active=False
    )


@transaction.atomic
def reactivate_vendor(*, vendor_id: UUID) -> Vendor:
    """Take a vendor into use again; without effect on an active one. Raises NotFound, MergedAlready."""
    return reactivate_partner(model=Vendor, record_id=vendor_id)
