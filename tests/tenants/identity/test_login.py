"""Logging in: who gets in, and that nobody else learns anything from being refused."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test.utils import CaptureQueriesContext, override_settings

from tenants.models import Session, Tenant, User
from tests.factories import (
    PASSWORD,
    ApiClient,
    deactivate_tenant,
    make_member,
    make_tenant,
    scope_of,
    unique,
)

VERSIONS = pytest.mark.parametrize("version", ["v1", "v2"])


def log_in(tenant: str, username: str, password: str, version: str = "v2") -> Any:
    body = {"tenant": tenant, "username": username, "password": password}
    return ApiClient().post(f"/api/{version}/auth/token", body)


def without_identity_of_request(answer: Any) -> dict[str, Any]:
    """A problem document without what differs between any two requests."""
    return {name: value for name, value in answer.json().items() if name not in ("instance", "timestamp")}


@VERSIONS
def test_a_login_answers_with_a_pair_and_says_who_where_and_as_what(acme: Tenant, version: str) -> None:
    member = make_member(acme, role="editor", name="Ada", email="ada@acme.example", password=PASSWORD)
    answer = log_in(acme.slug, member.username, PASSWORD, version)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    data = answer.json()["data"] if version == "v1" else answer.json()
    assert data.pop("access") != data.pop("refresh")
    assert data.pop("session_expires_at").endswith("Z")
    assert data == {
        "token_type": "Bearer",
        "expires_in": 30 * 60,
        "refresh_expires_in": 14 * 24 * 3600,
        "user": {"id": member.user.public_id, "name": "Ada", "email": "ada@acme.example"},
        "tenant": {"id": acme.public_id, "slug": acme.slug, "name": acme.name},
        "role": "editor",
    }


@VERSIONS
def test_the_access_token_speaks_for_the_member(acme: Tenant, version: str) -> None:
    member = make_member(acme, role="viewer", password=PASSWORD)
    me = ApiClient().log_in(member, version=version).get(f"/api/{version}/auth/me").json()
    me = me["data"] if version == "v1" else me
    assert (me["user"]["id"], me["tenant"]["id"], me["role"]) == (
        member.user.public_id,
        acme.public_id,
        "viewer",
    )
    assert "invoices.write" not in me["capabilities"]


def _wrong_password(acme: Tenant) -> tuple[str, str, str]:
    return acme.slug, make_member(acme, password=PASSWORD).username, "not it at all"


def _unknown_user(acme: Tenant) -> tuple[str, str, str]:
    return acme.slug, unique("nobody"), PASSWORD


def _unknown_tenant(acme: Tenant) -> tuple[str, str, str]:
    return unique("nowhere"), make_member(acme, password=PASSWORD).username, PASSWORD


def _foreign_member(acme: Tenant) -> tuple[str, str, str]:
    return acme.slug, make_member(make_tenant("globex"), password=PASSWORD).username, PASSWORD


def _lost_membership(acme: Tenant) -> tuple[str, str, str]:
    member = make_member(acme, password=PASSWORD)
    with scope_of(acme):
        type(member).objects.filter(id=member.id).update(is_active=False)
    return acme.slug, member.username, PASSWORD


def _disabled_user(acme: Tenant) -> tuple[str, str, str]:
    member = make_member(acme, password=PASSWORD)
    with scope_of(acme):
        User.objects.filter(id=member.user_id).update(is_active=False)
    return acme.slug, member.username, PASSWORD


def _no_password_set(acme: Tenant) -> tuple[str, str, str]:
    return acme.slug, make_member(acme).username, PASSWORD


def _deactivated_tenant(acme: Tenant) -> tuple[str, str, str]:
    member = make_member(acme, password=PASSWORD)
    deactivate_tenant(acme)
    return acme.slug, member.username, PASSWORD


def _empty_password(acme: Tenant) -> tuple[str, str, str]:
    return acme.slug, make_member(acme, password=PASSWORD).username, ""


def _directory_injection(acme: Tenant) -> tuple[str, str, str]:
    make_member(acme, password=PASSWORD)
    return acme.slug, "*)(uid=*", PASSWORD


def _sql_injection(acme: Tenant) -> tuple[str, str, str]:
    make_member(acme, password=PASSWORD)
    return f"{acme.slug}' OR '1'='1", "' OR 1=1 --", PASSWORD


REFUSED = [
    _wrong_password,
    _unknown_user,
    _unknown_tenant,
    _foreign_member,
    _lost_membership,
    _disabled_user,
    _no_password_set,
    _deactivated_tenant,
    _empty_password,
    _directory_injection,
    _sql_injection,
]
Attempt = Callable[[Tenant], tuple[str, str, str]]


REFUSALS = pytest.mark.parametrize("attempt", REFUSED, ids=lambda attempt: attempt.__name__.strip("_"))


@REFUSALS
def test_every_refusal_reads_the_same_and_opens_nothing(acme: Tenant, attempt: Attempt) -> None:
    answer = log_in(*attempt(acme))
    plain = log_in(unique("nowhere"), "nobody", "nothing")
    assert answer.status_code == plain.status_code == 401
    assert without_identity_of_request(answer) == without_identity_of_request(plain)
    assert set(answer.headers) == set(plain.headers)
    with scope_of(acme):
        assert not Session.objects.exists()


def test_v1_refuses_in_its_envelope(acme: Tenant) -> None:
    answer = log_in(*_wrong_password(acme), "v1")
    assert answer.status_code == 401
    assert (answer.json()["success"], answer.json()["error"]) == (False, "LOGIN_REFUSED")


@REFUSALS
def test_every_refusal_costs_the_same_statements(acme: Tenant, attempt: Attempt) -> None:
    def statements(names: tuple[str, str, str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            log_in(*names)
        return len(captured)

    assert statements(attempt(acme)) == statements((unique("nowhere"), "nobody", "nothing"))


@REFUSALS
def test_every_refusal_computes_a_hash(
    acme: Tenant, attempt: Attempt, cost_of_a_wrong_password: float
) -> None:
    # Without the hash it would be a twentieth of it.
    assert seconds_of_work(attempt(acme)) > cost_of_a_wrong_password * 0.5


@pytest.fixture(scope="module")
def cost_of_a_wrong_password() -> float:
    return seconds_of_work(_wrong_password(make_tenant("acme")))


def seconds_of_work(names: tuple[str, str, str]) -> float:
    """What the processors do for one login: not disturbed by what else runs on the machine."""
    spent = []
    for _ in range(2):
        before = time.process_time()
        log_in(*names)
        spent.append(time.process_time() - before)
    return min(spent)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"tenant": "acme", "username": "ada"}, "/password"),
        ({"tenant": "acme", "username": "ada", "password": 12345678901234}, "/password"),
        ({"tenant": "acme", "username": ["ada"], "password": "x"}, "/username"),
        ({"tenant": "acme", "username": "ada", "password": "x", "is_staff": True}, "/is_staff"),
        ({"tenant": "acme", "username": "a\u202eda", "password": "x"}, "/username"),
        ({"tenant": "acme", "username": "ada", "password": "x" * 257}, "/password"),
    ],
)
def test_malformed_logins_name_the_field(body: dict[str, Any], pointer: str) -> None:
    answer = ApiClient().post("/api/v2/auth/token", body)
    assert answer.status_code == 400
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]


def test_a_hash_of_former_parameters_is_made_anew_at_login(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    with override_settings(PASSWORD_HASHERS=["tests.factories.hashers.FormerArgon2"]):
        outdated = make_password(PASSWORD)
    with scope_of(acme):
        User.objects.filter(id=member.user_id).update(password=outdated)
    before = member.user.password_changed_at
    assert log_in(acme.slug, member.username, PASSWORD).status_code == 200
    with scope_of(acme):
        user = User.objects.get(id=member.user_id)
    assert "t=1," in outdated
    assert "t=2," in user.password
    assert user.password_changed_at == before
    assert log_in(acme.slug, member.username, PASSWORD).status_code == 200


def test_a_spoofed_host_is_refused() -> None:
    answer = ApiClient(HTTP_HOST="evil.example").post("/api/v2/auth/token", {})
    assert answer.status_code == 400
    assert b"evil" not in answer.content
