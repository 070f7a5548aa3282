"""v1: who works for the tenant."""

from typing import Annotated, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import ids
from tenants.api.v1 import people_examples as examples
from tenants.api.v1.people_serializers import MemberDetailOut, MemberIn
from tenants.api.v1.serializers import MemberListOut, MemberOut
from tenants.capabilities import MEMBERS_MANAGE, MEMBERS_READ
from tenants.errors import NotFound
from tenants.http.idempotency import idempotent
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.parsing import MergePatchParser, StrictJSONParser
from tenants.http.query import parse_query
from tenants.http.serializers import validated
from tenants.http.values import Text
from tenants.http.versions import V1View
from tenants.models import Membership
from tenants.selectors import lockout as locks
from tenants.selectors import members as selectors
from tenants.services import lockout, members


class MemberQuery(PageQuery, kw_only=True):
    """Filters of the list; `q` is how a name or user name begins."""

    role: Annotated[str, Meta(max_length=50)] | None = None
    q: Text | None = None
    include_inactive: bool = False


class Members(V1View):
    """Who works for the tenant."""

    capability = MEMBERS_READ

    @extend_schema(
        operation_id="members_list",
        summary="List members, oldest first",
        parameters=parameters_of(MemberQuery),
        responses=MemberListOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, MemberQuery)
        filters = selectors.MemberFilter(query.role, query.q, query.include_inactive)
        found = selectors.members(filters=filters)
        rows = found[query.offset : query.offset + query.limit]
        return Response(query.body(list(MemberOut(rows, many=True).data), found.count()))


class Member(V1View):
    """One of them."""

    capability: ClassVar = {"GET": MEMBERS_READ, "PATCH": MEMBERS_MANAGE, "DELETE": MEMBERS_MANAGE}
    parser_classes = (StrictJSONParser, MergePatchParser)

    @extend_schema(operation_id="members_retrieve", summary="One member", responses=MemberDetailOut)
    def get(self, request: Request, membership_id: str) -> HttpResponseBase:
        del request
        return _answer(_found(membership_id))

    @extend_schema(
        operation_id="members_update",
        summary="Change a member's role, or demand a new password (JSON merge patch)",
        request=MemberIn,
        responses=MemberDetailOut,
        examples=[examples.MEMBER],
    )
    def patch(self, request: Request, membership_id: str) -> HttpResponseBase:
        changes = validated(MemberIn, request.data)
        members.update_member(membership_id=ids.decode("mem", membership_id), **changes)
        return _answer(_found(membership_id))

    @extend_schema(
        operation_id="members_remove",
        summary="End a membership: sessions and keys of the member end with it",
        responses={204: None},
    )
    def delete(self, request: Request, membership_id: str) -> HttpResponseBase:
        del request
        members.deactivate_member(membership_id=ids.decode("mem", membership_id))
        return Response(status=204)


class MemberReactivation(V1View):
    """Back among the members."""

    capability = MEMBERS_MANAGE

    @extend_schema(
        operation_id="members_reactivate",
        summary="Make somebody a member again",
        request=None,
        responses=MemberDetailOut,
    )
    @idempotent
    def post(self, request: Request, membership_id: str) -> HttpResponseBase:
        del request
        members.reactivate_member(membership_id=ids.decode("mem", membership_id))
        return _answer(_found(membership_id))


class MemberUnlocking(V1View):
    """Away with a lock after failed logins."""

    capability = MEMBERS_MANAGE

    @extend_schema(
        operation_id="members_unlock",
        summary="Let a member log in again after too many failures",
        request=None,
        responses={204: None},
    )
    @idempotent
    def post(self, request: Request, membership_id: str) -> HttpResponseBase:
        del request
        lockout.unlock(membership_id=ids.decode("mem", membership_id))
        return Response(status=204)


def _found(membership_id: str) -> Membership:
    found = selectors.member(membership_id=ids.decode("mem", membership_id))
    if found is None:
        raise NotFound
    return found


def _answer(member: Membership) -> Response:
    locked = locks.locked_until(slug=member.tenant.slug, username=member.username)
    return Response(MemberDetailOut(member, context={"locked_until": locked}).data)
