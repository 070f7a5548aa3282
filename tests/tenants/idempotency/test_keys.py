"""One key, one effect, one answer (invariant 7)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext, override_settings

from tenants.models import IdempotencyKey, Membership, Tenant
from tenants.services import idempotency as services
from tests.factories import ApiClient, client_of, make_member, scope_of
from tests.faults.handlers import traces_of

V1, V2 = "/api/v1/act", "/api/v2/act"


@pytest.fixture(autouse=True)
def small_tree() -> Iterator[None]:
    with override_settings(ROOT_URLCONF="tests.tenants.idempotency.views"):
        yield


def post(client: ApiClient, key: str | None, body: dict[str, Any] | None = None, path: str = V2) -> Any:
    headers = {} if key is None else {"Idempotency-Key": key}
    return client.post(path, {"text": "x"} if body is None else body, headers=headers)


def expire(tenant: Tenant, key: str) -> None:
    """Let the key's day be over."""
    statement = "update tenants_idempotencykey set expires_at = now() where tenant_id = %s and key = %s"
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement, [tenant.id, key])


def effects(tenant: Tenant, text: str = "x") -> int:
    with scope_of(tenant):
        return traces_of(text)


@pytest.mark.parametrize("path", [V1, V2])
def test_a_repeated_request_gets_the_first_answer_and_has_no_effect(
    path: str, acme: Tenant, acme_client: ApiClient
) -> None:
    first, again = (post(acme_client, "k", path=path) for _ in range(2))
    assert (first.status_code, again.status_code, effects(acme)) == (201, 201, 1)
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"] == "/somewhere"
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (
        None,
        "true",
    )
    assert first.json() == ({"success": True, "data": {"traces": 1}} if path == V1 else {"traces": 1})


def test_without_a_key_nothing_is_added(acme: Tenant, acme_client: ApiClient) -> None:
    post(acme_client, None)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert post(acme_client, None).json() == {"traces": 2}
    statements = [query["sql"].split()[0] for query in captured.captured_queries]
    assert statements == ["INSERT", "SELECT"]
    with scope_of(acme):
        assert IdempotencyKey.objects.count() == 0


def test_a_key_costs_two_statements_and_the_transaction(acme_client: ApiClient) -> None:
    post(acme_client, None)
    with CaptureQueriesContext(connection) as captured:
        post(acme_client, "k")
    statements = [query["sql"].split()[0] for query in captured.captured_queries]
    assert statements == ["BEGIN", "with", "INSERT", "SELECT", "update", "COMMIT"]


def test_another_body_or_query_under_the_same_key_is_refused(acme: Tenant, acme_client: ApiClient) -> None:
    post(acme_client, "k")
    other_body = post(acme_client, "k", {"text": "y"})
    other_query = post(acme_client, "k", path=V2 + "?expand=customer")
    for answer in (other_body, other_query):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")
    assert (effects(acme), effects(acme, "y")) == (1, 0)


def test_the_same_json_in_other_bytes_is_another_body(acme_client: ApiClient) -> None:
    for body, status in ((b'{"text":"x"}', 201), (b'{"text": "x"}', 422)):
        answer = acme_client.post(V2, body, content_type="application/json", headers={"Idempotency-Key": "k"})
        assert answer.status_code == status


def test_a_refusal_is_undone_and_not_kept(acme: Tenant, acme_client: ApiClient) -> None:
    for body in ({"text": "x", "raise": True}, {"text": "x", "status": 400}):
        assert post(acme_client, "k", body).status_code in (400, 409)
        assert effects(acme) == 0
    assert post(acme_client, "k").status_code == 201
    assert effects(acme) == 1


def test_keys_belong_to_a_tenant_an_actor_and_a_path(
    acme: Tenant, globex: Tenant, acme_client: ApiClient, globex_client: ApiClient
) -> None:
    colleague = client_of(make_member(acme))
    first = [post(acme_client, "k"), post(acme_client, "k", path=V2 + "/one/again")]
    second = [post(acme_client, "k", path=V2 + "/two/again"), post(colleague, "k"), post(globex_client, "k")]
    assert not any("Idempotency-Replayed" in answer.headers for answer in first + second)
    assert (effects(acme), effects(globex)) == (4, 1)


def test_both_spellings_of_a_path_are_one(acme: Tenant, acme_client: ApiClient) -> None:
    post(acme_client, "k")
    assert post(acme_client, "k", path=V2 + "/").headers["Idempotency-Replayed"] == "true"
    assert effects(acme) == 1


def test_a_new_token_of_the_same_person_replays(acme: Tenant, acme_admin: Membership) -> None:
    post(client_of(acme_admin), "k")
    assert post(client_of(acme_admin), "k").headers["Idempotency-Replayed"] == "true"
    assert effects(acme) == 1


@pytest.mark.parametrize("key", ["", "k" * 256, "kéy", "a\tb", "a\x7fb"])
def test_a_malformed_key_is_refused(key: str, acme: Tenant, acme_client: ApiClient) -> None:
    answer = post(acme_client, key)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-idempotency-key")
    assert effects(acme) == 0


@pytest.mark.parametrize("key", ["k" * 255, "a b", "~!@#$%^&*()"])
def test_every_printable_key_is_taken(key: str, acme: Tenant, acme_client: ApiClient) -> None:
    assert [post(acme_client, key).status_code for _ in range(2)] == [201, 201]
    assert effects(acme) == 1


def test_an_answer_that_is_not_json_is_kept_byte_by_byte(acme_client: ApiClient) -> None:
    body = {"text": "x", "plain": True}
    first, again = post(acme_client, "k", body), post(acme_client, "k", body)
    assert first.content == again.content == b"%PDF"
    assert again.headers["Content-Type"] == "application/pdf"
    assert "Idempotency-Replayed" in again.headers


def test_an_expired_key_is_a_new_one_and_purging_takes_only_expired(
    acme: Tenant, acme_client: ApiClient
) -> None:
    post(acme_client, "old")
    post(acme_client, "young")
    expire(acme, "old")
    assert "Idempotency-Replayed" not in post(acme_client, "old").headers
    assert "Idempotency-Replayed" in post(acme_client, "old").headers
    expire(acme, "old")
    assert services.purge_expired() >= 1
    with scope_of(acme):
        assert [kept.key for kept in IdempotencyKey.objects.all()] == ["young"]
