"""Passwords that are handed on to the provider, where a tenant has turned that on."""

from typing import Any

import pytest

from audit.models import PendingEntry
from tenants.models import Session, Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.openid import (
    ACCOUNT_PASSWORD,
    House,
    configure,
    entra_settings_for,
    settings_for,
)


@pytest.fixture(params=["oidc", "entra"])
def tenant(acme: Tenant, house: House, request: pytest.FixtureRequest) -> Tenant:
    """A tenant that has turned it on."""
    made = settings_for(house) if request.param == "oidc" else entra_settings_for(house)
    configure(acme, request.param, {**made, "allows_password": True})
    return acme


def log_in(tenant: Tenant, username: str = "ada", password: str = ACCOUNT_PASSWORD) -> Any:
    body = {"tenant": tenant.slug, "username": username, "password": password}
    return ApiClient().post("/api/v2/auth/token", body)


def refusal_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_it_is_off_unless_turned_on(acme: Tenant, house: House) -> None:
    configure(acme, "oidc", settings_for(house))
    house.seen()
    answer = log_in(acme)
    assert refusal_of(answer) == (401, "sso-required")
    found = PendingEntry.objects.filter(tenant_id=acme.id, operation="login.refused")
    assert [entry.new_values["username"] for entry in found] == ["ada"]
    assert house.seen() == []


def test_a_password_that_the_provider_takes_logs_in(tenant: Tenant, house: House) -> None:
    house.account(amr=["pwd"])
    pair = log_in(tenant)
    assert pair.status_code == 200, pair.content
    with scope_of(tenant):
        assert Session.objects.get().factors == ["pwd"]
    assert ApiClient().post("/api/v2/auth/refresh", {"refresh": pair.json()["refresh"]}).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("ada", "not it"),
        ("nobody", ACCOUNT_PASSWORD),
        ("ada", ""),
        ("../ada", "x"),
        ("ada&grant_type=x", "y"),
    ],
)
def test_a_wrong_one_is_an_ordinary_refusal(tenant: Tenant, username: str, password: str) -> None:
    assert refusal_of(log_in(tenant, username, password)) == (401, "login-refused")
    found = PendingEntry.objects.filter(tenant_id=tenant.id, operation="login.refused")
    assert [entry.new_values["username"] for entry in found] == [username]


def test_the_password_goes_to_the_token_endpoint_and_nowhere_else(tenant: Tenant, house: House) -> None:
    log_in(tenant)
    house.seen()
    log_in(tenant)
    asked = {each["url"].rpartition("/")[2] for each in house.seen()}
    assert asked <= {"token", "me"}


def test_a_provider_that_demands_more_says_so(tenant: Tenant, house: House) -> None:
    house.change(demandsBrowser=True)
    answer = log_in(tenant)
    assert refusal_of(answer) == (401, "sso-interaction-required")
    assert "browser" in answer.json()["detail"]


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client", "unsupported_grant_type"])
def test_a_client_that_may_not_is_nobodys_wrong_password(tenant: Tenant, house: House, error: str) -> None:
    house.reply("token", status=400, whole={"error": error})
    assert refusal_of(log_in(tenant)) == (503, "sso-client-refused")


def test_a_provider_that_is_down_is_no_wrong_password(tenant: Tenant, house: House) -> None:
    house.reply("token", status=503, whole={})
    answer = log_in(tenant)
    assert refusal_of(answer) == (503, "directory-unavailable")
    assert int(answer["Retry-After"]) > 0


def test_our_own_password_page_knows_that_it_is_kept_elsewhere(tenant: Tenant) -> None:
    client = ApiClient(HTTP_AUTHORIZATION=f"Bearer {log_in(tenant).json()['access']}")
    assert client.get("/api/v2/auth/password").json()["can_change"] is False
    body = {"old_password": ACCOUNT_PASSWORD, "new_password": "another one, long enough"}
    assert refusal_of(client.post("/api/v2/auth/password", body)) == (409, "password-unchangeable")
