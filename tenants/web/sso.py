"""The round trip to a tenant's own provider, as seen from pages."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tenants.errors import DomainError
from tenants.http import sso as trips
from tenants.http import throttling
from tenants.http.callers import client_of
from tenants.http.problems import STATUSES
from tenants.services.sso import RoundOver
from tenants.web.addresses import path_within
from tenants.web.arrivals import admit
from tenants.web.pages import Page
from tenants.web.steps import lead_on
from tenants.workflows import sso


class SsoStart(Page):
    """Leave for the provider."""

    public: ClassVar = True

    def get(self, request: HttpRequest, tenant: str) -> HttpResponseBase:
        target = path_within(request.GET.get("next")) or settings.LOGIN_REDIRECT_URL
        try:
            throttling.count_departure(self, throttling.trip_limit(client_of(request).address))
            trip = sso.begin(
                slug=tenant,
                places=trips.places_of("v2", tenant),
                return_path=target,
                browser=trips.browser_of(request),
                invitation=request.GET.get("invitation", "")[:100],
            )
        except DomainError as error:
            return refused(self, error, tenant)
        response = self.redirect(trip.url)
        trips.bind(response, trip.browser)
        return response


class SsoReturn(Page):
    """Come back, by way of the API's callback, which is the address that providers know."""

    public: ClassVar = True

    def get(self, request: HttpRequest, tenant: str = "") -> HttpResponseBase:
        answer = trips.answer_in(request, "v2", tenant)
        try:
            if not sso.is_for_pages(answer.state):
                raise RoundOver
            client = client_of(request)
            with throttling.returning(self, throttling.trip_limit(client.address)):
                arrival = sso.complete(answer=answer, browser=trips.browser_of(request), client=client)
        except sso.StepsLeft as left:
            return lead_on(self, left.step, path_within(left.return_path))
        except DomainError as error:
            return refused(self, error, tenant)
        admit(self, arrival.pair)
        return self.redirect(path_within(arrival.return_path) or settings.LOGIN_REDIRECT_URL)


class SsoOwnReturn(SsoReturn):
    """The same for one tenant alone."""


def refused(page: Page, error: DomainError, tenant: str) -> HttpResponseBase:
    """Why nobody was logged in, above the way in."""
    if error.retry_after is not None:
        page.headers["Retry-After"] = str(error.retry_after)
    context: dict[str, Any] = {
        "stated": {"tenant": tenant, "next": ""},
        "faults": {},
        "refusal": error.detail,
        "way": sso.way_in(slug=tenant) if tenant else None,
    }
    return page.render("tenants/login.html", context, status=STATUSES[error.kind])
