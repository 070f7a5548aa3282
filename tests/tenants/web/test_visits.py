"""Pages and API stand on one session row: it is prolonged by either and ended by either."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from tenants.models import Membership, RefreshToken, Session, Tenant
from tenants.web import cookies
from tests.factories import ApiClient, client_of, make_member, scope_of
from tests.factories.pages import PageClient, pages_of


def is_open(tenant: Tenant) -> bool:
    """Whether the only session of a tenant still holds."""
    with scope_of(tenant):
        return Session.objects.get().revoked_at is None


def test_a_logout_through_the_api_ends_the_pages(acme: Tenant) -> None:
    pages = pages_of(make_member(acme))
    assert pages.get("/invoices").status_code == 200
    assert ApiClient().post("/api/v2/auth/logout", {"refresh": pages.refresh}).status_code == 204
    answer = pages.get("/invoices")
    assert answer["Location"] == "/login?next=%2Finvoices"
    assert answer.cookies[cookies.ACCESS]["max-age"] == answer.cookies[cookies.REFRESH]["max-age"] == 0
    assert "Your session is over." in pages.get("/login").content.decode()


def test_a_logout_on_a_page_ends_the_api(acme: Tenant) -> None:
    pages = pages_of(make_member(acme))
    api = ApiClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {pages.access}")
    assert api.get("/api/v2/auth/me").status_code == 200
    refresh = pages.refresh
    answer = pages.submit("/logout")
    assert answer["Location"] == "/login"
    assert not is_open(acme)
    assert api.get("/api/v2/auth/me").status_code == 401
    assert api.post("/api/v2/auth/refresh", {"refresh": refresh}).status_code == 401
    assert "You are logged out." in pages.get("/login").content.decode()
    assert pages.access == pages.refresh == ""


def test_a_logout_that_another_site_sends_does_nothing(acme: Tenant) -> None:
    pages = pages_of(make_member(acme))
    assert pages.post("/logout").status_code == 403
    assert pages.get("/logout").status_code == 405
    assert is_open(acme)
    assert pages.get("/invoices").status_code == 200


def test_cookies_are_no_way_into_the_api(acme: Tenant) -> None:
    pages = pages_of(make_member(acme))
    assert pages.get("/api/v2/auth/me").status_code == 401
    assert pages.post("/api/v2/auth/logout-everywhere").status_code == 401
    assert is_open(acme)


def test_an_access_token_that_is_over_is_replaced_on_the_way(acme: Tenant) -> None:
    pages = pages_of(make_member(acme))
    former = pages.refresh
    answer = pages.carry(access="", refresh=former).get("/invoices")
    assert answer.status_code == 200
    assert pages.refresh not in ("", former)
    assert pages.get("/invoices").cookies.get(cookies.ACCESS) is None
    with scope_of(acme):
        assert Session.objects.count() == 1


def test_two_tabs_that_refresh_at_once_get_the_same_successor(acme: Tenant) -> None:
    pages = pages_of(make_member(acme))
    former = pages.refresh
    tabs = [PageClient(REMOTE_ADDR=pages.defaults["REMOTE_ADDR"]) for _ in range(2)]
    for tab in tabs:
        assert tab.carry(access="", refresh=former).get("/invoices").status_code == 200
    assert tabs[0].refresh == tabs[1].refresh != former
    assert is_open(acme)
    with scope_of(acme):
        assert RefreshToken.objects.count() == 2


def test_a_stolen_refresh_token_ends_the_session_for_the_thief_too(acme: Tenant) -> None:
    pages = pages_of(make_member(acme))
    stolen = pages.refresh
    pages.carry(access="", refresh=stolen).get("/invoices")
    thief = PageClient().carry(access="", refresh=stolen)
    assert thief.get("/invoices")["Location"].startswith("/login")
    assert not is_open(acme)
    assert pages.get("/invoices")["Location"].startswith("/login")


def test_no_refresh_goes_past_the_end_of_the_login(acme: Tenant) -> None:
    pages = pages_of(make_member(acme))
    with scope_of(acme):
        Session.objects.update(ends_at=timezone.now() - timedelta(seconds=1))
    answer = pages.carry(access="", refresh=pages.refresh).get("/invoices")
    assert answer["Location"].startswith("/login")
    with scope_of(acme):
        assert RefreshToken.objects.count() == 1


@pytest.mark.parametrize("token", ["x", "a.b.c", "é", "A" * 5000])
def test_nonsense_in_a_cookie_is_no_login(token: str) -> None:
    for access, refresh in ((token, ""), ("", token), (token, token)):
        answer = PageClient().carry(access=access, refresh=refresh).get("/invoices")
        assert answer["Location"].startswith("/login")


def test_a_refresh_token_is_no_access_token_on_pages_either(acme: Tenant) -> None:
    pages = pages_of(make_member(acme))
    assert pages.carry(access=pages.refresh, refresh="").get("/invoices").status_code == 302


def test_a_bearer_token_is_no_login_to_pages(acme_client: ApiClient) -> None:
    answer = PageClient().get("/invoices", HTTP_AUTHORIZATION=f"Bearer {acme_client.access}")
    assert answer.status_code == 302


def test_whoever_is_no_member_any_more_is_out(acme_admin: Membership, acme: Tenant) -> None:
    pages = pages_of(acme_admin)
    with scope_of(acme):
        Membership.objects.filter(id=acme_admin.id).update(is_active=False)
    assert pages.get("/invoices")["Location"].startswith("/login")


def test_a_part_of_a_page_sends_the_whole_page_to_the_login() -> None:
    asked: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "results"}
    here = "http://testserver/invoices?q=INV"
    answer = PageClient().get("/invoices?q=INV-1", **asked, HTTP_HX_CURRENT_URL=here)
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/login?next=%2Finvoices%3Fq%3DINV")
    answer = PageClient().get("/invoices", **asked, HTTP_HX_CURRENT_URL="https://evil.example/x")
    assert answer.headers["HX-Redirect"] == "/login"


def test_the_session_list_of_the_api_shows_the_login_of_the_pages(acme: Tenant) -> None:
    member = make_member(acme)
    pages_of(member)
    assert len(client_of(member).get("/api/v2/auth/sessions").json()["data"]) == 2
