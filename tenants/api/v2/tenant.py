"""v2: the tenant itself and its members."""

from typing import ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.v2 import examples
from tenants.api.v2.serializers import TenantIn, TenantOut
from tenants.capabilities import SETTINGS_MANAGE, SETTINGS_READ
from tenants.http import conditional
from tenants.http.parsing import MergePatchParser, StrictJSONParser
from tenants.http.versions import V2View
from tenants.models import Tenant as TenantRow
from tenants.selectors import tenants
from tenants.services import tenant_settings

_IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the version changed."
)


class Tenant(V2View):
    """The settings of the tenant one is in."""

    capability: ClassVar = {"GET": SETTINGS_READ, "PATCH": SETTINGS_MANAGE}
    parser_classes = (StrictJSONParser, MergePatchParser)

    @extend_schema(operation_id="tenant_retrieve", summary="The tenant's settings", responses=TenantOut)
    def get(self, request: Request) -> HttpResponseBase:
        tenant = tenants.current_tenant()
        tag = conditional.etag(tenant_settings.version_of(tenant))
        if conditional.is_current(request, tag):
            return Response(status=304, headers={"ETag": tag})
        return _answer(tenant)

    @extend_schema(
        operation_id="tenant_update",
        summary="Change the tenant's settings (JSON merge patch)",
        parameters=[_IF_MATCH],
        request=TenantIn,
        responses=TenantOut,
        examples=[examples.TENANT],
    )
    def patch(self, request: Request) -> HttpResponseBase:
        expected = conditional.expected_version(request)
        given = TenantIn(data=request.data)
        given.is_valid(raise_exception=True)
        return _answer(tenant_settings.update_tenant(changes=given.validated_data, expected=expected))


def _answer(tenant: TenantRow) -> Response:
    tag = conditional.etag(tenant_settings.version_of(tenant))
    return Response(TenantOut(tenant).data, headers={"ETag": tag})
