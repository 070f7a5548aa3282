"""v1: logging in, staying in, getting out."""

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.v1 import examples
from tenants.api.v1.serializers import PairOut, RefreshIn, SwitchIn, TokenIn
from tenants.http import throttling
from tenants.http.callers import client_of, own_user_id
from tenants.http.permissions import SIGNED_IN
from tenants.http.versions import V1View
from tenants.services.pairs import Pair
from tenants.workflows import logins


class Token(V1View):
    """Log in with the way of the tenant."""

    public = True
    authentication_classes = ()

    @extend_schema(
        operation_id="auth_token",
        summary="Log in",
        request=TokenIn,
        responses=PairOut,
        examples=[examples.LOG_IN, examples.PAIR],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = TokenIn(data=request.data)
        given.is_valid(raise_exception=True)
        names = given.validated_data
        client = client_of(request)
        limits = throttling.login_limits(
            tenant=names["tenant"], username=names["username"], address=client.address
        )
        with throttling.guessing(self, limits):
            pair = logins.log_in(
                slug=names["tenant"],
                username=names["username"],
                password=names["password"],
                client=client,
            )
        return _pair(pair)


class Refresh(V1View):
    """Spend a refresh token for a new pair."""

    public = True
    authentication_classes = ()

    @extend_schema(
        operation_id="auth_refresh",
        summary="Get a new pair; the old refresh token is spent",
        request=RefreshIn,
        responses=PairOut,
        examples=[examples.REFRESH, examples.PAIR],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = RefreshIn(data=request.data)
        given.is_valid(raise_exception=True)
        return _pair(logins.refresh(token=given.validated_data["refresh"], client=client_of(request)))


class Logout(V1View):
    """End the session of a refresh token."""

    public = True
    authentication_classes = ()

    @extend_schema(
        operation_id="auth_logout",
        summary="Log out, at once",
        request=RefreshIn,
        responses={204: None},
        examples=[examples.REFRESH],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = RefreshIn(data=request.data)
        given.is_valid(raise_exception=True)
        logins.log_out(token=given.validated_data["refresh"])
        return Response(status=204)


class LogoutEverywhere(V1View):
    """End all sessions of the person, in every tenant."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_logout_everywhere",
        summary="End all sessions of this person",
        request=None,
        responses={204: None},
    )
    def post(self, request: Request) -> HttpResponseBase:
        del request
        logins.log_out_everywhere(user_id=own_user_id())
        return Response(status=204)


class SwitchTenant(V1View):
    """A session in another tenant of the same person."""

    capability = SIGNED_IN

    @extend_schema(
        operation_id="auth_switch_tenant",
        summary="Get a pair for another tenant; the login ends when it would have",
        request=SwitchIn,
        responses=PairOut,
        examples=[examples.SWITCH, examples.PAIR],
    )
    def post(self, request: Request) -> HttpResponseBase:
        given = SwitchIn(data=request.data)
        given.is_valid(raise_exception=True)
        return _pair(logins.switch_tenant(slug=given.validated_data["tenant"], client=client_of(request)))


def _pair(pair: Pair) -> Response:
    return Response(PairOut(pair).data, headers={"Cache-Control": "no-store"})
