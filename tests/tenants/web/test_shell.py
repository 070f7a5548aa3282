"""What every page has around it, and what browsers are told about it."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test.utils import override_settings
from django.urls import path
from django.views import View

from tenants.capabilities import INVOICES_READ
from tenants.http.guards import faults_of
from tenants.models import Membership, Tenant
from tenants.web import navigation
from tenants.web.pages import Page
from tests.factories import make_member, scope_of
from tests.factories.pages import PageClient, pages_of

TEMPLATES = [
    template
    for package in settings.PAGES
    for template in (settings.BASE_DIR / package / "web" / "templates").rglob("*.html")
]


class Broken(Page):
    capability = INVOICES_READ

    def get(self, request: HttpRequest) -> HttpResponse:
        raise RuntimeError("postgresql://owner:hunter2@db/quittance")


urlpatterns = [path("broken", Broken.as_view())]
handler404 = "tenants.http.problems.page_not_found"
handler500 = "tenants.http.problems.server_error"


@pytest.mark.parametrize("address", ["/login", "/invoices", "/nothing", "/invoices/inv_1", "/invoices?foo=1"])
def test_every_page_forbids_what_is_not_ours_and_is_kept_by_nobody(
    acme_admin: Membership, address: str
) -> None:
    for client in (PageClient(), pages_of(acme_admin)):
        answer = client.get(address)
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_no_template_needs_what_the_policy_forbids(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son\w+=|javascript:|hx-on|https?://", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"\|safe\b|autoescape off", text)


def test_the_shell_says_who_one_is_and_where(acme: Tenant) -> None:
    member = make_member(acme, role="editor", name="Edith", email="edith@acme.example")
    page = pages_of(member).get("/invoices").content.decode()
    for told in (
        "Edith",
        member.username,
        "edith@acme.example",
        "editor",
        acme.name,
        acme.slug,
        "Europe/Berlin",
    ):
        assert told in page
    assert 'aria-current="page">Invoices' in page


def test_names_are_text(acme: Tenant) -> None:
    member = make_member(acme, name="<script>alert(1)</script>\"'")
    page = pages_of(member).get("/invoices").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_without_the_capability_there_is_no_link_and_no_page(acme: Tenant) -> None:
    member = make_member(acme, role="viewer")
    with scope_of(acme):
        Membership.objects.filter(id=member.id).update(role="nobody")
    client = pages_of(member)
    answer = client.get("/invoices")
    assert answer.status_code == 403
    page = answer.content.decode()
    assert "Your role does not allow this." in page
    assert 'href="/invoices"' not in page
    assert member.username in page


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_page_takes_only_its_methods(acme_admin: Membership, method: str) -> None:
    client = pages_of(acme_admin)
    client.handler.enforce_csrf_checks = False
    assert getattr(client, method)("/invoices").status_code == 405
    assert client.post("/invoices").status_code == 405


@override_settings(ROOT_URLCONF=__name__)
def test_a_fault_of_ours_says_nothing_of_itself(acme_admin: Membership) -> None:
    client = pages_of(acme_admin)
    client.raise_request_exception = False
    answer = client.get("/broken")
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "Something went wrong on our side." in page
    assert "hunter2" not in page
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("debug", [True, False])
def test_a_missing_page_looks_the_same_in_development(debug: bool, acme_admin: Membership) -> None:
    with override_settings(DEBUG=debug):
        answer = pages_of(acme_admin).get("/nothing/here")
    assert answer.status_code == 404
    page = answer.content.decode()
    assert "There is nothing here under this name." in page
    assert "urlpatterns" not in page
    assert "nothing/here" not in page


def test_a_missing_endpoint_is_a_problem_document_in_development_too() -> None:
    with override_settings(DEBUG=True):
        answer = PageClient().get("/api/v2/nothing")
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_reference_of_the_api_still_runs_its_script() -> None:
    policy = PageClient().get("/api/v2/docs/").headers["Content-Security-Policy"]
    assert "script-src 'self' 'unsafe-inline'" in policy
    assert "frame-ancestors 'none'" in policy


class Silent(Page):
    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse()


class Unchecked(View):
    capability = INVOICES_READ

    def get(self, request: HttpRequest) -> HttpResponse:
        return HttpResponse()


def bare(_: HttpRequest) -> HttpResponse:
    return HttpResponse()


@pytest.mark.parametrize("view", [Silent, Unchecked, bare])
def test_a_page_that_does_not_say_or_check_what_it_demands_is_found(view: Any) -> None:
    assert faults_of("somewhere", view)


def test_navigation_refuses_what_could_never_show() -> None:
    with pytest.raises(ImproperlyConfigured, match="capability"):
        navigation.register(navigation.Entry("Odd", "page-odd", "odd.read"))
    with pytest.raises(ImproperlyConfigured, match="two entries"):
        navigation.register(navigation.Entry("Again", "page-invoices", INVOICES_READ))


@pytest.mark.parametrize(
    "file", ["vendor/tabler/tabler.min.css", "shell/shell.css", "shell/shell.js", "shell/icon.svg"]
)
def test_what_a_page_loads_is_there(file: str) -> None:
    answer = PageClient().get(f"/static/{file}")
    assert answer.status_code == 200
    answer.close()
