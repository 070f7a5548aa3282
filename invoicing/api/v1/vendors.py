"""v1 of vendors."""

from typing import ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view

from invoicing.api.v1.master_data import Documented
from invoicing.api.v1.partner_data import PartnerQuery, PartnerSerializer
from invoicing.api.v1.partners import PartnerKind, PartnerMerge, partner_fields
from invoicing.api.v1.records import RecordDetail, RecordList, RecordReactivation
from invoicing.selectors.parties import get_vendor, list_vendors
from invoicing.services import vendors
from invoicing.services.merging import merge_vendors
from tenants.http.serializers import PublicIdField, StrictSerializer


class VendorSerializer(PartnerSerializer):
    """Who sells to the tenant. `bank_accounts` are where its bills are paid to; `reference` is unique."""

    merged_into = PublicIdField("ven", source="merged_into_id", read_only=True, allow_null=True)


DOCUMENTED = Documented("vendors", "a vendor", query=PartnerQuery, kind=VendorSerializer)
KIND = PartnerKind(
    documented=DOCUMENTED,
    prefix="ven",
    name="vendor_id",
    find=get_vendor,
    list=list_vendors,
    create=vendors.create_vendor,
    update=vendors.update_vendor,
    deactivate=vendors.deactivate_vendor,
    reactivate=vendors.reactivate_vendor,
    fields=partner_fields,
    merge=merge_vendors,
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


class VendorMergeIn(StrictSerializer):
    """The active vendor that stands for this one from now on."""

    into = PublicIdField("ven")


@extend_schema_view(
    post=extend_schema(
        operation_id="vendors_merge",
        summary="Merge a vendor into another, which stands for it from now on",
        request=VendorMergeIn,
        responses=VendorSerializer,
    )
)
class MergeVendor(PartnerMerge):
    """A vendor that turned out to be another one becomes an alias of it."""

    kind: ClassVar = KIND
    body: ClassVar = VendorMergeIn
