"""The login page: who gets in, where to, and what the browser is given to keep."""

from typing import Any

import pytest
from django.conf import settings
from django.test.utils import override_settings

from audit.models import PendingEntry
from tenants.models import Session, Tenant
from tenants.web import cookies
from tests.factories import PASSWORD, ApiClient, make_member, scope_of, unique
from tests.factories.pages import PageClient, pages_of

REFUSAL = "No login under these names and this password."


def sessions_of(tenant: Tenant) -> int:
    with scope_of(tenant):
        return Session.objects.count()


def test_the_host_alone_leads_to_the_login_and_the_login_to_the_invoices(acme: Tenant) -> None:
    client = PageClient()
    answer = client.get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/login")
    answer = client.log_in(make_member(acme, password=PASSWORD))
    assert (answer.status_code, answer["Location"]) == (302, "/invoices")
    assert client.get("/")["Location"] == "/invoices"
    assert client.get("/invoices").status_code == 200


def test_the_cookies_of_a_login_are_out_of_reach_of_scripts_and_other_sites(acme: Tenant) -> None:
    answer = PageClient().log_in(make_member(acme, password=PASSWORD))
    for name, seconds in ((cookies.ACCESS, 30 * 60), (cookies.REFRESH, 14 * 24 * 3600)):
        kept = answer.cookies[name]
        assert kept["httponly"]
        assert kept["samesite"] == "Lax"
        assert kept["path"] == "/"
        assert not kept["domain"]
        assert kept["max-age"] == seconds
    assert answer.cookies["csrftoken"]["httponly"]
    assert answer.cookies["csrftoken"]["samesite"] == "Lax"


@override_settings(SESSION_COOKIE_SECURE=True, CSRF_COOKIE_SECURE=True)
def test_over_https_the_cookies_stay_there_and_belong_to_this_host_alone(acme: Tenant) -> None:
    client = PageClient()
    # Over https the referring page is checked as well.
    secure: dict[str, Any] = {"secure": True, "HTTP_REFERER": "https://testserver/login"}
    client.get("/login", **secure)
    member = make_member(acme, password=PASSWORD)
    names = {"tenant": acme.slug, "username": member.username, "password": PASSWORD}
    answer = client.submit("/login", names, **secure)
    assert answer.status_code == 302
    assert answer.cookies["__Host-quittance_access"]["secure"]
    assert answer.cookies["__Host-quittance_refresh"]["secure"]
    assert answer.cookies["csrftoken"]["secure"]
    assert client.get("/invoices", secure=True).status_code == 200


def _wrong_password(acme: Tenant) -> tuple[str, str, str]:
    return acme.slug, make_member(acme, password=PASSWORD).username, "not it at all"


def _unknown_user(acme: Tenant) -> tuple[str, str, str]:
    return acme.slug, unique("nobody"), PASSWORD


def _unknown_tenant(acme: Tenant) -> tuple[str, str, str]:
    return unique("nowhere"), make_member(acme, password=PASSWORD).username, PASSWORD


@pytest.mark.parametrize("names_of", [_wrong_password, _unknown_user, _unknown_tenant])
def test_whoever_is_refused_learns_nothing_and_gets_nothing(acme: Tenant, names_of: Any) -> None:
    tenant, username, password = names_of(acme)
    client = PageClient()
    before = sessions_of(acme)
    answer = client.submit("/login", {"tenant": tenant, "username": username, "password": password})
    assert answer.status_code == 401
    page = answer.content.decode()
    assert REFUSAL in page
    assert password not in page
    assert f'value="{username}"' in page
    assert cookies.ACCESS not in answer.cookies
    assert cookies.REFRESH not in answer.cookies
    assert sessions_of(acme) == before
    assert client.get("/invoices").status_code == 302


