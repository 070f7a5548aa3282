"""v2: the tenant itself and its members."""

from typing import ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.v2 import examples
from tenants.api.v2.serializers import MemberListOut, MemberOut, TenantIn, TenantOut
from tenants.capabilities import MEMBERS_READ, SETTINGS_MANAGE, SETTINGS_READ
from tenants.http import conditional
from tenants.http.openapi import parameters_of
from tenants.http.pagination import CursorQuery, body, decode_cursor, encode_cursor
from tenants.http.parsing import MergePatchParser, StrictJSONParser
from tenants.http.query import parse_query
from tenants.http.versions import V2View
from tenants.models import Tenant as TenantRow
from tenants.selectors import members, tenants
from tenants.services import tenant_settings

_LISTING = "members:id"
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


class Members(V2View):
    """Who works for the tenant."""

    capability = MEMBERS_READ

    @extend_schema(
        operation_id="members_list",
        summary="List members, oldest first",
        parameters=parameters_of(CursorQuery),
        responses=MemberListOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, CursorQuery)
        after: UUID | None = None
        if query.cursor:
            (after,) = decode_cursor(_LISTING, query.cursor, tuple[UUID])
        rows = list(members.members(after=after)[: query.size + 1])
        shown = rows[: query.size]
        cursor = encode_cursor(_LISTING, [shown[-1].id]) if len(rows) > query.size else None
        total = members.members().count() if query.wants_total else None
        return Response(body(list(MemberOut(shown, many=True).data), cursor, total))


def _answer(tenant: TenantRow) -> Response:
    tag = conditional.etag(tenant_settings.version_of(tenant))
    return Response(TenantOut(tenant).data, headers={"ETag": tag})
