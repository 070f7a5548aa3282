"""Saving a provider and trying it: what is wrong is named, with its field or its step."""

from typing import Any

import pytest
from pytest_django.fixtures import Settings

from tenants.models import LoginConfiguration, Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.openid import (
    CLIENT_SECRET,
    Directory,
    House,
    client_at,
    configure,
    entra_settings_for,
    make_certificate,
    open_house,
    settings_for,
)
from tests.tenants.oidc.trips import travel

GUID = "72f988bf-86f1-41af-91ab-2d7cd011db47"
OIDC = {"issuer": "https://login.acme.example/realms/acme", "client_id": "quittance"}
ENTRA = {"directory": GUID, "client_id": GUID}


def save(
    client: ApiClient, backend: str, settings: dict[str, Any], secret: str | None = CLIENT_SECRET
) -> Any:
    body: dict[str, Any] = {"backend": backend, "settings": settings, "without_break_glass": True}
    if secret is not None:
        body["secrets"] = {"client_secret": secret}
    return client.put("/api/v2/tenant/auth", body, HTTP_IF_MATCH=client.get("/api/v2/tenant/auth")["ETag"])


def faults_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    return {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}


def tried(client: ApiClient, **changes: Any) -> dict[str, tuple[bool, str]]:
    answer = client.post("/api/v2/tenant/auth/test", changes)
    assert answer.status_code == 200, answer.content
    return {step["name"]: (step["ok"], step["detail"]) for step in answer.json()["steps"]}


@pytest.mark.parametrize(("backend", "whole"), [("oidc", OIDC), ("entra", ENTRA)])
def test_a_whole_configuration_is_saved_without_asking_anybody(
    acme: Tenant, acme_client: ApiClient, backend: str, whole: dict[str, Any]
) -> None:
    answer = save(acme_client, backend, whole)
    assert answer.status_code == 200, answer.content
    assert CLIENT_SECRET not in answer.content.decode()
    with scope_of(acme):
        row = LoginConfiguration.objects.get()
    assert CLIENT_SECRET in row.secrets


def test_the_secret_is_needed(acme_client: ApiClient) -> None:
    assert faults_of(save(acme_client, "oidc", OIDC, None)) == {"/secrets/client_secret": "missing"}
    assert faults_of(save(acme_client, "entra", ENTRA, None)) == {"/secrets/client_secret": "missing"}


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"issuer": "http://login.acme.example"}, "/settings/issuer"),
        ({"issuer": "login.acme.example"}, "/settings/issuer"),
        ({"issuer": ""}, "/settings/issuer"),
        ({"issuer": "https://u:p@login.acme.example"}, "/settings/issuer"),
        ({"issuer": "https://login.acme.example?x=1"}, "/settings/issuer"),
        ({"issuer": "https://login.acme.example#x"}, "/settings/issuer"),
        ({"issuer": "https://10.0.0.1/realms/acme"}, "/settings/issuer"),
        ({"issuer": "https://169.254.169.254/"}, "/settings/issuer"),
        ({"issuer": "https://2130706433/"}, "/settings/issuer"),
        ({"issuer": "https://[fd00::1]/"}, "/settings/issuer"),
        ({"issuer": "https://["}, "/settings/issuer"),
        ({"issuer": "https://login.acme.example/ x"}, "/settings/issuer"),
        ({"issuer": f"https://login.acme.example/{'x' * 500}"}, "/settings/issuer"),
        ({"client_id": ""}, "/settings/client_id"),
        ({"client_id": "x" * 201}, "/settings/client_id"),
        ({"groups_claim": ""}, "/settings/groups_claim"),
        ({"username_claim": ""}, "/settings/username_claim"),
        ({"scopes": ["openid"]}, "/settings/scopes/0"),
        ({"scopes": ["email", "two words"]}, "/settings/scopes/1"),
        ({"scopes": "email"}, "/settings/scopes"),
        ({"prompt": "none"}, "/settings/prompt"),
        ({"allows_password": "yes"}, "/settings/allows_password"),
        ({"ca": "not a certificate"}, "/settings/ca"),
        ({"ca": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}, "/settings/ca"),
        ({"redirect_uri": "https://evil.example"}, "/settings/redirect_uri"),
    ],
    ids=str,
)
def test_a_fault_is_named_with_its_field(
    acme_client: ApiClient, changes: dict[str, Any], pointer: str
) -> None:
    assert list(faults_of(save(acme_client, "oidc", {**OIDC, **changes}))) == [pointer]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"directory": "common"}, "/settings/directory"),
        ({"directory": "organizations"}, "/settings/directory"),
        ({"directory": "acme.onmicrosoft.com"}, "/settings/directory"),
        ({"directory": f"{{{GUID}}}"}, "/settings/directory"),
        ({"client_id": "quittance"}, "/settings/client_id"),
        ({"authority": "https://login.evil.example"}, "/settings/authority"),
        ({"authority": "https://localhost:1/x"}, "/settings/authority"),
        ({"groups_claim": "memberOf"}, "/settings/groups_claim"),
    ],
    ids=str,
)
def test_a_fault_of_an_entra_directory_is_named_with_its_field(
    acme_client: ApiClient, changes: dict[str, Any], pointer: str
) -> None:
    assert list(faults_of(save(acme_client, "entra", {**ENTRA, **changes}))) == [pointer]


