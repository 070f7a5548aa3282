"""Getting out, getting across, and minding one's own sessions and password."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from tenants.models import Membership, Session, Tenant, User
from tests.factories import (
    PASSWORD,
    ApiClient,
    client_of,
    deactivate_tenant,
    make_member,
    make_tenant,
    scope_of,
    unique,
)

VERSIONS = pytest.mark.parametrize("version", ["v1", "v2"])
NEW_PASSWORD = "quite another passphrase"


def works(client: ApiClient) -> bool:
    return bool(client.get("/api/v2/auth/me").status_code == 200)


def refreshes(client: ApiClient) -> bool:
    answer = client.post("/api/v2/auth/refresh", {"refresh": client.refresh})
    return bool(answer.status_code == 200)


def data_of(answer: Any, version: str) -> Any:
    return answer.json()["data"] if version == "v1" else answer.json()


@VERSIONS
def test_logout_ends_the_session_at_once(acme_client: ApiClient, version: str) -> None:
    assert works(acme_client)
    answer = ApiClient().post(f"/api/{version}/auth/logout", {"refresh": acme_client.refresh})
    assert (answer.status_code, answer.content) == (204, b"")
    assert not works(acme_client)
    assert not refreshes(acme_client)


def test_logout_works_without_an_access_token_and_with_a_spent_refresh_token(acme_client: ApiClient) -> None:
    assert refreshes(acme_client)
    assert ApiClient().post("/api/v2/auth/logout", {"refresh": acme_client.refresh}).status_code == 204
    assert not works(acme_client)


def test_logout_leaves_the_other_sessions(acme: Tenant) -> None:
    member = make_member(acme)
    one, other = client_of(member), client_of(member)
    one.post("/api/v2/auth/logout", {"refresh": one.refresh})
    assert works(other)
    assert refreshes(other)


@VERSIONS
def test_logout_everywhere_ends_all_of_the_person_and_of_nobody_else(
    acme: Tenant, globex: Tenant, version: str
) -> None:
    member = make_member(acme)
    here, there = client_of(member), client_of(member)
    elsewhere = client_of(make_member(globex, user=member.user))
    colleague = client_of(make_member(acme))
    assert all(works(each) for each in (here, there, elsewhere, colleague))
    assert here.post(f"/api/{version}/auth/logout-everywhere").status_code == 204
    assert [works(each) for each in (here, there, elsewhere, colleague)] == [False, False, False, True]
    assert [refreshes(each) for each in (here, there, elsewhere, colleague)] == [False, False, False, True]


@VERSIONS
def test_switching_opens_a_session_as_old_as_the_first(acme: Tenant, globex: Tenant, version: str) -> None:
    member = make_member(acme, role="admin")
    other = make_member(globex, role="viewer", user=member.user)
    client = client_of(member)
    with time_machine.travel(timezone.now() + timedelta(minutes=10), tick=False):
        answer = client.post(f"/api/{version}/auth/switch-tenant", {"tenant": globex.slug})
        assert answer.status_code == 200
        pair = data_of(answer, version)
        across = ApiClient().carry(other, access=pair["access"], refresh=pair["refresh"])
        assert (pair["tenant"]["id"], pair["role"]) == (globex.public_id, "viewer")
        assert across.get("/api/v2/auth/me").json()["tenant"]["slug"] == globex.slug
        assert works(client)
    with scope_of(acme):
        first = Session.objects.get()
    with scope_of(globex):
        second = Session.objects.get()
    assert (second.auth_time, second.ends_at) == (first.auth_time, first.ends_at)


def test_switching_obeys_the_shorter_of_two_limits(acme: Tenant) -> None:
    member = make_member(acme)
    strict = make_tenant(login_lifetime_hours=1)
    make_member(strict, user=member.user)
    client = client_of(member)
    pair = client.post("/api/v2/auth/switch-tenant", {"tenant": strict.slug}).json()
    assert pair["refresh_expires_in"] <= 3600
    with time_machine.travel(timezone.now() + timedelta(hours=2), tick=False):
        renewed = client.post("/api/v2/auth/refresh", {"refresh": client.refresh}).json()
        client.carry(member, access=renewed["access"])
        assert client.post("/api/v2/auth/switch-tenant", {"tenant": strict.slug}).status_code == 401


def test_switching_to_a_lenient_tenant_does_not_prolong_the_login(acme: Tenant) -> None:
    strict = make_tenant(login_lifetime_hours=1)
    member = make_member(strict)
    make_member(acme, user=member.user)
    pair = client_of(member).post("/api/v2/auth/switch-tenant", {"tenant": acme.slug}).json()
    assert pair["refresh_expires_in"] <= 3600


def test_one_cannot_switch_to_where_one_does_not_work(acme_client: ApiClient, globex: Tenant) -> None:
    answers = [
        acme_client.post("/api/v2/auth/switch-tenant", {"tenant": slug})
        for slug in (globex.slug, unique("nowhere"))
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    with scope_of(globex):
        assert not Session.objects.exists()


def test_one_cannot_switch_to_a_tenant_that_is_off_or_has_another_login(acme: Tenant, globex: Tenant) -> None:
    member = make_member(acme)
    off = make_tenant()
    make_member(off, user=member.user)
    deactivate_tenant(off)
    make_member(globex, user=member.user)
    with scope_of(globex):
        Tenant.objects.filter(id=globex.id).update(auth_backend="ldap")
    client = client_of(member)
    assert client.post("/api/v2/auth/switch-tenant", {"tenant": off.slug}).status_code == 404
    answer = client.post("/api/v2/auth/switch-tenant", {"tenant": globex.slug})
    assert (answer.status_code, answer.json()["code"]) == (403, "other-login")


@VERSIONS
def test_one_sees_and_ends_one_s_own_sessions(acme: Tenant, version: str) -> None:
    member = make_member(acme)
    phone = client_of(member, HTTP_USER_AGENT="phone/1.0")
    laptop = client_of(member, HTTP_USER_AGENT="laptop/1.0")
    client_of(make_member(acme))
    listed = data_of(laptop.get(f"/api/{version}/auth/sessions"), version)
    items = listed["items"] if version == "v1" else listed["data"]
    assert [(each["user_agent"], each["is_current"]) for each in items] == [
        ("laptop/1.0", True),
        ("phone/1.0", False),
    ]
    assert works(phone)
    assert laptop.delete(f"/api/{version}/auth/sessions/{items[1]['id']}").status_code == 204
    assert not works(phone)
    assert not refreshes(phone)
    assert works(laptop)


def test_sessions_are_paged_by_cursor(acme: Tenant) -> None:
    member = make_member(acme)
    clients = [client_of(member) for _ in range(5)]
    found: list[str] = []
    path = "/api/v2/auth/sessions?limit=2&include=total"
    for _ in range(3):
        page = clients[0].get(path).json()
        found += [each["id"] for each in page["data"]]
        path = f"/api/v2/auth/sessions?limit=2&cursor={page['next_cursor']}"
    assert len(set(found)) == 5
    assert page["has_more"] is False


def test_a_colleague_s_session_looks_missing(acme: Tenant, acme_client: ApiClient) -> None:
    colleague = client_of(make_member(acme))
    with scope_of(acme):
        theirs = Session.objects.get(membership_id=colleague.member.id)  # type: ignore[union-attr]
    assert acme_client.delete(f"/api/v2/auth/sessions/{theirs.public_id}").status_code == 404
    assert works(colleague)


@VERSIONS
def test_a_new_password_keeps_this_session_and_ends_the_others(
    acme: Tenant, globex: Tenant, version: str
) -> None:
    member = make_member(acme, password=PASSWORD)
    other, elsewhere = client_of(member), client_of(make_member(globex, user=member.user))
    here = client_of(member)
    assert here.get(f"/api/{version}/auth/password").status_code == 200
    body = {"old_password": PASSWORD, "new_password": NEW_PASSWORD}
    assert here.post(f"/api/{version}/auth/password", body).status_code == 204
    assert [works(each) for each in (here, other, elsewhere)] == [True, False, False]
    assert [refreshes(each) for each in (here, other, elsewhere)] == [True, False, False]
    assert ApiClient().log_in(member, NEW_PASSWORD).access
    old = {"tenant": acme.slug, "username": member.username, "password": PASSWORD}
    assert ApiClient().post("/api/v2/auth/token", old).status_code == 401


def test_a_new_password_does_not_prolong_the_login(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    client = client_of(member)
    with scope_of(acme):
        before = Session.objects.get()
    client.post("/api/v2/auth/password", {"old_password": PASSWORD, "new_password": NEW_PASSWORD})
    with scope_of(acme):
        after = Session.objects.get()
    assert after.auth_time > before.auth_time
    assert after.ends_at == before.ends_at


@pytest.mark.parametrize(
    ("old", "new", "status", "pointer"),
    [
        ("wrong", NEW_PASSWORD, 403, "/old_password"),
        (PASSWORD, "short", 400, "/new_password"),
        (PASSWORD, "a" * 20, 400, "/new_password"),
        (PASSWORD, "lovelace and ada lovelace", 400, "/new_password"),
        (PASSWORD, PASSWORD, 400, "/new_password"),
        (PASSWORD, "x" * 300, 400, "/new_password"),
    ],
)
def test_a_password_that_will_not_do_changes_nothing(
    acme: Tenant, old: str, new: str, status: int, pointer: str
) -> None:
    member = make_member(acme, name="Ada Lovelace", password=PASSWORD)
    client = client_of(member)
    answer = client.post("/api/v2/auth/password", {"old_password": old, "new_password": new})
    assert answer.status_code == status
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    with scope_of(acme):
        assert User.objects.get(id=member.user_id).password == member.user.password
    assert works(client)


def test_members_are_listed_to_those_who_may_see_them(acme: Tenant, acme_client: ApiClient) -> None:
    make_member(acme, role="viewer", username="zoe")
    lost = make_member(acme, username="lost")
    with scope_of(acme):
        Membership.objects.filter(id=lost.id).update(is_active=False)
    listed = acme_client.get("/api/v2/members").json()["data"]
    assert [each["username"] for each in listed] == [acme_client.member.username, "zoe"]  # type: ignore[union-attr]
    assert acme_client.get("/api/v1/members?page_size=1").json()["data"]["pages"] == 2


def test_settings_change_under_their_version(acme_client: ApiClient) -> None:
    read = acme_client.get("/api/v2/tenant")
    tag = read.headers["ETag"]
    assert acme_client.get("/api/v2/tenant", HTTP_IF_NONE_MATCH=tag).status_code == 304
    change = {"access_token_minutes": 15, "name": "Acme & Sons"}
    assert acme_client.patch("/api/v2/tenant", change).status_code == 428
    answer = acme_client.patch("/api/v2/tenant", change, HTTP_IF_MATCH=tag)
    assert (answer.status_code, answer.json()["name"]) == (200, "Acme & Sons")
    assert acme_client.patch("/api/v2/tenant", change, HTTP_IF_MATCH=tag).status_code == 412
    assert acme_client.patch("/api/v1/tenant", {"name": "Acme"}).json()["data"]["access_token_minutes"] == 15
    patch = acme_client.generic("PATCH", "/api/v1/tenant", '{"name": "A"}', "application/merge-patch+json")
    assert patch.json()["data"]["name"] == "A"


@pytest.mark.parametrize(
    "change",
    [
        {"access_token_minutes": 14},
        {"access_token_minutes": 61},
        {"refresh_token_days": 31},
        {"login_lifetime_hours": 721},
        {"login_lifetime_hours": 10**12},
        {"time_zone": "Mars/Olympus"},
        {"slug": "other"},
        {"auth_backend": "none"},
        {"is_active": False},
        {"id": "ten_00000000000000000000000000"},
        {"name": None},
        {"name": ""},
        {"access_token_minutes": "20"},
    ],
)
def test_settings_outside_their_bounds_are_refused(acme_client: ApiClient, change: dict[str, Any]) -> None:
    before = acme_client.get("/api/v1/tenant").json()
    assert acme_client.patch("/api/v1/tenant", change).status_code == 400
    assert acme_client.get("/api/v1/tenant").json() == before
