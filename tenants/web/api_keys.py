"""API keys: made with a secret that this page shows once."""

from datetime import timedelta
from typing import Annotated, Any, ClassVar, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from msgspec import Meta

from tenants import ids
from tenants.capabilities import KEYS_MANAGE, NOT_FOR_KEYS
from tenants.errors import DomainError, NotFound
from tenants.http.callers import own_membership_id
from tenants.http.values import line
from tenants.selectors import api_keys as selectors
from tenants.services import api_keys
from tenants.services.api_keys import LIVES, NewKey
from tenants.web.actions import ActionPage, Form, choices_of, form_of
from tenants.web.roles import ticks

_TICKS = "scopes"
_DAYS = (30, 90, 180, 366)
MOST = 200


class KeyForm(Form, kw_only=True):
    name: Annotated[str, line(100)]
    expires_in_days: Annotated[int, Meta(ge=1, le=366)] = LIVES.days


class KeyChangeForm(Form, kw_only=True):
    action: Literal["rotate", "revoke"]


class KeyList(ActionPage):
    """The keys there are, and a form for another one."""

    capability: ClassVar = KEYS_MANAGE

    def get(self, request: HttpRequest) -> HttpResponseBase:
        del request
        return self.render("people/api_keys.html", _context({}, []))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        stated = {name: request.POST.get(name, "") for name in ("name", "expires_in_days")}
        ticked = choices_of(request, _TICKS)
        try:
            form = form_of(request, KeyForm, lists=[_TICKS])
            made = api_keys.create_key(
                name=form.name,
                scopes=ticked,
                membership_id=own_membership_id(),
                lifetime=timedelta(days=form.expires_in_days),
            )
        except DomainError as error:
            return self.refused(error, "people/api_keys.html", _context(stated, ticked))
        return _shown_once(self, made)


class KeyPage(ActionPage):
    """What can be done about a key."""

    capability: ClassVar = KEYS_MANAGE

    def post(self, request: HttpRequest, api_key_id: str) -> HttpResponseBase:
        found = selectors.api_key(key_id=ids.decode("key", api_key_id))
        if found is None:
            raise NotFound
        form = form_of(request, KeyChangeForm)
        if form.action == "revoke":
            return self.attempt(
                lambda: api_keys.revoke_key(key_id=found.id),
                done=f"The key {found.name} ({found.shown}…) opens nothing any more.",
                back=reverse("page-api-keys"),
            )
        try:
            made = api_keys.rotate_key(key_id=found.id, membership_id=own_membership_id())
        except DomainError as error:
            return self.refused(error, "people/api_keys.html", _context({}, []))
        return _shown_once(self, made)


def _shown_once(page: ActionPage, made: NewKey) -> HttpResponseBase:
    # No redirect: the secret would have to be kept somewhere to be shown after one.
    return page.render("people/api_keys.html", {**_context({}, []), "made": made}, status=201)


def _context(stated: dict[str, str], ticked: list[str]) -> dict[str, Any]:
    active = list(selectors.api_keys(state="active")[:MOST])
    replaced = {each.replaces_id for each in active}
    return {
        "rows": [(each, each.id in replaced) for each in active],
        "past": [
            *selectors.api_keys(state="revoked")[:20],
            *selectors.api_keys(state="expired")[:20],
        ],
        "stated": stated,
        "days": [(each, str(each) == (stated.get("expires_in_days") or str(LIVES.days))) for each in _DAYS],
        "ticks": [each for each in ticks(ticked) if each[0] not in NOT_FOR_KEYS],
    }
