"""What of logging in and out is in the trail, under whose name, and what never is."""

from typing import Any

from django.db import connections

from tenants import ids
from tenants.models import Membership, Session, Tenant
from tests.factories import PASSWORD, ApiClient, client_of, make_member, scope_of, unique

NEW_PASSWORD = "quite another passphrase"


def events_of(tenant: Tenant | None, request_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The events (no row changes) of one request: name, actor, data."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT operation, actor, new_values FROM audit_pendingentry"
            " WHERE request_id = %s AND tenant_id IS NOT DISTINCT FROM %s"
            " AND operation NOT IN ('insert', 'update', 'delete') ORDER BY event_id",
            [request_id, None if tenant is None else tenant.id],
        )
        found: list[tuple[str, str, dict[str, Any]]] = cursor.fetchall()
    return found


def name_of(member: Membership) -> str:
    return ids.encode("usr", member.user_id)


def post(client: ApiClient, path: str, body: dict[str, str]) -> str:
    """Returns the id of the request."""
    request_id = unique("trail")
    client.post(f"/api/v2/auth/{path}", body, HTTP_X_REQUEST_ID=request_id)
    return request_id


def test_a_login_is_the_person_s(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    client = ApiClient()
    body = {"tenant": acme.slug, "username": member.username, "password": PASSWORD}
    ((name, actor, data),) = events_of(acme, post(client, "token", body))
    assert (name, actor) == ("login.succeeded", name_of(member))
    assert data == {
        "username": member.username,
        "address": client.defaults["REMOTE_ADDR"],
        "backend": "password",
        "factors": ["pwd"],
    }


def test_a_refused_login_is_in_the_trail_of_the_tenant_without_the_password(acme: Tenant) -> None:
    body = {"tenant": acme.slug, "username": "eve", "password": "secret-of-somebody"}
    ((name, actor, data),) = events_of(acme, post(ApiClient(), "token", body))
    assert (name, actor, data["username"]) == ("login.refused", "system:login", "eve")
    assert "secret-of-somebody" not in str(data)


def test_a_login_to_no_tenant_is_in_the_trail_of_the_installation() -> None:
    body = {"tenant": unique("nowhere"), "username": "eve", "password": "x"}
    ((name, _, data),) = events_of(None, post(ApiClient(), "token", body))
    assert (name, data["tenant"]) == ("login.refused", body["tenant"])


def test_a_logout_and_a_reuse_are_the_session_s(acme: Tenant) -> None:
    member = make_member(acme)
    client = client_of(member)
    ((name, actor, _),) = events_of(acme, post(ApiClient(), "logout", {"refresh": client.refresh}))
    assert (name, actor) == ("logout.done", name_of(member))
    robbed, thief = client_of(member), ApiClient()
    post(robbed, "refresh", {"refresh": robbed.refresh})
    ((name, _, data),) = events_of(acme, post(thief, "refresh", {"refresh": robbed.refresh}))
    assert (name, data) == ("refresh.reused", {"address": thief.defaults["REMOTE_ADDR"]})


def test_a_changed_password_is_there_and_neither_password_nor_hash(acme: Tenant) -> None:
    member = make_member(acme, password=PASSWORD)
    client = client_of(member)
    wrong = post(client, "password", {"old_password": "wrong", "new_password": NEW_PASSWORD})
    assert [event[0] for event in events_of(acme, wrong)] == ["password.refused"]
    right = post(client, "password", {"old_password": PASSWORD, "new_password": NEW_PASSWORD})
    assert [event[0] for event in events_of(acme, right)] == ["password.changed"]
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(e::text, ' ') FROM audit_pendingentry e WHERE record_id = %s",
            [str(member.user_id)],
        )
        written = cursor.fetchone()[0]
    assert not any(secret in written for secret in (PASSWORD, NEW_PASSWORD, "argon2"))


def test_switching_is_a_login_of_the_target(acme: Tenant, globex: Tenant) -> None:
    member = make_member(acme)
    make_member(globex, user=member.user)
    request_id = post(client_of(member), "switch-tenant", {"tenant": globex.slug})
    ((name, actor, _),) = events_of(globex, request_id)
    assert (name, actor) == ("login.continued", name_of(member))
    assert events_of(acme, request_id) == []


def test_logging_out_everywhere_names_every_session_once(acme: Tenant) -> None:
    member = make_member(acme)
    client, _ = client_of(member), client_of(member)
    assert [event[0] for event in events_of(acme, post(client, "logout-everywhere", {}))] == [
        "logout.done"
    ] * 2
    with scope_of(acme):
        assert Session.objects.exclude(revoked_at=None).count() == 2
