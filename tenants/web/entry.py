"""Coming in, going elsewhere, and leaving."""

from typing import Annotated, Any, ClassVar

from django.conf import settings
from django.contrib.messages import constants
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from msgspec import Meta

from tenants.domain.passwords import LONGEST
from tenants.errors import DomainError, InvalidInput
from tenants.http import throttling
from tenants.http.callers import client_of
from tenants.http.permissions import SIGNED_IN
from tenants.http.problems import STATUSES
from tenants.http.query import parse_query
from tenants.http.values import Body, line
from tenants.web.addresses import path_within
from tenants.web.arrivals import admit, end_former
from tenants.web.pages import Page
from tenants.web.steps import lead_on
from tenants.workflows import logins, sso


class LoginIn(Body, kw_only=True):
    """What the login form sends."""

    tenant: Annotated[str, line(63)]
    username: Annotated[str, line(150)]
    password: Annotated[str, Meta(max_length=LONGEST)]
    next: str = ""
    csrfmiddlewaretoken: str = ""


class SwitchIn(Body, kw_only=True):
    """What the menu of tenants sends."""

    tenant: Annotated[str, line(63)]
    csrfmiddlewaretoken: str = ""


class Home(Page):
    """The way in for whoever types nothing but the host."""

    capability: ClassVar = SIGNED_IN

    def get(self, request: HttpRequest) -> HttpResponseBase:
        del request
        return self.redirect(settings.LOGIN_REDIRECT_URL)


@method_decorator(sensitive_post_parameters("password"), name="dispatch")
class Login(Page):
    """The tenant first, then its own way in; the same login as the API's, with the same limits."""

    public: ClassVar = True

    def get(self, request: HttpRequest) -> HttpResponseBase:
        target = path_within(request.GET.get("next"))
        if self.actor is not None:
            return self.redirect(target or settings.LOGIN_REDIRECT_URL)
        return self._form({"tenant": request.GET.get("tenant", "")[:63], "next": target})

    def post(self, request: HttpRequest) -> HttpResponseBase:
        stated = {name: request.POST.get(name, "") for name in ("tenant", "username")}
        stated["next"] = path_within(request.POST.get("next"))
        try:
            self._log_in(parse_query(request.POST, LoginIn))
        except InvalidInput as error:
            faults = {fault.pointer.removeprefix("?"): _told(fault.code) for fault in error.errors}
            return self._form(stated, faults=faults, status=400)
        except DomainError as error:
            if error.is_progress:
                return lead_on(self, error, stated["next"])
            if error.retry_after is not None:
                self.headers["Retry-After"] = str(error.retry_after)
            return self._form(stated, refusal=error.detail, status=STATUSES[error.kind])
        return self.redirect(stated["next"] or settings.LOGIN_REDIRECT_URL)

    def _log_in(self, given: LoginIn) -> None:
        request = self.request
        client = client_of(request)
        limits = throttling.login_limits(tenant=given.tenant, username=given.username, address=client.address)
        with throttling.guessing(self, limits):
            pair = logins.log_in(
                slug=given.tenant, username=given.username, password=given.password, client=client
            )
        admit(self, pair)

    def _form(
        self,
        stated: dict[str, str],
        *,
        faults: dict[str, str] | None = None,
        refusal: str = "",
        status: int = 200,
    ) -> HttpResponseBase:
        slug = stated["tenant"]
        context: dict[str, Any] = {
            "stated": stated,
            "faults": faults or {},
            "refusal": refusal,
            "way": sso.way_in(slug=slug) if slug else None,
        }
        return self.render("tenants/login.html", context, status=status)


class Logout(Page):
    """End the session, here and for whatever else uses it."""

    public: ClassVar = True

    def post(self, request: HttpRequest) -> HttpResponseBase:
        end_former(request)
        self.visit.pair, self.visit.is_over = None, True
        self.notices.add(constants.SUCCESS, "You are logged out.")
        return self.redirect(reverse("page-login"))


class Switch(Page):
    """Go on in another tenant of the same person; the session here ends, its cookies are replaced."""

    capability: ClassVar = SIGNED_IN

    def post(self, request: HttpRequest) -> HttpResponseBase:
        given = parse_query(request.POST, SwitchIn)
        try:
            pair = logins.switch_tenant(slug=given.tenant, client=client_of(request))
        except logins.OtherLogin as error:
            self.notices.add(constants.INFO, error.detail)
            return self.redirect(reverse("page-login", query={"tenant": given.tenant}))
        except DomainError as error:
            if error.is_progress:
                return lead_on(self, error, "")
            raise
        admit(self, pair)
        self.notices.add(constants.SUCCESS, f"You are now working for {pair.person.tenant_name}.")
        return self.redirect(settings.LOGIN_REDIRECT_URL)


def _told(code: str) -> str:
    return "Fill this in." if code == "missing" else "This cannot be right: check what you typed."
