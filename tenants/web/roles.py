"""Roles: the built-in ones to read, the tenant's own to change."""

from typing import Annotated, Any, ClassVar, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from tenants import ids, scope
from tenants.capabilities import MEMBERS_MANAGE, MEMBERS_READ, WORDS
from tenants.errors import DomainError, NotFound
from tenants.http.values import line
from tenants.selectors import roles as selectors
from tenants.selectors.roles import RoleRow
from tenants.services import roles
from tenants.web.actions import ActionPage, Form, choices_of, form_of

_TICKS = "capabilities"


class RoleForm(Form, kw_only=True):
    name: Annotated[str, line(50)]
    title: Annotated[str, line(100)]


class RoleChangeForm(Form, kw_only=True):
    action: Literal["change", "deactivate", "reactivate"]
    title: Annotated[str, line(100, blank=True)] = ""


class RoleList(ActionPage):
    """Every role with what it allows, and a form for another one."""

    capability: ClassVar = {"GET": MEMBERS_READ, "POST": MEMBERS_MANAGE}

    def get(self, request: HttpRequest) -> HttpResponseBase:
        del request
        return self.render("people/roles.html", _context({}, []))

    def post(self, request: HttpRequest) -> HttpResponseBase:
        stated = {name: request.POST.get(name, "") for name in ("name", "title")}
        ticked = choices_of(request, _TICKS)
        try:
            form = form_of(request, RoleForm, lists=[_TICKS])
            made = roles.create_role(name=form.name, title=form.title, capabilities=ticked)
        except DomainError as error:
            return self.refused(error, "people/roles.html", _context(stated, ticked))
        return self.attempt(
            lambda: None, done=f"There is a role {made.title} now.", back=reverse("page-roles")
        )


class RolePage(ActionPage):
    """One role of the tenant's own."""

    capability: ClassVar = {"GET": MEMBERS_READ, "POST": MEMBERS_MANAGE}

    def get(self, request: HttpRequest, role_id: str) -> HttpResponseBase:
        del request
        row = _found(role_id)
        return self.render("people/role.html", _own({"title": row.title}, row.capabilities, row))

    def post(self, request: HttpRequest, role_id: str) -> HttpResponseBase:
        row = _found(role_id)
        ticked = choices_of(request, _TICKS)
        back = reverse("page-role", args=[role_id])
        form = form_of(request, RoleChangeForm, lists=[_TICKS])
        key = ids.decode("rol", role_id)
        if form.action != "change":
            do = roles.deactivate_role if form.action == "deactivate" else roles.reactivate_role
            done = "The role is out of use." if form.action == "deactivate" else "The role is in use again."
            return self.attempt(lambda: do(role_id=key), done=done, back=back)
        try:
            roles.update_role(role_id=key, title=form.title or row.title, capabilities=ticked)
        except DomainError as error:
            return self.refused(error, "people/role.html", _own({"title": form.title}, ticked, row))
        return self.attempt(lambda: None, done="The role is changed.", back=back)


def ticks(ticked: list[str]) -> list[tuple[str, str, bool, bool]]:
    """Capabilities as a form offers them: name, words, whether ticked, whether the visitor may give it."""
    actor = scope.current().actor
    return [(name, words, name in ticked, actor.can(name)) for name, words in WORDS.items()]


def _context(stated: dict[str, str], ticked: list[str]) -> dict[str, Any]:
    rows = [
        (row, row.id and ids.encode("rol", row.id), [WORDS[name] for name in row.capabilities])
        for row in selectors.roles(include_inactive=True)
    ]
    return {"rows": rows, "stated": stated, "ticks": ticks(ticked)}


def _own(stated: dict[str, str], ticked: list[str], row: RoleRow) -> dict[str, Any]:
    return {"role": row, "stated": stated, "ticks": ticks(ticked)}


def _found(role_id: str) -> RoleRow:
    found = selectors.role(role_id=ids.decode("rol", role_id))
    if found is None:
        raise NotFound
    return found
