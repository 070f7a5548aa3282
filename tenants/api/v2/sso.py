"""v2: logging in at the tenant's own provider."""

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from tenants.api.v2 import examples
from tenants.api.v2.serializers import PairOut
from tenants.http import sso as trips
from tenants.http import throttling
from tenants.http.callers import client_of
from tenants.http.versions import V2View
from tenants.workflows import sso

_BROUGHT = [
    OpenApiParameter(name, OpenApiTypes.STR, description=text)
    for name, text in (
        ("state", "What the start sent along."),
        ("code", "What the provider gives for a login."),
        ("iss", "Who the provider says it is (RFC 9207)."),
        ("error", "Why there is no code."),
    )
]
_GOES = OpenApiResponse(description="To the provider; sets the cookie that lets this browser return.")


class Start(V2View):
    """Go to the tenant's provider, in a browser."""

    public = True
    authentication_classes = ()

    @extend_schema(
        operation_id="auth_sso_start",
        summary="Log in at the tenant's own provider: redirects there (authorization code with PKCE)",
        responses={302: _GOES},
    )
    def get(self, request: Request, tenant: str) -> HttpResponseBase:
        throttling.count_departure(self, throttling.trip_limit(client_of(request).address))
        trip = sso.begin(
            slug=tenant,
            places=trips.places_of("v2", tenant),
            return_path="",
            browser=trips.browser_of(request),
        )
        response = HttpResponseRedirect(trip.url, headers={"Cache-Control": "no-store"})
        trips.bind(response, trip.browser)
        return response


class Callback(V2View):
    """Come back from the provider; whoever began on a page goes on there."""

    public = True
    authentication_classes = ()
    page = "page-sso-return"

    @extend_schema(
        operation_id="auth_sso_callback",
        summary="Where the provider sends back to: answers a pair, or goes on to the page",
        parameters=_BROUGHT,
        responses={200: PairOut, 302: OpenApiResponse(description="To the page.")},
        examples=[examples.PAIR],
    )
    def get(self, request: Request, tenant: str = "") -> HttpResponseBase:
        answer = trips.answer_in(request, "v2", tenant)
        if sso.is_for_pages(answer.state):
            target = reverse(self.page, kwargs={"tenant": tenant} if tenant else None)
            query = request.META.get("QUERY_STRING", "")
            return HttpResponseRedirect(f"{target}?{query}", headers={"Cache-Control": "no-store"})
        client = client_of(request)
        with throttling.returning(self, throttling.trip_limit(client.address)):
            arrival = sso.complete(answer=answer, browser=trips.browser_of(request), client=client)
        return Response(PairOut(arrival.pair).data, headers={"Cache-Control": "no-store"})


class OwnCallback(Callback):
    """The same at an address of the tenant's own, for providers that do not say who they are."""

    page = "page-sso-own-return"

    @extend_schema(
        operation_id="auth_sso_own_callback",
        summary="The same for one tenant alone, for providers that do not name themselves",
        parameters=_BROUGHT,
        responses={200: PairOut, 302: OpenApiResponse(description="To the page.")},
        examples=[examples.PAIR],
    )
    def get(self, request: Request, tenant: str = "") -> HttpResponseBase:
        return super().get(request, tenant)
