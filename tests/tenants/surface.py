"""A small URL tree for the tests of the HTTP floor: every way to refuse, in both versions."""

from collections.abc import Callable
from typing import Any

import psycopg
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import connection
from django.http import Http404, HttpResponse
from django.urls import include, path
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.errors import DomainError, FieldError, Kind
from tenants.http.openapi import body_of, parameters_of
from tenants.http.pagination import CursorQuery
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.routes import route
from tenants.http.serializers import (
    CleanCharField,
    CleanTextField,
    MoneyField,
    PublicIdField,
    StrictBooleanField,
    StrictDateField,
    StrictIntegerField,
    StrictSerializer,
)
from tenants.http.values import Amount, Body, Quantity, Text
from tenants.http.versions import V1View, V2View

handler400 = "tenants.http.problems.bad_request"
handler403 = "tenants.http.problems.permission_denied"
handler404 = "tenants.http.problems.page_not_found"
handler500 = "tenants.http.problems.server_error"


class Refused(DomainError):
    """The invoice has left draft."""

    kind, code = Kind.CONFLICT, "invoice-already-issued"


def refused_as(wanted: Kind) -> DomainError:
    class OfKind(DomainError):
        """Refused."""

        kind, code = wanted, "of-kind"

    return OfKind()


def _query_a_missing_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select secret_column from no_such_table")


def _overflow() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select 99999999999::bigint::int")


def _lose_the_server() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pg_backend_pid())")


def _raise(error: Exception) -> None:
    raise error


FAILURES: dict[str, Callable[[], None]] = {
    **{kind.value: (lambda kind=kind: _raise(refused_as(kind))) for kind in Kind},  # type: ignore[misc]
    "domain": lambda: _raise(
        Refused(errors=[FieldError("/lines/0/tax~1rate", "frozen", "Frozen.")], revision=7)
    ),
    "busy": lambda: _raise(DomainError(retry_after=17)),
    "http404": lambda: _raise(Http404("No Invoice matches inv_1 of tenant globex")),
    "drf404": lambda: _raise(exceptions.NotFound("No Invoice matches inv_1 of tenant globex")),
    "forbidden403": lambda: _raise(PermissionDenied("secret reason")),
    "suspicious": lambda: _raise(SuspiciousOperation("/etc/passwd")),
    "anonymous": lambda: _raise(exceptions.NotAuthenticated()),
    "throttle": lambda: _raise(exceptions.Throttled(wait=2.1)),
    "tree": lambda: _raise(
        exceptions.ValidationError(
            {
                "name": ["Too short."],
                "lines": [{}, {"quantity": [exceptions.ErrorDetail("Odd.", code="odd_number")]}],
                "non_field_errors": ["Do not fit."],
                "codes": {"1": ["Unknown."]},
            }
        )
    ),
    "missing_table": _query_a_missing_table,
    "overflow": _overflow,
    "dead_database": _lose_the_server,
    "bug": lambda: _raise(RuntimeError("postgresql://owner:hunter2@db/quittance")),
    "driver": lambda: _raise(psycopg.OperationalError("not wrapped")),
}


class ThingIn(StrictSerializer):
    name = CleanCharField(max_length=10)
    note = CleanTextField(required=False, allow_blank=True)
    amount = MoneyField(required=False)
    due = StrictDateField(required=False)
    count = StrictIntegerField(required=False, min_value=0)
    active = StrictBooleanField(required=False)
    customer = PublicIdField("cus", required=False)
    number = serializers.CharField(read_only=True)


class BoxIn(StrictSerializer):
    things = ThingIn(many=True)


class FastIn(Body, kw_only=True):
    name: Text
    quantity: Quantity


class ThingQuery(CursorQuery, kw_only=True):
    q: str | None = None
    overdue: bool = False
    min_total: Amount | None = None
    year: int | None = None


class OpenV1(V1View):
    authentication_classes = ()
    permission_classes = ()


class OpenV2(V2View):
    authentication_classes = ()
    permission_classes = ()


class FailV1(OpenV1):
    def get(self, request: Request, how: str) -> Response:
        FAILURES[how]()
        return Response({"how": how})


class FailV2(OpenV2):
    def get(self, request: Request, how: str) -> Response:
        FAILURES[how]()
        return Response({"how": how})


class ThingsV1(OpenV1):
    @extend_schema(request=ThingIn, responses=ThingIn)
    def post(self, request: Request) -> Response:
        given = ThingIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(given.data, status=201)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        return Response(status=204)


class ThingsV2(OpenV2):
    @extend_schema(responses=ThingIn, parameters=parameters_of(ThingQuery))
    def get(self, request: Request) -> Response:
        query = parse_query(request.GET, ThingQuery)
        return Response({"limit": query.size, "overdue": query.overdue, "year": query.year, "q": query.q})

    @extend_schema(request=ThingIn, responses=ThingIn)
    def post(self, request: Request) -> Response:
        given = ThingIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(given.data, status=201)


class BoxesV2(OpenV2):
    @extend_schema(request=BoxIn, responses=BoxIn)
    def post(self, request: Request) -> Response:
        given = BoxIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(given.data)


class FastV2(OpenV2):
    @extend_schema(request=body_of(FastIn), responses={200: None})
    def post(self, request: Request) -> Response:
        return Response({"quantity": parse_request(request, FastIn).quantity})


class RawV1(OpenV1):
    def get(self, request: Request) -> HttpResponse:
        return JSONBytes(b'{"total":"1.10"}')


class RawV2(OpenV2):
    def get(self, request: Request) -> HttpResponse:
        return JSONBytes(b'{"total":"1.10"}')


def page(request: Any) -> HttpResponse:
    raise Http404(request.path)


API_V1 = [
    route("fail/<str:how>", FailV1.as_view(), name="fail"),
    route("things", ThingsV1.as_view(), name="things"),
    route("raw", RawV1.as_view(), name="raw"),
]
API_V2 = [
    route("fail/<str:how>", FailV2.as_view(), name="fail"),
    route("things", ThingsV2.as_view(), name="things"),
    route("boxes", BoxesV2.as_view(), name="boxes"),
    route("fast", FastV2.as_view(), name="fast"),
    route("raw", RawV2.as_view(), name="raw"),
]
urlpatterns = [
    path("api/v1/", include((API_V1, "v1"))),
    path("api/v2/", include((API_V2, "v2"))),
    path("page", page),
]