def test_this_machine_is_no_cloud_of_microsofts(acme_client: ApiClient, settings: Settings) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = False
    faults = faults_of(save(acme_client, "entra", {**ENTRA, "authority": "https://localhost:8443"}))
    assert faults == {"/settings/authority": "unknown-authority"}


def test_another_provider_needs_the_secret_anew(acme_client: ApiClient) -> None:
    assert save(acme_client, "oidc", OIDC).status_code == 200
    moved = {**OIDC, "issuer": "https://elsewhere.example"}
    assert faults_of(save(acme_client, "oidc", moved, None)) == {"/secrets/client_secret": "give-again"}
    assert save(acme_client, "oidc", {**OIDC, "label": "Acme"}, None).status_code == 200


def test_every_step_of_a_good_provider_is_fine(acme: Tenant, acme_client: ApiClient, house: House) -> None:
    configure(acme, "oidc", settings_for(house))
    steps = tried(acme_client)
    assert list(steps) == ["discovery", "issuer", "keys", "client", "callback"]
    assert all(ok for ok, _ in steps.values())
    detail = steps["callback"][1]
    assert "http://127.0.0.1:8000/api/v2/auth/sso/callback" in detail
    assert f"http://127.0.0.1:8000/api/v2/auth/sso/{acme.slug}/callback" in detail
    configure(acme, "entra", entra_settings_for(house))
    assert all(ok for ok, _ in tried(acme_client).values())


def test_the_step_that_fails_is_the_last_one(
    acme: Tenant, acme_client: ApiClient, house: House, directory: Directory
) -> None:
    configure(acme, "oidc", settings_for(house))
    last: list[tuple[str, bool]] = []

    def attempt(**settings: Any) -> None:
        changes = {"settings": settings, "secrets": {"client_secret": CLIENT_SECRET}} if settings else {}
        name, (ok, _) = list(tried(acme_client, **changes).items())[-1]
        last.append((name, ok))

    attempt(issuer=f"{directory.origin}/nowhere")
    attempt(issuer="https://localhost:1/")
    attempt(ca=make_certificate()[1].decode())
    house.reply("discovery", members={"issuer": f"{house.issuer}/"})
    attempt()
    house.reply("discovery", members={"token_endpoint": "http://localhost/"})
    attempt()
    house.reply("jwks", whole={"keys": []})
    attempt()
    house.reply("discovery", members={"id_token_signing_alg_values_supported": ["HS256", "none"]})
    attempt()
    house.change(client=client_at(client_secret="another secret of more than thirty-two letters"))
    attempt()
    failing = ["discovery", "discovery", "discovery", "issuer", "discovery", "keys", "keys", "client"]
    assert last == [(name, False) for name in failing]


def test_what_a_trial_says_holds_no_secret(acme: Tenant, acme_client: ApiClient, house: House) -> None:
    house.change(client=client_at(client_secret="another secret of more than thirty-two letters"))
    configure(acme, "oidc", settings_for(house))
    answer = acme_client.post("/api/v2/tenant/auth/test", {})
    assert answer.json()["failed"] == "client"
    assert "invalid_client" in answer.content.decode()
    assert CLIENT_SECRET not in answer.content.decode()


def test_a_login_after_saving_through_the_api(acme: Tenant, acme_client: ApiClient, house: House) -> None:
    saved = save(acme_client, "oidc", settings_for(house))
    assert saved.status_code == 200, saved.content
    tag = acme_client.get("/api/v2/tenant/auth")["ETag"]
    rules = {"provisions": True, "default_role": "viewer"}
    patched = acme_client.patch("/api/v2/tenant/auth", rules, HTTP_IF_MATCH=tag)
    assert patched.status_code == 200, patched.content
    assert travel(acme, house).status_code == 200


def test_trust_in_one_tenant_is_not_trust_in_another(
    acme: Tenant, globex: Tenant, directory: Directory
) -> None:
    house = open_house(directory)
    configure(acme, "oidc", settings_for(house))
    assert travel(acme, house).status_code == 200
    configure(globex, "oidc", settings_for(house, ca=""))
    answer = ApiClient().get(f"/api/v2/auth/sso/{globex.slug}/start")
    assert (answer.status_code, answer.json()["code"]) == (503, "directory-unavailable")
