"""v2: how the tenant's people log in."""

from typing import ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.v2.login_serializers import (
    ConnectionIn,
    LoginConfigurationIn,
    LoginConfigurationOut,
    LoginConfigurationPatch,
    TrialOut,
)
from tenants.api.v2.members import IF_MATCH
from tenants.capabilities import LOGIN_MANAGE, SETTINGS_READ
from tenants.http import conditional
from tenants.http.parsing import MergePatchParser, StrictJSONParser
from tenants.http.serializers import validated
from tenants.http.versions import V2View
from tenants.selectors.login_configuration import LoginView, login_view
from tenants.services.login_configuration import save_login_configuration
from tenants.workflows.login_tests import try_configuration

CHANGE = OpenApiExample(
    "log in by an LDAP directory",
    value={
        "backend": "ldap",
        "settings": {
            "servers": ["ldaps://directory.acme.example"],
            "user_base": "ou=people,dc=acme,dc=example",
            "group_base": "ou=groups,dc=acme,dc=example",
            "bind_dn": "cn=quittance,ou=services,dc=acme,dc=example",
        },
        "secrets": {"bind_password": "…"},
        "provisions": True,
        "group_roles": [{"group": "cn=accounting,ou=groups,dc=acme,dc=example", "role": "editor"}],
        "break_glass": ["mem_01jd8m3v9qexc8f3y2w5k7r4tc"],
    },
    request_only=True,
)
TRIAL = OpenApiExample(
    "the bind account is refused",
    value={
        "ok": False,
        "backend": "ldap",
        "failed": "bind",
        "steps": [
            {"name": "connect", "ok": True, "detail": ""},
            {"name": "bind", "ok": False, "detail": "The directory refuses the bind account."},
        ],
    },
    response_only=True,
    status_codes=["200"],
)


class TenantAuth(V2View):
    """The way of logging in and its rules."""

    capability: ClassVar = {"GET": SETTINGS_READ, "PUT": LOGIN_MANAGE, "PATCH": LOGIN_MANAGE}
    parser_classes = (StrictJSONParser, MergePatchParser)

    @extend_schema(
        operation_id="tenant_auth_retrieve",
        summary="How people log in; secrets show as set or not",
        responses=LoginConfigurationOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        view = login_view()
        tag = conditional.etag(view.version)
        if conditional.is_current(request, tag):
            return Response(status=304, headers={"ETag": tag})
        return _answer(view)

    @extend_schema(
        operation_id="tenant_auth_replace",
        summary="Configure how people log in; what is left out returns to its default",
        parameters=[IF_MATCH],
        request=LoginConfigurationIn,
        responses=LoginConfigurationOut,
        examples=[CHANGE],
    )
    def put(self, request: Request) -> HttpResponseBase:
        expected = conditional.expected_version(request)
        changes = validated(LoginConfigurationIn, request.data)
        return _answer(save_login_configuration(changes=changes, merges=False, expected=expected))

    @extend_schema(
        operation_id="tenant_auth_update",
        summary="Change how people log in (JSON merge patch)",
        parameters=[IF_MATCH],
        request=LoginConfigurationPatch,
        responses=LoginConfigurationOut,
        examples=[CHANGE],
    )
    def patch(self, request: Request) -> HttpResponseBase:
        expected = conditional.expected_version(request)
        changes = validated(LoginConfigurationPatch, request.data)
        return _answer(save_login_configuration(changes=changes, merges=True, expected=expected))


class TenantAuthTest(V2View):
    """Trying it."""

    capability = LOGIN_MANAGE
    idempotency_exempt = "nothing is written, and no transaction may span a call to a directory"

    @extend_schema(
        operation_id="tenant_auth_test",
        summary="Try the connection, as saved or with changes, and say which step failed",
        request=ConnectionIn,
        responses=TrialOut,
        examples=[TRIAL],
    )
    def post(self, request: Request) -> HttpResponseBase:
        changes = validated(ConnectionIn, request.data or {})
        return Response(TrialOut(try_configuration(changes=changes)).data)


def _answer(view: LoginView) -> Response:
    return Response(LoginConfigurationOut(view).data, headers={"ETag": conditional.etag(view.version)})