def test_a_refused_login_is_in_the_trail_like_one_of_the_api(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    PageClient().log_in(member, password="not it at all")
    ApiClient().post(
        "/api/v2/auth/token", {"tenant": acme.slug, "username": member.username, "password": "nor this"}
    )
    found = PendingEntry.objects.filter(tenant_id=acme.id, operation="login.refused")
    assert [entry.new_values["username"] for entry in found] == [member.username] * 2


@override_settings(LOGIN_FAILURES_PER_ACCOUNT=2)
def test_guesses_on_the_page_and_through_the_api_count_together(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    body = {"tenant": acme.slug, "username": member.username, "password": "not it"}
    assert ApiClient().post("/api/v2/auth/token", body).status_code == 401
    assert PageClient().log_in(member, password="nor this").status_code == 401
    answer = PageClient().log_in(member)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.headers["RateLimit"]
    assert sessions_of(acme) == 0


def test_a_login_form_from_elsewhere_is_refused(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    names = {"tenant": acme.slug, "username": member.username, "password": PASSWORD}
    client = PageClient()
    client.get("/login")
    for fields in (names, {**names, "csrfmiddlewaretoken": "a" * 64}):
        answer = client.post("/login", fields)
        assert answer.status_code == 403
        assert "This form is no longer valid." in answer.content.decode()
        assert cookies.ACCESS not in answer.cookies
    assert sessions_of(acme) == 0


def test_behind_a_proxy_the_public_origin_counts_as_ours_and_no_other(acme: Tenant) -> None:
    origin = settings.CSRF_TRUSTED_ORIGINS[0]
    assert settings.PUBLIC_BASE_URL.startswith(origin)
    member = make_member(acme, password=PASSWORD)
    names = {"tenant": acme.slug, "username": member.username, "password": PASSWORD}
    for refused in ("https://evil.example", "null", f"{origin}.evil.example"):
        assert PageClient().submit("/login", names, HTTP_ORIGIN=refused).status_code == 403
    assert sessions_of(acme) == 0
    assert PageClient().submit("/login", names, HTTP_ORIGIN=origin).status_code == 302


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "http:evil.example",
        "http:///evil.example",
        "/ok\r\nSet-Cookie: a=b",
        " //evil.example",
        "evil.example",
    ],
)
def test_a_login_leads_nowhere_but_to_our_own_pages(acme: Tenant, target: str) -> None:
    client = PageClient()
    assert b"evil" not in client.get("/login", {"next": target}).content
    answer = client.log_in(make_member(acme, password=PASSWORD), next=target)
    assert (answer.status_code, answer["Location"]) == (302, "/invoices")
    assert client.get("/login", {"next": target})["Location"] == "/invoices"


def test_a_login_leads_back_to_the_page_that_asked_for_it(acme: Tenant) -> None:
    client = PageClient()
    wanted = "/invoices?status=draft&q=INV"
    login = client.get(wanted)["Location"]
    assert login == "/login?next=%2Finvoices%3Fstatus%3Ddraft%26q%3DINV"
    page = client.get(login).content.decode()
    assert 'name="next" value="/invoices?status=draft&amp;q=INV"' in page
    assert client.log_in(make_member(acme, password=PASSWORD), next=wanted)["Location"] == wanted


@pytest.mark.parametrize(
    "fields",
    [
        {"username": ""},
        {"password": ""},
        {"tenant": "a" * 64},
        {"username": "ada\x00"},
        {"username": "ada\u202egnp"},
        {"password": "x" * 5000},
        {"role": "admin"},
    ],
)
def test_a_form_that_cannot_be_right_is_shown_again(acme: Tenant, fields: dict[str, str]) -> None:
    answer = PageClient().log_in(make_member(acme, password=PASSWORD), **fields)
    assert answer.status_code == 400
    assert "Log in" in answer.content.decode()
    assert sessions_of(acme) == 0


def test_whoever_is_logged_in_does_not_see_the_login(acme: Tenant) -> None:
    client = pages_of(make_member(acme))
    assert client.get("/login")["Location"] == "/invoices"
    assert client.get("/login", {"next": "/invoices?overdue=true"})["Location"] == "/invoices?overdue=true"


def test_another_login_in_the_same_browser_ends_the_former_session(acme: Tenant) -> None:
    client = pages_of(make_member(acme))
    former = client.access
    client.log_in(make_member(acme, password=PASSWORD))
    with scope_of(acme):
        assert Session.objects.filter(revoked_at=None).count() == 1
    assert PageClient().carry(access=former, refresh="").get("/invoices").status_code == 302


def test_the_address_may_name_the_company(acme: Tenant) -> None:
    page = PageClient().get("/login", {"tenant": acme.slug}).content.decode()
    assert f'value="{acme.slug}"' in page
    page = PageClient().get("/login", {"tenant": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in page
