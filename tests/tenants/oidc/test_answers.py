"""What providers answer instead of a code, and what a provider that misbehaves leads to."""

from typing import Any

import pytest

from tenants.backends.oidc import discovery
from tenants.models import Tenant
from tests.factories import ApiClient
from tests.factories.openid import House, client_at, configure, settings_for
from tests.factories.pages import PageClient
from tests.tenants.oidc.trips import come_back, leave, parameters_of, start


def refusal_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_who_cancels_at_the_provider_is_told_so(tenant: Tenant, house: House) -> None:
    client = ApiClient()
    back = house.sign_in(start(client, tenant)["Location"], answer="no")
    assert parameters_of(back)["error"] == "access_denied"
    answer = come_back(client, back)
    assert refusal_of(answer) == (401, "sso-denied")
    assert answer.json()["detail"] == "The login was cancelled at the provider."


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        ("interaction_required", 401, "sso-interaction-required"),
        ("login_required", 401, "sso-interaction-required"),
        ("consent_required", 401, "sso-interaction-required"),
        ("account_selection_required", 401, "sso-interaction-required"),
        ("temporarily_unavailable", 503, "directory-unavailable"),
        ("server_error", 503, "directory-unavailable"),
        ("invalid_request", 401, "sso-refused"),
        ("unauthorized_client", 401, "sso-refused"),
        ("<script>alert(1)</script>", 401, "sso-refused"),
    ],
)
def test_each_error_of_a_provider_becomes_a_sentence(
    tenant: Tenant, house: House, error: str, status: int, code: str
) -> None:
    client = ApiClient()
    back = leave(client, tenant, house)
    answer = come_back(client, back, code=None, error=error, error_description="<b>theirs</b>")
    assert refusal_of(answer) == (status, code)
    assert "theirs" not in answer.content.decode()
    assert "script" not in answer.json()["detail"]


def test_a_page_shows_the_sentence_and_the_way_in(tenant: Tenant, house: House) -> None:
    browser = PageClient()
    sent = browser.get(f"/login/sso/{tenant.slug}?next=/invoices")
    back = house.sign_in(sent["Location"], answer="no")
    shown = browser.get(come_back(browser, back)["Location"])
    assert shown.status_code == 401
    assert "The login was cancelled at the provider." in shown.content.decode()
    assert 'name="tenant"' in shown.content.decode()


def test_a_page_of_a_tenant_without_a_provider_says_so(acme: Tenant) -> None:
    for slug in (acme.slug, "nobody"):
        shown = PageClient().get(f"/login/sso/{slug}")
        assert shown.status_code == 404


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_token_endpoint_that_is_down_is_a_503(tenant: Tenant, house: House, status: int) -> None:
    client = ApiClient()
    back = leave(client, tenant, house)
    house.reply("token", status=status, whole={})
    answer = come_back(client, back)
    assert refusal_of(answer) == (503, "directory-unavailable")
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize("whole", [[], "text", {"access_token": 7, "id_token": {}}, {}, {"error": None}])
def test_a_token_endpoint_that_talks_nonsense_logs_nobody_in(
    tenant: Tenant, house: House, whole: Any
) -> None:
    client = ApiClient()
    back = leave(client, tenant, house)
    house.reply("token", whole=whole)
    assert come_back(client, back).status_code in (401, 503)


def test_a_client_that_is_refused_is_for_administrators(tenant: Tenant, house: House) -> None:
    client = ApiClient()
    back = leave(client, tenant, house)
    house.reply("token", status=401, whole={"error": "invalid_client"})
    assert refusal_of(come_back(client, back)) == (503, "sso-client-refused")


@pytest.mark.parametrize(
    "members",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://localhost/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://user@localhost/auth"},
        {"jwks_uri": 7},
        {"token_endpoint": "https://["},
    ],
    ids=str,
)
def test_a_discovery_document_that_cannot_be_believed_is_a_503(
    tenant: Tenant, house: House, members: dict[str, Any]
) -> None:
    house.reply("discovery", members=members)
    assert refusal_of(start(ApiClient(), tenant)) == (503, "directory-unavailable")
    discovery.forget()
    assert start(ApiClient(), tenant).status_code == 302


def test_a_provider_may_want_the_secret_in_a_header(acme: Tenant, house: House) -> None:
    house.change(client=client_at(token_endpoint_auth_method="client_secret_basic"))
    methods = ["client_secret_basic"]
    house.reply("discovery", members={"token_endpoint_auth_methods_supported": methods}, stays=True)
    configure(acme, "oidc", settings_for(house))
    client = ApiClient()
    assert come_back(client, leave(client, acme, house)).status_code == 200


def test_another_certificate_than_the_trusted_one_is_a_503(acme: Tenant, house: House) -> None:
    configure(acme, "oidc", settings_for(house, ca=""))
    assert refusal_of(start(ApiClient(), acme)) == (503, "directory-unavailable")
