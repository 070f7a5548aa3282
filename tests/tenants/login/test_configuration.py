"""Configuring how people log in: nothing half, nothing shown, nobody locked out."""

from typing import Any

import pytest
from django.db import connections

from tenants.models import LoginConfiguration, Membership, Tenant
from tests.factories import PASSWORD, ApiClient, client_of, make_member, scope_of
from tests.factories.directories import TOKEN, PaperDirectory
from tests.factories.factors import give_app
from tests.factories.people import make_role
from tests.tenants.login.asking import code, events_of, inside

PATH = "/api/v2/tenant/auth"
GOOD: dict[str, Any] = {
    "backend": "paper",
    "settings": {"drawer": "paper:top"},
    "secrets": {"token": TOKEN},
    "provisions": True,
    "default_role": "viewer",
    "without_break_glass": True,
}

pytestmark = pytest.mark.usefixtures("paper")


def save(client: ApiClient, body: dict[str, Any], method: str = "patch") -> Any:
    tag = client.get(PATH).headers["ETag"]
    return getattr(client, method)(PATH, body, HTTP_IF_MATCH=tag)


def pointers(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    return {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]}


def stored(tenant: Tenant) -> LoginConfiguration | None:
    with scope_of(tenant):
        found: LoginConfiguration | None = LoginConfiguration.objects.first()
    return found


def backend_of(tenant: Tenant) -> str:
    with scope_of(tenant):
        return str(Tenant.objects.values_list("auth_backend", flat=True).get(id=tenant.id))


def test_without_a_word_the_defaults_hold(acme_client: ApiClient) -> None:
    assert acme_client.get(PATH).json() == {
        "backend": "password",
        "settings": {},
        "secrets": {},
        "provisions": False,
        "links_by_username": False,
        "default_role": "",
        "group_roles": [],
        "second_factor": "optional",
        "second_factor_roles": [],
        "password_policy": {"min_length": 12, "history": 0, "max_age_days": None},
        "break_glass": [],
    }


def test_what_is_saved_is_shown_and_secrets_are_set_or_not(
    acme: Tenant, acme_client: ApiClient, paper: PaperDirectory
) -> None:
    answer = save(acme_client, GOOD)
    assert answer.status_code == 200, answer.content
    shown = acme_client.get(PATH)
    assert shown.json() == answer.json()
    assert shown.headers["ETag"] == answer.headers["ETag"]
    assert shown.json()["settings"] == {"drawer": "paper:top", "pages": 100}
    assert shown.json()["secrets"] == {"stamp": False, "token": True}
    assert inside(acme, paper.hire()).get("/api/v2/auth/me").json()["role"] == "viewer"


def test_a_secret_is_nowhere_in_plain_text(acme: Tenant, acme_client: ApiClient) -> None:
    assert save(acme_client, GOOD).status_code == 200
    assert TOKEN not in acme_client.get(PATH).content.decode()
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT c::text FROM tenants_loginconfiguration c WHERE tenant_id = %s", [acme.id])
        rows = " ".join(row[0] for row in cursor.fetchall())
        cursor.execute(
            "SELECT p::text FROM audit_pendingentry p WHERE tenant_id = %s AND entity_type = %s",
            [acme.id, "tenants.loginconfiguration"],
        )
        trail = " ".join(row[0] for row in cursor.fetchall())
    assert "paper:top" in rows
    assert "paper:top" in trail
    assert TOKEN not in rows + trail
    assert "gAAAA" not in trail


