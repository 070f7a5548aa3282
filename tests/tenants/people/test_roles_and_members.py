"""Roles out of capabilities, and members who hold them: nobody gives what they lack, somebody stays."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError

from tenants import ids
from tenants.capabilities import BUILTIN_ROLES
from tenants.errors import DomainError
from tenants.models import LoginConfiguration, Membership, Role, Session, Tenant
from tenants.services import members, roles
from tenants.services.rights import LastAdministrator
from tests.factories import ApiClient, client_of, make_member, scope_of, unique
from tests.factories.people import make_role
from tests.factories.threads import Crew
from tests.tenants.people.trail import events_of

ROLE = {"name": "drafting", "title": "Drafting", "capabilities": ["invoices.read", "invoices.write"]}


@pytest.fixture
def clerk(acme: Tenant) -> Membership:
    """Somebody who manages members and may look at invoices, and nothing else."""
    role = make_role(acme, "members.read", "members.manage", "invoices.read", name="clerk")
    return make_member(acme, role=role.name)


def change(client: ApiClient, path: str, body: dict[str, Any]) -> Any:
    """PATCH with the version just read."""
    tag = client.get(f"/api/v2/{path}").headers["ETag"]
    return client.patch(f"/api/v2/{path}", body, HTTP_IF_MATCH=tag)


def path_of(member: Membership) -> str:
    return f"members/{member.public_id}"


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_built_in_roles_are_listed_first_and_have_no_id(
    acme: Tenant, acme_client: ApiClient, version: str
) -> None:
    make_role(acme, name="aaa")
    answer = acme_client.get(f"/api/{version}/roles").json()
    rows = answer["data"]["items"] if version == "v1" else answer["data"]
    assert [row["name"] for row in rows] == [*sorted(BUILTIN_ROLES), "aaa"]
    assert [row["id"] is None for row in rows] == [True] * 4 + [False]
    assert {row["name"]: row["members"] for row in rows}["admin"] == 1


def test_roles_come_in_pages(acme: Tenant, acme_client: ApiClient) -> None:
    names = [make_role(acme).name for _ in range(3)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = acme_client.get(f"/api/v2/roles?limit=2&include=total&cursor={cursor}").json()
        seen += [row["name"] for row in page["data"]]
        cursor = page["next_cursor"]
        assert page["total"] == 7
    assert seen == [*sorted(BUILTIN_ROLES), *sorted(names)]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_role_allows_what_is_in_it(acme: Tenant, acme_client: ApiClient, version: str) -> None:
    answer = acme_client.post(f"/api/{version}/roles", ROLE)
    assert answer.status_code == 201
    client = client_of(make_member(acme, role="drafting"))
    assert client.get(f"/api/{version}/invoices").status_code == 200
    assert client.get(f"/api/{version}/customers").status_code == 403
    me = client.get("/api/v2/auth/me").json()
    assert (me["role"], me["capabilities"]) == ("drafting", ["invoices.read", "invoices.write"])


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"name": "Drafting"}, 400, "invalid-input"),
        ({"name": "a" * 51}, 400, "invalid-input"),
        ({"name": "admin"}, 409, "role-name-taken"),
        ({"capabilities": ["invoices.red"]}, 400, "invalid-input"),
        ({"capabilities": "invoices.read"}, 400, "invalid-input"),
        ({"title": ""}, 400, "invalid-input"),
        ({"is_builtin": True}, 400, "invalid-input"),
    ],
)
def test_a_bad_role_is_refused(
    acme: Tenant, acme_client: ApiClient, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = acme_client.post("/api/v2/roles", {**ROLE, **changes})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    with scope_of(acme):
        assert not Role.objects.exists()


def test_a_name_is_taken_once_in_a_tenant_and_may_exist_in_another(
    acme_client: ApiClient, globex_client: ApiClient
) -> None:
    statuses = [each.post("/api/v2/roles", ROLE).status_code for each in (acme_client, acme_client)]
    assert statuses == [201, 409]
    assert globex_client.post("/api/v2/roles", ROLE).status_code == 201


def test_a_role_of_another_tenant_allows_nothing_here(acme: Tenant, globex: Tenant) -> None:
    role = make_role(globex, "audit.read")
    with pytest.raises(members.UnknownRole):
        make_member(acme, role=role.name)
    with scope_of(acme):
        member = make_member(acme, role="viewer")
        Membership.objects.filter(id=member.id).update(role=role.name)
    assert client_of(member).get("/api/v2/auth/me").json()["capabilities"] == []


def test_a_changed_role_counts_at_once_here_and_within_five_seconds_elsewhere(
    acme: Tenant, acme_client: ApiClient, hasty_cache: Callable[[float], None]
) -> None:
    role = make_role(acme, "invoices.read", "jobs.read")
    client = client_of(make_member(acme, role=role.name))
    assert client.get("/api/v2/jobs").status_code == 200
    answer = change(acme_client, f"roles/{role.public_id}", {"capabilities": ["invoices.read"]})
    assert (answer.status_code, answer.json()["capabilities"]) == (200, ["invoices.read"])
    assert client.get("/api/v2/jobs").status_code == 403
    with scope_of(acme):
        Role.objects.filter(id=role.id).update(capabilities=["jobs.read"])
    assert client.get("/api/v2/jobs").status_code == 403
    hasty_cache(5)
    assert client.get("/api/v2/jobs").status_code == 200


def test_an_update_says_which_version_it_is_of(acme: Tenant, acme_client: ApiClient) -> None:
    role = make_role(acme)
    path = f"/api/v2/roles/{role.public_id}"
    assert acme_client.patch(path, {"title": "B"}).status_code == 428
    tag = acme_client.get(path).headers["ETag"]
    assert acme_client.get(path, HTTP_IF_NONE_MATCH=tag).status_code == 304
    assert acme_client.patch(path, {"title": "B"}, HTTP_IF_MATCH=tag).status_code == 200
    assert acme_client.patch(path, {"title": "C"}, HTTP_IF_MATCH=tag).status_code == 412
    assert acme_client.patch(f"/api/v1/roles/{role.public_id}", {"title": "D"}).status_code == 200


def test_a_role_in_use_stays(acme: Tenant, acme_client: ApiClient) -> None:
    held, mapped, free = (make_role(acme) for _ in range(3))
    make_member(acme, role=held.name)
    with scope_of(acme):
        LoginConfiguration.objects.create(
            tenant_id=acme.id, group_roles=[{"group": "cn=staff", "role": mapped.name}]
        )
    answers = [acme_client.delete(f"/api/v2/roles/{each.public_id}") for each in (held, mapped, free)]
    assert [answer.status_code for answer in answers] == [409, 409, 204]
    assert answers[0].json()["code"] == "role-in-use"
    with pytest.raises(members.UnknownRole):
        make_member(acme, role=free.name)
    assert acme_client.post(f"/api/v2/roles/{free.public_id}/reactivate").status_code == 200
    make_member(acme, role=free.name)


@pytest.mark.usefixtures("acme_admin")
def test_nobody_gives_a_right_that_they_lack(acme: Tenant, clerk: Membership) -> None:
    client = client_of(clerk)
    viewer = make_member(acme, role=make_role(acme, "invoices.read").name)
    wide, narrow = make_role(acme, "invoices.issue"), make_role(acme, "invoices.read")
    refused = [
        client.post("/api/v2/roles", {**ROLE, "capabilities": ["invoices.read", "audit.read"]}),
        change(client, f"roles/{narrow.public_id}", {"capabilities": ["audit.read"]}),
        change(client, path_of(viewer), {"role": "admin"}),
        change(client, path_of(viewer), {"role": wide.name}),
        change(client, path_of(clerk), {"role": "admin"}),
        client.post("/api/v2/invitations", {"email": "eve@example.com", "role": "admin"}),
    ]
    assert [(each.status_code, each.json()["code"]) for each in refused] == [(403, "grants-too-much")] * 6
    assert client.post("/api/v2/roles", {**ROLE, "capabilities": ["invoices.read"]}).status_code == 201
    assert change(client, path_of(viewer), {"role": narrow.name}).status_code == 200
    with scope_of(acme):
        assert Membership.objects.get(id=viewer.id).role == narrow.name
        assert Role.objects.get(id=narrow.id).capabilities == ["invoices.read"]


def test_who_may_do_more_is_not_changed_by_who_may_do_less(
    acme: Tenant, acme_admin: Membership, clerk: Membership
) -> None:
    make_member(acme, role="admin")
    client = client_of(clerk)
    refused = [
        change(client, path_of(acme_admin), {"role": "viewer"}),
        change(client, path_of(acme_admin), {"must_change_password": True}),
        client.delete(f"/api/v2/{path_of(acme_admin)}"),
    ]
    assert [(each.status_code, each.json()["code"]) for each in refused] == [(403, "may-do-more")] * 3
    with scope_of(acme):
        assert Membership.objects.get(id=acme_admin.id).role == "admin"


def test_somebody_inactive_comes_back_only_through_who_could_give_the_role(
    acme: Tenant, acme_client: ApiClient, clerk: Membership
) -> None:
    admin = make_member(acme, role="admin")
    assert acme_client.delete(f"/api/v2/{path_of(admin)}").status_code == 204
    path = f"/api/v2/{path_of(admin)}/reactivate"
    assert client_of(clerk).post(path).status_code == 403
    assert acme_client.post(path).status_code == 200


def test_the_last_who_manages_members_stays_whatever_the_role_is_called(acme: Tenant) -> None:
    role = make_role(acme, "members.read", "members.manage")
    last = make_member(acme, role=role.name)
    make_member(acme, role="editor")
    client = client_of(last)
    refused = [
        change(client, path_of(last), {"role": make_role(acme, "members.read").name}),
        client.delete(f"/api/v2/{path_of(last)}"),
        change(client, f"roles/{role.public_id}", {"capabilities": ["members.read"]}),
    ]
    assert [(each.status_code, each.json()["code"]) for each in refused] == [(409, "last-administrator")] * 3
    with scope_of(acme):
        assert Membership.objects.get(id=last.id).is_active
        assert Role.objects.get(id=role.id).capabilities == ["members.manage", "members.read"]


def test_of_administrators_who_remove_each_other_at_once_one_stays(acme: Tenant) -> None:
    role = make_role(acme, "members.read", "members.manage")
    with Crew(2) as crew:
        for _ in range(10):
            pair = [make_member(acme, role="admin"), make_member(acme, role=role.name)]

            def remove_the_other(number: int, pair: list[Membership] = pair) -> int:
                with scope_of(acme):
                    try:
                        members.deactivate_member(membership_id=pair[1 - number].id)
                    except LastAdministrator:
                        return 409
                return 204

            assert sorted(crew.all_do(remove_the_other)) == [204, 409]
            with scope_of(acme):
                (stays,) = Membership.objects.filter(id__in=[each.id for each in pair])
                Membership.objects.filter(id=stays.id).update(is_active=False)


def test_three_ways_to_lose_the_last_administrator_at_once_leave_one(acme: Tenant) -> None:
    with Crew(3) as crew:
        for _ in range(10):
            role = make_role(acme, "members.manage")
            by_role, removed, demoted = (
                make_member(acme, role=role.name),
                make_member(acme),
                make_member(acme),
            )
            ways: list[Callable[[], object]] = [
                lambda role=role: roles.update_role(role_id=role.id, capabilities=[]),  # type: ignore[misc]
                lambda removed=removed: members.deactivate_member(membership_id=removed.id),  # type: ignore[misc]
                lambda demoted=demoted: members.change_role(membership_id=demoted.id, role="viewer"),  # type: ignore[misc]
            ]

            def go(number: int, ways: list[Callable[[], object]] = ways) -> str:
                with scope_of(acme):
                    try:
                        ways[number]()
                    except (DomainError, OperationalError) as error:
                        return type(error).__name__
                return "done"

            assert sorted(crew.all_do(go)) == ["LastAdministrator", "done", "done"]
            with scope_of(acme):
                everybody = [by_role.id, removed.id, demoted.id]
                Membership.objects.filter(id__in=everybody).update(is_active=False)


def test_a_member_who_is_removed_is_out_at_once(acme: Tenant, acme_client: ApiClient) -> None:
    member = make_member(acme, role="editor")
    client = client_of(member)
    assert client.get("/api/v2/invoices").status_code == 200
    request_id = unique("trail")
    answer = acme_client.delete(f"/api/v2/{path_of(member)}", HTTP_X_REQUEST_ID=request_id)
    assert answer.status_code == 204
    assert client.get("/api/v2/invoices").status_code == 403
    assert client.post("/api/v2/auth/refresh", {"refresh": client.refresh}).status_code == 401
    with scope_of(acme):
        assert not Session.objects.filter(membership_id=member.id, revoked_at=None).exists()
    assert [name for name, _, _ in events_of(acme, request_id=request_id)] == [
        "logout.done",
        "membership.ended",
    ]


def test_sessions_of_before_stay_over_after_a_return(acme: Tenant, acme_client: ApiClient) -> None:
    member = make_member(acme, role="editor")
    before = client_of(member)
    acme_client.delete(f"/api/v2/{path_of(member)}")
    answer = acme_client.post(f"/api/v2/{path_of(member)}/reactivate")
    assert (answer.status_code, answer.json()["is_active"]) == (200, True)
    assert before.get("/api/v2/invoices").status_code == 401
    assert client_of(member).get("/api/v2/invoices").status_code == 200


def test_a_role_change_is_an_event_with_both_names(acme: Tenant, acme_client: ApiClient) -> None:
    member = make_member(acme, role="editor")
    request_id = unique("trail")
    tag = acme_client.get(f"/api/v2/{path_of(member)}").headers["ETag"]
    acme_client.patch(
        f"/api/v2/{path_of(member)}", {"role": "viewer"}, HTTP_IF_MATCH=tag, HTTP_X_REQUEST_ID=request_id
    )
    ((name, actor, data),) = events_of(acme, request_id=request_id)
    assert (name, data) == ("role.changed", {"from": "editor", "to": "viewer"})
    assert actor == ids.encode("usr", acme_client.member.user_id)  # type: ignore[union-attr]


def test_a_new_password_can_be_demanded(acme: Tenant, acme_client: ApiClient) -> None:
    member = make_member(acme, role="editor")
    answer = change(acme_client, path_of(member), {"must_change_password": True})
    assert (answer.status_code, answer.json()["must_change_password"]) == (200, True)
    assert change(acme_client, path_of(member), {"username": "eve"}).status_code == 400


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_members_are_found_by_role_name_and_state(acme: Tenant, acme_client: ApiClient, version: str) -> None:
    grace = make_member(acme, role="editor", username="grace.h", name="Grace Hopper")
    gone = make_member(acme, role="editor", username="old.timer", name="Gray Wolf")
    acme_client.delete(f"/api/v2/{path_of(gone)}")

    def found(query: str) -> list[str]:
        answer = acme_client.get(f"/api/{version}/members?{query}").json()
        rows = answer["data"]["items"] if version == "v1" else answer["data"]
        return [row["username"] for row in rows]

    assert found("role=editor") == [grace.username]
    assert found("q=GRA") == [grace.username]
    assert found("q=gra&include_inactive=true") == [grace.username, gone.username]
    assert found("q=%25") == []
    assert acme_client.get(f"/api/{version}/members?ordering=name").status_code == 400


def test_a_tenant_has_a_hundred_roles_at_most(acme: Tenant) -> None:
    with scope_of(acme):
        Role.objects.bulk_create(
            Role(tenant_id=acme.id, name=f"r{n}", title="R", capabilities=[]) for n in range(100)
        )
        with pytest.raises(roles.TooManyRoles):
            roles.create_role(name="one-more", title="R", capabilities=[])
