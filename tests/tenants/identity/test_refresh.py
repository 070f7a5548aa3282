"""Refreshing: once, by whom, for how long, and no longer than the login holds (invariant 9)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.models import Membership, RefreshToken, Session, Tenant, User
from tenants.services import members
from tenants.services.pairs import digest_of
from tests.factories import (
    PASSWORD,
    ApiClient,
    client_of,
    deactivate_tenant,
    make_member,
    make_tenant,
    scope_of,
)


def refresh(client: ApiClient, token: str | None = None, version: str = "v2") -> Any:
    return client.post(f"/api/{version}/auth/refresh", {"refresh": token or client.refresh})


def me(access: str) -> Any:
    return ApiClient(HTTP_AUTHORIZATION=f"Bearer {access}").get("/api/v2/auth/me")


def works(access: str) -> bool:
    return bool(me(access).status_code == 200)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_refresh_gives_a_new_pair_of_the_same_session(acme_client: ApiClient, version: str) -> None:
    before = acme_client.get("/api/v2/auth/me").json()["session"]
    answer = refresh(acme_client, version=version)
    data = answer.json()["data"] if version == "v1" else answer.json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert data["refresh"] != acme_client.refresh
    assert me(data["access"]).json()["session"] == before


def test_a_refresh_is_two_statements_beside_the_scope(acme_client: ApiClient) -> None:
    refresh(acme_client)
    successor = refresh(acme_client).json()["refresh"]
    with CaptureQueriesContext(connection) as captured:
        refresh(acme_client, successor)
    assert [row["sql"].split(None, 1)[0] for row in captured.captured_queries] == ["SELECT", "WITH"]


def test_the_same_client_gets_the_same_successor_for_ten_seconds(acme_client: ApiClient) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = refresh(acme_client).json()
        clock.shift(10)
        again = refresh(acme_client).json()
    assert again["refresh"] == first["refresh"]
    assert works(again["access"])


def test_after_ten_seconds_even_the_same_client_is_a_thief(acme_client: ApiClient) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        first = refresh(acme_client).json()
        clock.shift(10.001)
        answer = refresh(acme_client)
    assert (answer.status_code, answer.json()["code"]) == (401, "refresh-reused")
    assert refresh(acme_client, first["refresh"]).status_code == 401


@pytest.mark.parametrize(
    "stranger",
    [{"REMOTE_ADDR": "203.0.113.9"}, {"HTTP_USER_AGENT": "another/1.0"}],
    ids=["address", "user agent"],
)
def test_anybody_else_ends_the_family(acme: Tenant, stranger: dict[str, str]) -> None:
    client = client_of(make_member(acme), HTTP_USER_AGENT="ours/1.0")
    successor = refresh(client).json()
    thief = ApiClient(**{**client.defaults, **stranger})
    answer = refresh(thief, client.refresh)
    assert (answer.status_code, answer.json()["code"]) == (401, "refresh-reused")
    assert not works(client.access)
    assert not works(successor["access"])
    assert refresh(client, successor["refresh"]).json()["code"] == "refresh-refused"


def test_reuse_kills_every_descendant(acme: Tenant) -> None:
    member = make_member(acme)
    for generations in range(1, 21):
        client = client_of(member)
        family = [client.refresh]
        accesses = [client.access]
        for _ in range(generations):
            pair = refresh(client, family[-1]).json()
            family.append(pair["refresh"])
            accesses.append(pair["access"])
        assert refresh(ApiClient(), family[generations // 2]).status_code == 401
        assert [refresh(client, token).status_code for token in family] == [401] * len(family)
        assert not any(works(access) for access in accesses)


def test_reuse_leaves_other_sessions_alone(acme: Tenant) -> None:
    member = make_member(acme)
    robbed, other = client_of(member), client_of(member)
    refresh(robbed)
    assert refresh(ApiClient(), robbed.refresh).status_code == 401
    assert refresh(other).status_code == 200


def test_neither_token_is_stored(acme: Tenant, acme_client: ApiClient) -> None:
    successor = refresh(acme_client).json()["refresh"]
    with scope_of(acme), connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM tenants_refreshtoken r")
        stored = " ".join(row[0] for row in cursor.fetchall())
    for token in (acme_client.refresh, successor):
        assert token not in stored
        assert token.encode().hex() not in stored


def disabled(member: Membership) -> None:
    User.objects.filter(id=member.user_id).update(is_active=False)


def lost(member: Membership) -> None:
    make_member(member.tenant, role="admin")
    members.deactivate_member(membership_id=member.id)


def unplugged(member: Membership) -> None:
    deactivate_tenant(member.tenant)


def password_changed(member: Membership) -> None:
    User.objects.filter(id=member.user_id).update(password_changed_at=timezone.now())


def revoked(member: Membership) -> None:
    Session.objects.filter(membership_id=member.id).update(revoked_at=timezone.now())


ENDINGS = [(disabled, 401), (lost, 403), (unplugged, 403), (password_changed, 401), (revoked, 401)]


@pytest.mark.parametrize(("ending", "status"), ENDINGS, ids=lambda value: getattr(value, "__name__", None))
def test_a_login_that_no_longer_holds_is_refused_at_once_and_access_within_five_seconds(
    acme: Tenant, ending: Callable[[Membership], None], status: int, hasty_cache: Callable[[float], None]
) -> None:
    member = make_member(acme, role="editor")
    client = client_of(member)
    assert works(client.access)
    with scope_of(acme):
        ending(member)
    answer = refresh(client)
    assert (answer.status_code, answer.json()["code"]) == (401, "refresh-refused")
    hasty_cache(settings.MEMBERSHIP_CACHE_SECONDS)
    assert client.get("/api/v2/auth/me").status_code == status
    with scope_of(acme):
        assert RefreshToken.objects.get(digest=digest_of(client.refresh)).used_at is None


def test_a_membership_that_was_never_there_is_403(acme: Tenant, globex: Tenant) -> None:
    from_acme = make_member(acme)
    at_globex = make_member(globex, user=from_acme.user)
    client = client_of(at_globex)
    with scope_of(globex):
        members.deactivate_member(membership_id=make_member(globex).id)
        Membership.objects.filter(id=at_globex.id).update(is_active=False)
    assert client.get("/api/v2/auth/me").status_code == 403


def end_of(client: ApiClient) -> datetime:
    with scope_of(client.member.tenant):  # type: ignore[union-attr]
        return RefreshToken.objects.get(digest=digest_of(client.refresh)).session.ends_at  # type: ignore[no-any-return]


def test_nothing_outlives_the_maximum_however_often_it_is_refreshed() -> None:
    tenant = make_tenant(access_token_minutes=60, refresh_token_days=7, login_lifetime_hours=24 * 20)
    client = client_of(make_member(tenant))
    began, end = timezone.now(), end_of(client)
    assert abs(end - began - timedelta(hours=24 * 20)) < timedelta(seconds=5)
    with time_machine.travel(began, tick=False) as clock:
        for _ in range(3):
            clock.shift(timedelta(days=6))
            pair = refresh(client).json()
            client.refresh, client.access = pair["refresh"], pair["access"]
            assert pair["session_expires_at"] == end.isoformat().replace("+00:00", "Z")
        assert pair["refresh_expires_in"] < timedelta(days=2, seconds=5).total_seconds()
        clock.move_to(end - timedelta(minutes=1))
        pair = refresh(client).json()
        assert pair["expires_in"] <= 60
        assert works(pair["access"])
        clock.move_to(end + timedelta(seconds=settings.JWT_LEEWAY_SECONDS + 1))
        assert refresh(client, pair["refresh"]).status_code == 401
        assert not works(pair["access"])


def test_the_end_holds_to_the_second_although_tokens_have_leeway() -> None:
    client = client_of(make_member(make_tenant(login_lifetime_hours=24)))
    end = end_of(client)
    with time_machine.travel(end - timedelta(seconds=1), tick=False) as clock:
        pair = refresh(client).json()
        assert works(pair["access"])
        clock.move_to(end)
        assert refresh(client, pair["refresh"]).json()["code"] == "refresh-refused"
        assert not works(pair["access"])


def test_the_installation_caps_what_a_tenant_allows() -> None:
    tenant = make_tenant(login_lifetime_hours=2160)
    end = end_of(client_of(make_member(tenant)))
    assert end <= timezone.now() + timedelta(hours=settings.MAX_LOGIN_LIFETIME_HOURS)


def test_a_refresh_token_dies_of_disuse() -> None:
    client = client_of(make_member(make_tenant(refresh_token_days=7)))
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=2), tick=False):
        assert refresh(client).status_code == 401


def test_a_password_changed_during_a_login_voids_it(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    client = ApiClient().log_in(member)
    with scope_of(acme):
        User.objects.filter(id=member.user_id).update(password_changed_at=timezone.now())
    assert refresh(client).status_code == 401


def test_a_token_ends_although_it_was_checked_a_moment_ago(acme_client: ApiClient) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        pair = refresh(acme_client).json()
        clock.shift(pair["expires_in"] + settings.JWT_LEEWAY_SECONDS - 1)
        assert works(pair["access"])
        clock.shift(2)
        assert not works(pair["access"])
