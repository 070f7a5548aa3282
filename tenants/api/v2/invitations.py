"""v2: invitations to become a member."""

from typing import ClassVar
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import ids
from tenants.api.v2 import people_examples as examples
from tenants.api.v2.people_serializers import (
    AcceptedOut,
    AcceptIn,
    InvitationIn,
    InvitationListOut,
    InvitationOut,
    JoinIn,
)
from tenants.capabilities import MEMBERS_MANAGE, MEMBERS_READ
from tenants.errors import NotFound
from tenants.http import throttling
from tenants.http.callers import client_of, own_membership_id
from tenants.http.idempotency import idempotent
from tenants.http.openapi import parameters_of
from tenants.http.pagination import CursorQuery, body, decode_cursor, encode_cursor
from tenants.http.permissions import SIGNED_IN
from tenants.http.query import parse_query
from tenants.http.serializers import validated
from tenants.http.versions import V2View
from tenants.selectors import invitations as selectors
from tenants.services import invitations
from tenants.workflows import invitations as workflows

_LISTING = "invitations:-id"


class InvitationQuery(CursorQuery, kw_only=True):
    """Filters of the list."""

    state: selectors.State | None = None


class Invitations(V2View):
    """Who was asked to come."""

    capability: ClassVar = {"GET": MEMBERS_READ, "POST": MEMBERS_MANAGE}

    @extend_schema(
        operation_id="invitations_list",
        summary="List invitations, newest first",
        parameters=parameters_of(InvitationQuery),
        responses=InvitationListOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, InvitationQuery)
        before: UUID | None = None
        if query.cursor:
            (before,) = decode_cursor(_LISTING, query.cursor, tuple[UUID])
        found = selectors.invitations(state=query.state)
        rows = list((found if before is None else found.filter(id__lt=before))[: query.size + 1])
        shown = rows[: query.size]
        cursor = encode_cursor(_LISTING, [shown[-1].id]) if len(rows) > query.size else None
        total = found.count() if query.wants_total else None
        return Response(body(list(InvitationOut(shown, many=True).data), cursor, total))

    @extend_schema(
        operation_id="invitations_create",
        summary="Invite somebody by mail",
        request=InvitationIn,
        responses={201: InvitationOut},
        examples=[examples.INVITATION],
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(InvitationIn, request.data)
        made = invitations.invite(**given, membership_id=own_membership_id())
        location = f"{request.path.rstrip('/')}/{made.public_id}"
        return Response(InvitationOut(made).data, status=201, headers={"Location": location})


class Invitation(V2View):
    """One of them."""

    capability: ClassVar = {"GET": MEMBERS_READ, "DELETE": MEMBERS_MANAGE}

    @extend_schema(operation_id="invitations_retrieve", summary="One invitation", responses=InvitationOut)
    def get(self, request: Request, invitation_id: str) -> HttpResponseBase:
        del request
        found = selectors.invitation(invitation_id=ids.decode("ivt", invitation_id))
        if found is None:
            raise NotFound
        return Response(InvitationOut(found).data)

    @extend_schema(
        operation_id="invitations_revoke", summary="Take an invitation back", responses={204: None}
    )
    def delete(self, request: Request, invitation_id: str) -> HttpResponseBase:
        del request
        invitations.revoke_invitation(invitation_id=ids.decode("ivt", invitation_id))
        return Response(status=204)


class InvitationSending(V2View):
    """Another link for the same invitation."""

    capability = MEMBERS_MANAGE

    @extend_schema(
        operation_id="invitations_send_again",
        summary="Send a new link; the one before is good for nothing",
        request=None,
        responses=InvitationOut,
    )
    @idempotent
    def post(self, request: Request, invitation_id: str) -> HttpResponseBase:
        del request
        sent = invitations.send_again(invitation_id=ids.decode("ivt", invitation_id))
        return Response(InvitationOut(sent).data)


class InvitationAcceptance(V2View):
    """Becoming a member as a new person."""

    public = True
    authentication_classes = ()
    idempotency_exempt = "the body holds a password, and a link works once anyway"

    @extend_schema(
        operation_id="invitations_accept",
        summary="Accept an invitation as a new person; then log in",
        request=AcceptIn,
        responses={201: AcceptedOut},
        examples=[examples.ACCEPT],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = validated(AcceptIn, request.data)
        offer = workflows.look_at(token=given["token"])
        limits = throttling.login_limits(
            tenant=offer.tenant.slug, username=given["username"], address=client_of(request).address
        )
        with throttling.guessing(self, limits if offer.is_external else limits[1:]):
            accepted = workflows.accept(**given)
        return Response(AcceptedOut(accepted).data, status=201)


class InvitationJoining(V2View):
    """Becoming a member as who is logged in."""

    capability = SIGNED_IN
    idempotency_exempt = "a link works once anyway"

    @extend_schema(
        operation_id="invitations_join",
        summary="Accept an invitation as the person who is logged in; then switch tenants",
        request=JoinIn,
        responses={201: AcceptedOut},
        examples=[examples.JOIN],
    )
    def post(self, request: Request) -> HttpResponseBase:
        accepted = workflows.join(**validated(JoinIn, request.data))
        return Response(AcceptedOut(accepted).data, status=201)
