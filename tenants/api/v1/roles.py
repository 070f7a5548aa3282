"""v1: roles, the built-in ones and the tenant's own."""

from typing import ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import ids
from tenants.api.v1 import people_examples as examples
from tenants.api.v1.people_serializers import RoleIn, RoleListOut, RoleOut, RolePatchIn
from tenants.capabilities import MEMBERS_MANAGE, MEMBERS_READ
from tenants.errors import NotFound
from tenants.http.idempotency import idempotent
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.parsing import MergePatchParser, StrictJSONParser
from tenants.http.query import parse_query
from tenants.http.serializers import validated
from tenants.http.versions import V1View
from tenants.selectors import roles as selectors
from tenants.selectors.roles import RoleRow
from tenants.services import roles


class RoleQuery(PageQuery, kw_only=True):
    """Roles out of use are left out unless asked for."""

    include_inactive: bool = False


class Roles(V1View):
    """Named sets of capabilities."""

    capability: ClassVar = {"GET": MEMBERS_READ, "POST": MEMBERS_MANAGE}

    @extend_schema(
        operation_id="roles_list",
        summary="List roles, the built-in ones first, then by name",
        parameters=parameters_of(RoleQuery),
        responses=RoleListOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, RoleQuery)
        found = selectors.roles(include_inactive=query.include_inactive)
        rows = found[query.offset : query.offset + query.limit]
        return Response(query.body(list(RoleOut(rows, many=True).data), len(found)))

    @extend_schema(
        operation_id="roles_create",
        summary="Make a role out of capabilities that you have yourself",
        request=RoleIn,
        responses={201: RoleOut},
        examples=[examples.ROLE],
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        made = roles.create_role(**validated(RoleIn, request.data))
        location = f"{request.path.rstrip('/')}/{made.public_id}"
        return Response(RoleOut(_found(made.public_id)).data, status=201, headers={"Location": location})


class Role(V1View):
    """One of the tenant's own."""

    capability: ClassVar = {"GET": MEMBERS_READ, "PATCH": MEMBERS_MANAGE, "DELETE": MEMBERS_MANAGE}
    parser_classes = (StrictJSONParser, MergePatchParser)

    @extend_schema(operation_id="roles_retrieve", summary="One role", responses=RoleOut)
    def get(self, request: Request, role_id: str) -> HttpResponseBase:
        del request
        return Response(RoleOut(_found(role_id)).data)

    @extend_schema(
        operation_id="roles_update",
        summary="Change what a role is called or allows (JSON merge patch)",
        request=RolePatchIn,
        responses=RoleOut,
        examples=[examples.ROLE_PATCH],
    )
    def patch(self, request: Request, role_id: str) -> HttpResponseBase:
        changes = validated(RolePatchIn, request.data)
        roles.update_role(role_id=ids.decode("rol", role_id), **changes)
        return Response(RoleOut(_found(role_id)).data)

    @extend_schema(
        operation_id="roles_deactivate",
        summary="Take a role out of use that nobody holds",
        responses={204: None},
    )
    def delete(self, request: Request, role_id: str) -> HttpResponseBase:
        del request
        roles.deactivate_role(role_id=ids.decode("rol", role_id))
        return Response(status=204)


class RoleReactivation(V1View):
    """Back into use."""

    capability = MEMBERS_MANAGE

    @extend_schema(
        operation_id="roles_reactivate",
        summary="Put a role back into use",
        request=None,
        responses=RoleOut,
    )
    @idempotent
    def post(self, request: Request, role_id: str) -> HttpResponseBase:
        del request
        roles.reactivate_role(role_id=ids.decode("rol", role_id))
        return Response(RoleOut(_found(role_id)).data)


def _found(role_id: str) -> RoleRow:
    found = selectors.role(role_id=ids.decode("rol", role_id))
    if found is None:
        raise NotFound
    return found
