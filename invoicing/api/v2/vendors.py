"""v2 of vendors."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view

from invoicing import models
from invoicing.api.v2.contacts import VendorId
from invoicing.api.v2.master_data import Json
from invoicing.api.v2.master_schema import Documented
from invoicing.api.v2.partner_in import PartnerIn, PartnerQuery, partner_fields
from invoicing.api.v2.partners import PartnerKind, PartnerMerge
from invoicing.api.v2.party_out import PARTNER_SHOWS, party_out
from invoicing.api.v2.records import RecordDetail, RecordList, RecordReactivation
from invoicing.selectors.parties import get_vendor, list_vendors
from invoicing.services import vendors
from invoicing.services.merging import merge_vendors
from tenants.http.openapi import schema_of
from tenants.http.values import Body


class VendorIn(PartnerIn, kw_only=True):
    """Who sells to the tenant. `bank_accounts` are where its bills are paid to; `reference` is unique."""


DOCUMENTED = Documented(
    many="vendors",
    one="a vendor",
    query=PartnerQuery,
    new=VendorIn,
    patch=VendorIn,
    example={
        "name": "Initech GmbH",
        "country": "DE",
        "vat_id": "DE136695976",
        "reference": "70001",
        "payment_days": 30,
        "bank_accounts": [{"iban": "DE89 3704 0044 0532 0130 00", "bic": "COBADEFFXXX"}],
    },
    change_example={"bank_accounts": [{"iban": "AT61 1904 3002 3457 3201"}], "city": "Wien"},
    shows=PARTNER_SHOWS,
)


def _out(vendor: models.Vendor) -> Json:
    return party_out(vendor, VendorIn)


class MergeIn(Body, kw_only=True):
    """The active vendor that stands for this one from now on."""

    into: VendorId


KIND = PartnerKind(
    documented=DOCUMENTED,
    prefix="ven",
    name="vendor_id",
    fields=partner_fields,
    find=get_vendor,
    list=list_vendors,
    create=vendors.create_vendor,
    update=vendors.update_vendor,
    deactivate=vendors.deactivate_vendor,
    reactivate=vendors.reactivate_vendor,
    merge=merge_vendors,
    merge_body=MergeIn,
    out=_out,
)


class Vendors(RecordList):
    """The parties that invoice a tenant."""

    kind: ClassVar = KIND


class Vendor(RecordDetail):
    """One vendor."""

    kind: ClassVar = KIND


class ReactivateVendor(RecordReactivation):
    """A vendor that was deactivated is taken into use again."""

    kind: ClassVar = KIND


@extend_schema_view(
    post=extend_schema(
        operation_id="vendors_merge",
        summary="Merge a vendor into another, which stands for it from now on",
        request={"application/json": schema_of(MergeIn)},
        responses=DOCUMENTED.reading["responses"][200],
    )
)
class MergeVendor(PartnerMerge):
    """A vendor that turned out to be another one becomes an alias of it."""

    kind: ClassVar = KIND