HALVES = [
    ({"backend": "carrier-pigeon"}, {"/backend": "unknown-backend"}),
    ({"settings": {}}, {"/settings/drawer": "missing"}),
    (
        {"settings": {"drawer": 5, "pages": "many"}},
        {"/settings/drawer": "invalid", "/settings/pages": "invalid"},
    ),
    (
        {"settings": {"drawer": "paper:top", "colour/ink": "red"}},
        {"/settings/colour~1ink": "unknown-field"},
    ),
    ({"settings": {"drawer": "steel:top"}}, {"/settings/drawer": "malformed"}),
    ({"secrets": {}}, {"/secrets/token": "missing"}),
    ({"secrets": {"token": TOKEN, "key": "x"}}, {"/secrets/key": "unknown-field"}),
    ({"default_role": ""}, {"/provisions": "needs-a-role"}),
    ({"default_role": "emperor"}, {"/default_role": "unknown-role"}),
    ({"group_roles": [{"group": "a", "role": "emperor"}]}, {"/group_roles/0/role": "unknown-role"}),
    ({"second_factor_roles": ["emperor"]}, {"/second_factor_roles/0": "unknown-role"}),
    ({"second_factor": "sometimes"}, {"/second_factor": "invalid-choice"}),
    ({"password_policy": {"min_length": 6}}, {"/password_policy/min_length": "min-value"}),
    ({"break_glass": ["mem_00000000000000000000000000"]}, {"/break_glass/0": "not-found"}),
    ({"surprise": True}, {"/surprise": "unknown-field"}),
]


@pytest.mark.parametrize(("change", "faults"), HALVES, ids=[next(iter(faults)) for _, faults in HALVES])
@pytest.mark.parametrize("method", ["put", "patch"])
def test_what_is_unknown_or_half_is_refused_with_the_field_named(
    acme: Tenant, acme_client: ApiClient, method: str, change: dict[str, Any], faults: dict[str, str]
) -> None:
    assert pointers(save(acme_client, {**GOOD, **change}, method)) == faults
    assert backend_of(acme) == "password"
    assert stored(acme) is None


def test_v1_names_the_field_in_its_envelope(acme_client: ApiClient) -> None:
    answer = acme_client.put("/api/v1/tenant/auth", {**GOOD, "settings": {}})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["settings.drawer"])
    answer = acme_client.put("/api/v1/tenant/auth", GOOD)
    assert answer.json()["data"]["secrets"] == {"stamp": False, "token": True}


def test_names_that_prove_nothing_link_nobody(
    acme_client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PaperDirectory, "names_are_assigned", False)
    answer = save(acme_client, {**GOOD, "links_by_username": True})
    assert pointers(answer) == {"/links_by_username": "names-not-assigned"}


def test_a_patch_keeps_what_it_does_not_name(acme_client: ApiClient) -> None:
    save(acme_client, GOOD)
    after = save(acme_client, {"settings": {"pages": 7}, "second_factor": "required"}).json()
    assert after["settings"] == {"drawer": "paper:top", "pages": 7}
    assert (after["secrets"]["token"], after["default_role"]) == (True, "viewer")


def test_a_put_returns_the_rest_to_its_defaults_but_for_secrets(acme_client: ApiClient) -> None:
    save(acme_client, {**GOOD, "second_factor": "required", "settings": {"drawer": "paper:top", "pages": 7}})
    body = {"backend": "paper", "settings": {"drawer": "paper:top"}, "links_by_username": True}
    after = save(acme_client, body, "put").json()
    assert after["settings"]["pages"] == 100
    assert (after["secrets"]["token"], after["second_factor"], after["provisions"]) == (
        True,
        "optional",
        False,
    )


def test_null_removes_a_secret_unless_it_is_needed(acme_client: ApiClient) -> None:
    save(acme_client, {**GOOD, "secrets": {"token": TOKEN, "stamp": "wax"}})
    after = save(acme_client, {"secrets": {"stamp": None}})
    assert after.json()["secrets"] == {"stamp": False, "token": True}
    assert pointers(save(acme_client, {"secrets": {"token": None}})) == {"/secrets/token": "missing"}


def test_a_secret_does_not_follow_to_another_address(acme_client: ApiClient) -> None:
    """Whoever may change the address could else read a secret that somebody else gave."""
    save(acme_client, GOOD)
    elsewhere = {"settings": {"drawer": "paper:elsewhere"}}
    assert pointers(save(acme_client, elsewhere)) == {"/secrets/token": "give-again"}
    assert pointers(acme_client.post(f"{PATH}/test", elsewhere)) == {"/secrets/token": "give-again"}
    assert save(acme_client, {**elsewhere, "secrets": {"token": TOKEN}}).status_code == 200


