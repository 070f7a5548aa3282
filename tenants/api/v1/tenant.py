"""v1: the tenant itself and its members."""

from typing import ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.v1 import examples
from tenants.api.v1.serializers import TenantIn, TenantOut
from tenants.capabilities import SETTINGS_MANAGE, SETTINGS_READ
from tenants.http.parsing import MergePatchParser, StrictJSONParser
from tenants.http.versions import V1View
from tenants.selectors import tenants
from tenants.services import tenant_settings


class Tenant(V1View):
    """The settings of the tenant one is in."""

    capability: ClassVar = {"GET": SETTINGS_READ, "PATCH": SETTINGS_MANAGE}
    parser_classes = (StrictJSONParser, MergePatchParser)

    @extend_schema(operation_id="tenant_retrieve", summary="The tenant's settings", responses=TenantOut)
    def get(self, request: Request) -> HttpResponseBase:
        del request
        return Response(TenantOut(tenants.current_tenant()).data)

    @extend_schema(
        operation_id="tenant_update",
        summary="Change the tenant's settings (JSON merge patch)",
        request=TenantIn,
        responses=TenantOut,
        examples=[examples.TENANT],
    )
    def patch(self, request: Request) -> HttpResponseBase:
        given = TenantIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(TenantOut(tenant_settings.update_tenant(changes=given.validated_data)).data)
