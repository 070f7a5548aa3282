"""Trying a configuration: which step failed, and nothing saved."""

from typing import Any

import pytest

from tenants.models import LoginConfiguration, Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.directories import TOKEN, PaperDirectory
from tests.tenants.login.asking import events_of, inside

PATHS = pytest.mark.parametrize("version", ["v1", "v2"])
CHANGES: dict[str, Any] = {
    "backend": "paper",
    "settings": {"drawer": "paper:top"},
    "secrets": {"token": TOKEN},
}


def trial(client: ApiClient, body: dict[str, Any], version: str = "v2") -> dict[str, Any]:
    answer = client.post(f"/api/{version}/tenant/auth/test", body)
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()["data"] if version == "v1" else answer.json()
    return found


@PATHS
def test_what_works_says_so(
    acme: Tenant, acme_client: ApiClient, paper: PaperDirectory, version: str
) -> None:
    assert trial(acme_client, CHANGES, version) == {
        "ok": True,
        "backend": paper.name,
        "failed": "",
        "steps": [
            {"name": "find", "ok": True, "detail": "paper:top"},
            {"name": "unlock", "ok": True, "detail": ""},
        ],
    }
    with scope_of(acme):
        assert not LoginConfiguration.objects.exists()


def test_the_step_that_fails_is_named(acme: Tenant, acme_client: ApiClient, paper: PaperDirectory) -> None:
    wrong = {**CHANGES, "secrets": {"token": "wrong"}}
    assert trial(acme_client, wrong)["failed"] == "unlock"
    with paper.down():
        assert trial(acme_client, CHANGES)["failed"] == "find"
    told = [(data["failed"], data["ok"]) for _, data in events_of(acme, "login-configuration.tested")]
    assert told == [("unlock", False), ("find", False)]


def test_what_is_saved_is_tried_without_a_body(company: Tenant, paper: PaperDirectory) -> None:
    client = inside(company, paper.hire(groups={"boss"}))
    assert trial(client, {})["ok"]


def test_what_could_not_be_saved_is_not_tried(acme_client: ApiClient, paper: PaperDirectory) -> None:
    answer = acme_client.post("/api/v2/tenant/auth/test", {"backend": paper.name})
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/settings/drawer"]


def test_passwords_need_no_directory(acme_client: ApiClient) -> None:
    assert trial(acme_client, {}) == {
        "ok": True,
        "backend": "password",
        "failed": "",
        "steps": [{"name": "passwords", "ok": True, "detail": "Passwords are kept here."}],
    }
