"""Where I am logged in, and how to end it there."""

from typing import ClassVar

from django.contrib.messages import constants
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from tenants import ids, scope
from tenants.domain.devices import device_of
from tenants.http.callers import own_membership_id, own_user_id
from tenants.http.permissions import SIGNED_IN
from tenants.selectors import sessions as selectors
from tenants.services import sessions
from tenants.web.actions import ActionPage
from tenants.web.pages import Page
from tenants.workflows import logins

MOST = 100


class OwnSessions(Page):
    """My open sessions at this tenant, newest first."""

    capability: ClassVar = SIGNED_IN

    def get(self, request: HttpRequest) -> HttpResponseBase:
        del request
        current = scope.current().actor.session_id
        found = selectors.open_sessions(membership_id=own_membership_id())[:MOST]
        rows = [(each, device_of(each.user_agent), each.id == current) for each in found]
        return self.render("people/sessions.html", {"rows": rows})


class EndSession(ActionPage):
    """One of them."""

    capability: ClassVar = SIGNED_IN

    def post(self, request: HttpRequest, session_id: str) -> HttpResponseBase:
        del request
        key = ids.decode("ses", session_id)
        return self.attempt(
            lambda: sessions.end_session(session_id=key, membership_id=own_membership_id()),
            done="That session is over.",
            back=reverse("page-sessions"),
        )


class EndAllSessions(Page):
    """All of them, in every tenant, this one too."""

    capability: ClassVar = SIGNED_IN

    def post(self, request: HttpRequest) -> HttpResponseBase:
        del request
        logins.log_out_everywhere(user_id=own_user_id())
        self.visit.pair, self.visit.is_over = None, True
        self.notices.add(constants.SUCCESS, "You are logged out everywhere.")
        return self.redirect(reverse("page-login"))
