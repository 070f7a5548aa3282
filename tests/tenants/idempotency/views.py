"""Small views behind the decorator, and the tree they hang in."""

from typing import Any, cast

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.errors import DomainError, Kind
from tenants.http.idempotency import idempotent
from tenants.http.permissions import SIGNED_IN
from tenants.http.routes import route
from tenants.http.versions import V1View, V2View
from tests.faults.handlers import leave_trace, traces_of


class Refused(DomainError):
    """Not today."""

    kind, code = Kind.CONFLICT, "refused-in-test"


def act(request: Request) -> HttpResponseBase:
    """Leave a trace and answer as the body wishes."""
    wish = cast(dict[str, Any], request.data)
    leave_trace(wish["text"])
    if wish.get("raise"):
        raise Refused
    if wish.get("plain"):
        return HttpResponse(b"%PDF", content_type="application/pdf", status=201)
    data = {"traces": traces_of(wish["text"])}
    return Response(data, status=wish.get("status", 201), headers={"Location": "/somewhere"})


class ActV1(V1View):
    capability = SIGNED_IN

    @idempotent
    def post(self, request: Request, thing: str = "") -> HttpResponseBase:
        del thing
        return act(request)


class ActV2(V2View):
    capability = SIGNED_IN

    @idempotent
    def post(self, request: Request, thing: str = "") -> HttpResponseBase:
        del thing
        return act(request)


urlpatterns = [
    route("api/v1/act", ActV1.as_view(), name="v1-act"),
    route("api/v2/act", ActV2.as_view(), name="v2-act"),
    route("api/v2/act/<str:thing>/again", ActV2.as_view(), name="v2-act-again"),
]