def test_a_stale_version_changes_nothing(acme_client: ApiClient) -> None:
    tag = acme_client.get(PATH).headers["ETag"]
    assert acme_client.patch(PATH, GOOD).status_code == 428
    assert acme_client.patch(PATH, GOOD, HTTP_IF_MATCH=tag).status_code == 200
    body = {"secrets": {"token": "another"}}
    assert acme_client.patch(PATH, body, HTTP_IF_MATCH=tag).status_code == 412
    assert acme_client.get(PATH, HTTP_IF_NONE_MATCH=tag).status_code == 200
    before = acme_client.get(PATH).headers["ETag"]
    after = acme_client.patch(PATH, body, HTTP_IF_MATCH=before).headers["ETag"]
    assert after != before


def test_a_switch_is_refused_while_nobody_could_break_the_glass(acme: Tenant, acme_client: ApiClient) -> None:
    body = {name: value for name, value in GOOD.items() if name != "without_break_glass"}
    assert code(save(acme_client, body)) == (409, "nobody-could-log-in")
    assert (backend_of(acme), stored(acme)) == ("password", None)


def unfit_members(acme: Tenant) -> dict[str, Membership]:
    editor = make_member(acme, role="editor", password=PASSWORD)
    give_app(editor)
    nameless = make_member(acme)
    give_app(nameless)
    return {
        "not-an-administrator": editor,
        "without-password": nameless,
        "without-second-factor": make_member(acme, password=PASSWORD),
    }


def test_who_breaks_the_glass_has_to_be_able_to(acme: Tenant, acme_client: ApiClient) -> None:
    for reason, member in unfit_members(acme).items():
        answer = save(acme_client, {**GOOD, "break_glass": [member.public_id]})
        assert pointers(answer) == {"/break_glass/0": reason}
    assert backend_of(acme) == "password"


def test_with_a_break_glass_member_the_switch_is_made_and_written_down(
    acme: Tenant, acme_client: ApiClient
) -> None:
    boss = make_member(acme, password=PASSWORD)
    give_app(boss)
    body = {name: value for name, value in GOOD.items() if name != "without_break_glass"}
    answer = save(acme_client, {**body, "break_glass": [boss.public_id]})
    assert answer.json()["break_glass"] == [boss.public_id]
    ((_, data),) = events_of(acme, "login-configuration.switched")
    assert data == {"before": "password", "after": "paper", "has_break_glass": True}
    assert code(save(acme_client, {"break_glass": []})) == (409, "nobody-could-log-in")
    assert acme_client.get(PATH).json()["break_glass"] == [boss.public_id]


def test_back_to_passwords_takes_an_administrator_with_one(acme: Tenant, acme_client: ApiClient) -> None:
    save(acme_client, GOOD)
    assert code(save(acme_client, {"backend": "password"})) == (409, "nobody-could-log-in")
    make_member(acme, role="editor", password=PASSWORD)
    assert code(save(acme_client, {"backend": "password"})) == (409, "nobody-could-log-in")
    make_member(acme, role="admin", password=PASSWORD)
    after = save(acme_client, {"backend": "password"}).json()
    assert (after["backend"], after["settings"], after["secrets"]) == ("password", {}, {})


def test_nobody_maps_groups_to_more_than_they_can_do(acme: Tenant) -> None:
    role = make_role(acme, "login.manage", "settings.read")
    clerk = client_of(make_member(acme, role=role.name))
    answer = save(clerk, {**GOOD, "group_roles": [{"group": "boss", "role": "admin"}]})
    assert code(answer) == (403, "grants-too-much")
    assert backend_of(acme) == "password"


def test_a_foreign_member_breaks_no_glass(acme_client: ApiClient, globex: Tenant) -> None:
    boss = make_member(globex, password=PASSWORD)
    give_app(boss)
    answer = save(acme_client, {**GOOD, "break_glass": [boss.public_id]})
    assert pointers(answer) == {"/break_glass/0": "not-found"}
    with scope_of(globex):
        assert not Membership.objects.get(id=boss.id).is_break_glass
