"""Keys of programs: what they open, for how long, and what is kept of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants import capabilities, ids
from tenants.models import ApiKey, ApiKeyUse, IdempotencyKey, Membership, Tenant, User
from tenants.services import api_keys, members, roles
from tenants.services.rights import GrantsTooMuch
from tests.factories import ApiClient, client_of, deactivate_tenant, make_member, scope_of, unique
from tests.factories.people import make_key, make_role, program_with
from tests.tenants.people.trail import events_of, names_of, written_about

BODY = {"name": "Web shop", "scopes": ["invoices.read", "invoices.write"]}


@pytest.fixture
def maker(acme: Tenant) -> Membership:
    make_member(acme, role="admin")
    return make_member(acme, role="admin")


def create(client: ApiClient, version: str = "v2", **body: Any) -> dict[str, Any]:
    answer = client.post(f"/api/{version}/api-keys", {**BODY, **body})
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made["data"] if version == "v1" else made


def with_token(token: str) -> ApiClient:
    client = ApiClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_key_opens_what_is_in_its_scopes_and_nothing_else(acme_client: ApiClient, version: str) -> None:
    made = create(acme_client, version)
    program = with_token(made["token"])
    assert program.get(f"/api/{version}/invoices").status_code == 200
    refused = program.get(f"/api/{version}/customers")
    assert refused.status_code == 403
    assert made["token"].startswith(f"{made['prefix']}_")
    assert made["expires_at"][:10] == (timezone.now() + timedelta(days=90)).strftime("%Y-%m-%d")


def test_the_secret_is_shown_once_and_stored_nowhere(acme: Tenant, acme_client: ApiClient) -> None:
    answer = acme_client.post("/api/v2/api-keys", BODY, HTTP_IDEMPOTENCY_KEY="once")
    made = answer.json()
    assert answer.headers["Cache-Control"] == "no-store"
    secret = made["token"].rpartition("_")[2]
    for path in ("/api/v2/api-keys", f"/api/v2/api-keys/{made['id']}"):
        assert secret not in acme_client.get(path).content.decode()
    with scope_of(acme):
        assert not IdempotencyKey.objects.exists()
        assert bytes(ApiKey.objects.get().digest) == api_keys.digest_of(made["token"])
    digest = api_keys.digest_of(made["token"]).hex()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT k::text FROM tenants_apikey k WHERE tenant_id = %s", [acme.id])
        assert secret not in cursor.fetchone()[0]
    assert "key.created" in written_about(acme)
    assert secret not in written_about(acme)
    assert digest not in written_about(acme)


def test_a_second_post_with_the_same_key_of_idempotency_makes_a_second_key(acme_client: ApiClient) -> None:
    tokens = [
        acme_client.post("/api/v2/api-keys", BODY, HTTP_IDEMPOTENCY_KEY="k").json()["token"] for _ in range(2)
    ]
    assert tokens[0] != tokens[1]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["invoices.red"]}, "/scopes/0"),
        ({"scopes": ["invoices.read", "keys.manage"]}, "/scopes/1"),
        ({"expires_in_days": 0}, "/expires_in_days"),
        ({"expires_in_days": 367}, "/expires_in_days"),
        ({"name": ""}, "/name"),
        ({"token": "qk_mine"}, "/token"),
    ],
)
def test_a_bad_key_is_refused_at_its_place(
    acme: Tenant, acme_client: ApiClient, changes: dict[str, Any], pointer: str
) -> None:
    answer = acme_client.post("/api/v2/api-keys", {**BODY, **changes})
    assert answer.status_code == 400
    assert [fault["pointer"] for fault in answer.json()["errors"]] == [pointer]
    with scope_of(acme):
        assert not ApiKey.objects.exists()


def test_nobody_makes_a_key_that_may_do_more_than_they(acme: Tenant) -> None:
    make_member(acme, role="admin")
    role = make_role(acme, "keys.manage", "invoices.read")
    client = client_of(make_member(acme, role=role.name))
    answer = client.post("/api/v2/api-keys", {"name": "x", "scopes": ["invoices.read", "invoices.issue"]})
    assert (answer.status_code, answer.json()["code"]) == (403, "grants-too-much")
    assert client.post("/api/v2/api-keys", {"name": "x", "scopes": ["invoices.read"]}).status_code == 201


def test_a_key_loses_what_its_maker_loses_and_gets_it_back(acme: Tenant, maker: Membership) -> None:
    program = program_with(make_key(maker, ["invoices.read", "audit.read"]))
    assert program.get("/api/v2/audit/entries").status_code == 200
    with scope_of(acme):
        members.change_role(membership_id=maker.id, role="viewer")
    assert program.get("/api/v2/audit/entries").status_code == 403
    assert program.get("/api/v2/invoices").status_code == 200
    with scope_of(acme):
        members.change_role(membership_id=maker.id, role="auditor")
    assert program.get("/api/v2/audit/entries").status_code == 200


def test_a_key_loses_what_the_role_of_its_maker_loses(acme: Tenant) -> None:
    make_member(acme, role="admin")
    role = make_role(acme, "invoices.read", "jobs.read")
    member = make_member(acme, role=role.name)
    with scope_of(acme):
        made = api_keys.create_key(name="x", scopes=["jobs.read"], membership_id=member.id)
    program = program_with(made)
    assert program.get("/api/v2/jobs").status_code == 200
    with scope_of(acme):
        roles.update_role(role_id=role.id, capabilities=["invoices.read"])
    assert program.get("/api/v2/jobs").status_code == 403


def removed(member: Membership) -> None:
    with scope_of(member.tenant):
        members.deactivate_member(membership_id=member.id)


def disabled(member: Membership) -> None:
    with scope_of(member.tenant):
        User.objects.filter(id=member.user_id).update(is_active=False)


def switched_off(member: Membership) -> None:
    deactivate_tenant(member.tenant)


@pytest.mark.parametrize("ends", [removed, disabled, switched_off])
def test_a_key_ends_with_its_maker(
    maker: Membership,
    ends: Callable[[Membership], None],
    hasty_cache: Callable[[float], None],
) -> None:
    program = program_with(make_key(maker))
    assert program.get("/api/v2/invoices").status_code == 200
    ends(maker)
    hasty_cache(5)
    answer = program.get("/api/v2/invoices")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid-key")


def test_a_removal_and_a_revocation_are_noticed_at_once(acme: Tenant, acme_client: ApiClient) -> None:
    first, second = make_key(maker := make_member(acme, role="admin")), make_key(acme)
    programs = [program_with(each) for each in (first, second)]
    assert [each.get("/api/v2/invoices").status_code for each in programs] == [200, 200]
    removed(maker)
    assert acme_client.delete(f"/api/v2/api-keys/{second.key.public_id}").status_code == 204
    assert [each.get("/api/v2/invoices").status_code for each in programs] == [401, 401]


def test_a_revocation_elsewhere_is_noticed_within_five_seconds(
    acme: Tenant, hasty_cache: Callable[[float], None]
) -> None:
    made = make_key(acme)
    program = program_with(made)
    assert program.get("/api/v2/invoices").status_code == 200
    with scope_of(acme):
        ApiKey.objects.filter(id=made.key.id).update(revoked_at=timezone.now())
    assert program.get("/api/v2/invoices").status_code == 200
    hasty_cache(5)
    assert program.get("/api/v2/invoices").status_code == 401


def test_a_key_ends_at_its_time_even_while_it_is_remembered(acme: Tenant) -> None:
    made = make_key(acme, lifetime=timedelta(milliseconds=300))
    program = program_with(made)
    statuses = [program.get("/api/v2/invoices").status_code]
    while statuses[-1] == 200:
        statuses.append(program.get("/api/v2/invoices").status_code)
    assert statuses[-1] == 401
    assert made.key.expires_at is not None
    assert timezone.now() >= made.key.expires_at


@pytest.mark.parametrize("token", ["qk_", "qk_a_b", "qk_' or 1=1 --", "qk_" + "a" * 5000, "qk_é_x"])
def test_what_is_no_key_of_ours_opens_nothing(token: str) -> None:
    client = ApiClient()
    answer = client.get("/api/v2/invoices", HTTP_AUTHORIZATION=f"Bearer {token}")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_names_its_tenant_whatever_the_caller_says(acme: Tenant, globex: Tenant) -> None:
    make_member(globex, username="only-at-globex")
    program = program_with(make_key(acme, ["members.read"]))
    answer = program.get("/api/v2/members", HTTP_X_TENANT_ID=ids.encode("ten", globex.id))
    assert answer.status_code == 200
    assert "only-at-globex" not in answer.content.decode()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "auth/me"),
        ("get", "auth/sessions"),
        ("post", "auth/password"),
        ("post", "auth/logout-everywhere"),
        ("post", "auth/switch-tenant"),
        ("post", "invitations/join"),
        ("get", "api-keys"),
        ("post", "api-keys"),
    ],
)
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_what_is_for_people_refuses_keys(acme: Tenant, version: str, method: str, path: str) -> None:
    program = program_with(make_key(acme, sorted(capabilities.ALL - capabilities.NOT_FOR_KEYS)))
    answer = getattr(program, method)(f"/api/{version}/{path}", {} if method == "post" else None)
    assert answer.status_code == 403


def test_pages_take_no_key(acme: Tenant) -> None:
    client = ApiClient()
    client.cookies["quittance_access"] = make_key(acme).token
    answer = client.get("/invoices")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login?next=%2Finvoices")


def test_the_trail_names_the_key(acme: Tenant) -> None:
    made = make_key(acme, ["members.read", "members.manage", "invoices.read"])
    program = program_with(made)
    request_id = unique("trail")
    body = {"email": "grace@example.com", "role": "viewer"}
    assert program.post("/api/v2/roles", {"name": "a", "title": "A", "capabilities": []}).status_code == 201
    answer = program.post("/api/v2/invitations", body, HTTP_X_REQUEST_ID=request_id)
    assert answer.status_code == 403, "a viewer may see jobs, the key may not"
    role = make_role(acme)
    answer = program.post("/api/v2/invitations", {**body, "role": role.name}, HTTP_X_REQUEST_ID=request_id)
    assert answer.status_code == 201
    ((name, actor, _),) = events_of(acme, request_id=request_id)
    assert (name, actor) == ("invitation.sent", made.key.public_id)


def test_keys_of_idempotency_are_each_key_s_own(acme: Tenant) -> None:
    body = {"name": "a-role", "title": "A", "capabilities": []}
    programs = [program_with(make_key(acme, ["members.manage"])) for _ in range(2)]
    first = programs[0].post("/api/v2/roles", body, HTTP_IDEMPOTENCY_KEY="k")
    again = programs[0].post("/api/v2/roles", body, HTTP_IDEMPOTENCY_KEY="k")
    other = programs[1].post("/api/v2/roles", body, HTTP_IDEMPOTENCY_KEY="k")
    assert [each.status_code for each in (first, again, other)] == [201, 201, 409]
    assert again.headers["Idempotency-Replayed"] == "true"


def rotate(client: ApiClient, key_id: str, **body: Any) -> Any:
    return client.post(f"/api/v2/api-keys/{key_id}/rotate", body)


def test_after_a_rotation_both_work_until_the_stated_time(acme: Tenant, acme_client: ApiClient) -> None:
    old = create(acme_client)
    answer = rotate(acme_client, old["id"], overlap_seconds=3600)
    new = answer.json()
    assert (answer.status_code, new["replaces"], new["scopes"]) == (201, old["id"], old["scopes"])
    ends = timezone.now() + timedelta(seconds=3600)
    assert new["old_key_works_until"][:16] == ends.strftime("%Y-%m-%dT%H:%M")
    assert [with_token(each["token"]).get("/api/v2/invoices").status_code for each in (old, new)] == [200] * 2
    with scope_of(acme):
        ApiKey.objects.filter(id=ids.decode("key", old["id"])).update(expires_at=timezone.now())
        assert with_token(new["token"]).get("/api/v2/invoices").status_code == 200


def test_without_an_overlap_the_old_key_ends_at_once(acme_client: ApiClient) -> None:
    old = create(acme_client)
    program = with_token(old["token"])
    assert program.get("/api/v2/invoices").status_code == 200
    assert rotate(acme_client, old["id"], overlap_seconds=0).status_code == 201
    assert program.get("/api/v2/invoices").status_code == 401


def test_a_key_has_one_living_successor(acme_client: ApiClient) -> None:
    old = create(acme_client)
    new = rotate(acme_client, old["id"]).json()
    answer = rotate(acme_client, old["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "key-replaced")
    assert rotate(acme_client, new["id"]).status_code == 201
    assert acme_client.delete(f"/api/v2/api-keys/{new['id']}").status_code == 204
    answer = rotate(acme_client, new["id"])
    assert (answer.status_code, answer.json()["code"]) == (409, "key-over")


def test_rotating_gives_nobody_more_than_they_have(acme: Tenant) -> None:
    made = make_key(acme, ["audit.read"])
    role = make_role(acme, "keys.manage", "invoices.read")
    member = make_member(acme, role=role.name)
    assert rotate(client_of(member), made.key.public_id).status_code == 403
    with scope_of(acme, role="viewer"), pytest.raises(GrantsTooMuch):
        api_keys.rotate_key(key_id=made.key.id, membership_id=member.id)
    with scope_of(acme):
        assert ApiKey.objects.count() == 1


def test_the_use_of_a_key_is_noted_once_a_minute(
    acme: Tenant, acme_client: ApiClient, hasty_cache: Callable[[float], None]
) -> None:
    made = make_key(acme)
    program = program_with(made)
    path = f"/api/v2/api-keys/{made.key.public_id}"
    assert acme_client.get(path).json()["last_used_at"] is None

    def noted() -> int:
        hasty_cache(5)
        with CaptureQueriesContext(connection) as captured:
            assert program.get("/api/v2/invoices").status_code == 200
        return sum("tenants_apikeyuse AS used" in query["sql"] for query in captured.captured_queries)

    assert [noted(), noted(), noted()] == [1, 0, 0]
    first = acme_client.get(path).json()["last_used_at"]
    assert first is not None
    with scope_of(acme):
        ApiKeyUse.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    assert [noted(), noted()] == [1, 0]
    with scope_of(acme):
        assert ApiKeyUse.objects.count() == 1


def test_requests_within_five_seconds_ask_the_database_nothing_about_the_key(acme: Tenant) -> None:
    program = program_with(make_key(acme))
    program.get("/api/v2/invoices")
    with CaptureQueriesContext(connection) as captured:
        assert program.get("/api/v2/invoices").status_code == 200
    assert not any("apikey" in query["sql"] for query in captured.captured_queries)


def test_making_rotating_and_revoking_are_events(acme: Tenant, acme_client: ApiClient) -> None:
    request_id = unique("trail")
    acme_client.credentials(HTTP_AUTHORIZATION=f"Bearer {acme_client.access}", HTTP_X_REQUEST_ID=request_id)
    made = create(acme_client)
    new = rotate(acme_client, made["id"]).json()
    acme_client.delete(f"/api/v2/api-keys/{new['id']}")
    acme_client.delete(f"/api/v2/api-keys/{new['id']}")
    assert names_of(acme, request_id=request_id) == ["key.created", "key.rotated", "key.revoked"]


def test_the_list_can_be_narrowed_to_what_works(acme_client: ApiClient) -> None:
    kept, gone = create(acme_client), create(acme_client)
    acme_client.delete(f"/api/v2/api-keys/{gone['id']}")

    def listed(state: str) -> list[str]:
        return [row["id"] for row in acme_client.get(f"/api/v2/api-keys?state={state}").json()["data"]]

    assert (listed("active"), listed("revoked"), listed("expired")) == ([kept["id"]], [gone["id"]], [])
    page = acme_client.get("/api/v1/api-keys?page_size=1").json()["data"]
    assert (page["total"], page["pages"], len(page["items"])) == (2, 2, 1)
    first = acme_client.get("/api/v2/api-keys?limit=1").json()
    rest = acme_client.get(f"/api/v2/api-keys?limit=1&cursor={first['next_cursor']}").json()
    assert [row["id"] for row in first["data"] + rest["data"]] == [gone["id"], kept["id"]]
