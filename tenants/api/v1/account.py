"""v1: oneself, one's sessions and one's password."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import ids, scope
from tenants.api.v1 import examples
from tenants.api.v1.serializers import (
    MeOut,
    PasswordIn,
    PasswordInfoOut,
    SessionListOut,
    SessionOut,
)
from tenants.http import throttling
from tenants.http.callers import own_membership_id, own_user_id
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.permissions import SIGNED_IN
from tenants.http.query import parse_query
from tenants.http.versions import V1View
from tenants.selectors import accounts
from tenants.selectors import sessions as selectors
from tenants.services import sessions
from tenants.workflows import logins


class Me(V1View):
    """Who the token speaks for."""

    capability = SIGNED_IN

    @extend_schema(operation_id="auth_me", summary="Who am I, and what may I do", responses=MeOut)
    def get(self, request: Request) -> HttpResponseBase:
        del request
        return Response(MeOut(accounts.account_of(actor=scope.current().actor)).data)


class Sessions(V1View):
    """The open logins of the member."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_sessions_list",
        summary="List my open sessions here, newest first",
        parameters=parameters_of(PageQuery),
        responses=SessionListOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, PageQuery)
        mine = selectors.open_sessions(membership_id=own_membership_id())
        rows = mine[query.offset : query.offset + query.limit]
        context = {"session_id": scope.current().actor.session_id}
        items = list(SessionOut(rows, many=True, context=context).data)
        return Response(query.body(items, mine.count()))


class Session(V1View):
    """One of them."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_sessions_delete", summary="End one of my sessions", responses={204: None}
    )
    def delete(self, request: Request, session_id: str) -> HttpResponseBase:
        del request
        sessions.end_session(session_id=ids.decode("ses", session_id), membership_id=own_membership_id())
        return Response(status=204)


class Password(V1View):
    """The person's password."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_password_info", summary="What applies to my password", responses=PasswordInfoOut
    )
    def get(self, request: Request) -> HttpResponseBase:
        del request
        return Response(PasswordInfoOut(logins.password_info(user_id=own_user_id())).data)

    @extend_schema(
        operation_id="auth_password_change",
        summary="Change my password; my other sessions end",
        request=PasswordIn,
        responses={204: None},
        examples=[examples.PASSWORD],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = PasswordIn(data=request.data)
        given.is_valid(raise_exception=True)
        with throttling.guessing(self, [throttling.account_limit(scope.current().actor.label)]):
            logins.change_password(**given.validated_data)
        return Response(status=204)
