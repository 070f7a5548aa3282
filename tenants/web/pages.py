"""The base of every page: who looks, whether they may, and the shell around what they see.

    class InvoiceList(Page):
        capability = INVOICES_READ

        def get(self, request: HttpRequest) -> HttpResponseBase:
            return self.render("invoicing/invoices.html", {"rows": …})

What a page demands is declared as an API view declares it (`tenants.http.permissions`), and what goes
wrong gets the status it gets there.
"""

from collections.abc import Mapping
from datetime import date, tzinfo
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.messages import constants
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views import View
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from tenants import scope
from tenants.actors import Actor
from tenants.errors import DomainError, NotFound
from tenants.http.permissions import capability_of, ensure_allowed
from tenants.http.problems import Problem, problem_of
from tenants.selectors.accounts import Account, account_of
from tenants.web import cookies, navigation, visits
from tenants.web.addresses import path_within

_ANSWERED = (DomainError, Http404, PermissionDenied, SuspiciousOperation, Error)


class Page(View):
    """One page. `public` opens it to anybody; otherwise `capability` says who may see it.

    While a method runs, the request runs in the scope of the visitor, as in the API. `notices` are
    shown once, on this page or the one that is redirected to; `headers` go out with the answer.
    """

    checks_capability: ClassVar[bool] = True
    public: ClassVar[bool] = False
    capability: ClassVar[str | Mapping[str, str] | None] = None

    visit: visits.Visit
    notices: CookieStorage
    htmx: HtmxDetails
    _headers: dict[str, str]

    @property
    def headers(self) -> dict[str, str]:
        return self._headers

    @property
    def actor(self) -> Actor | None:
        """Whoever is signed in, None on a public page that nobody is signed in to."""
        return self.visit.actor

    @cached_property
    def account(self) -> Account | None:
        """The visitor as the shell shows it."""
        if self.actor is None:
            return None
        try:
            return account_of(actor=self.actor)
        except NotFound:
            return None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.visit = visits.Visit()
        self.notices = CookieStorage(request)
        self.htmx = HtmxDetails(request)
        self._headers = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            self.visit = visits.begin(request)
            response = self._admit(request, *args, **kwargs)
        except _ANSWERED as error:
            problem = problem_of(error)
            if problem is None:
                raise
            response = self.refuse(problem)
        for name, value in self._headers.items():
            response.headers[name] = value
        if self.visit.pair is not None:
            cookies.put(response, self.visit.pair)
        elif self.visit.is_over:
            cookies.clear(response)
        self.notices.update(response)
        return response

    def _admit(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not self.public:
            if self.actor is None:
                return self._to_login()
            if hasattr(self, (request.method or "").lower()):
                ensure_allowed(self.actor, capability_of(self, request.method or ""), kwargs)
        return super().dispatch(request, *args, **kwargs)

    def render(
        self, template: str, context: Mapping[str, Any] | None = None, *, status: int = 200
    ) -> HttpResponse:
        """A template in the shell; times in it are the tenant's."""
        account = self.account
        everything = {
            "account": account,
            "others": _other_places(account),
            "navigation": navigation.links(self.actor, self.request.path),
            "notices": self.notices,
            **(context or {}),
        }
        with timezone.override(self._zone()):
            return render(self.request, template, everything, status=status)

    def today(self) -> date:
        """The day it is for the tenant."""
        return timezone.localdate(timezone=self._zone())

    def _zone(self) -> tzinfo:
        return ZoneInfo(self.account.time_zone) if self.account else timezone.get_default_timezone()

    def redirect(self, path: str) -> HttpResponse:
        """Go to a page of ours, by GET, also where only a part of this page was asked for."""
        if self.htmx:
            return HttpResponseClientRedirect(path)
        return HttpResponseRedirect(path)

    def refuse(self, problem: Problem) -> HttpResponse:
        """What went wrong, in the shell; whoever turns out not to be logged in is sent to log in."""
        if problem.status == 401:
            self.visit.is_over = True
            return self._to_login()
        if problem.status >= 500:
            # Nothing more is asked of a service that does not answer.
            self.__dict__.setdefault("account", None)
        self._headers.update(problem.headers)
        return self.render("shell/problem.html", {"problem": problem}, status=problem.status)

    def _to_login(self) -> HttpResponse:
        if self.visit.is_over:
            self.notices.add(constants.INFO, "Your session is over. Log in again.")
        path = path_within(self.htmx.current_url_abs_path) if self.htmx else self.request.get_full_path()
        comes_back = self.request.method in ("GET", "HEAD") and path not in ("", "/")
        query = f"?{urlencode({'next': path})}" if comes_back else ""
        return self.redirect(f"{settings.LOGIN_URL}{query}")


def _other_places(account: Account | None) -> list[Any]:
    if account is None:
        return []
    return [place for place in account.memberships if place.tenant_id != scope.current().tenant_id]
