"""From the configuration to the last refresh, over HTTP, as a company and its people meet it."""

from typing import Any

import pytest

from tenants.models import Membership, Tenant
from tests.factories import PASSWORD, ApiClient, scope_of
from tests.tenants.ldap.slapd import GROUPS, PEOPLE, READER, READER_PASSWORD, SUFFIX, Person, Slapd
from tests.tenants.login.asking import code, events_of, log_in, refresh

_AUTH = "/api/v2/tenant/auth"
_NEW = "a much better battery"


def body_of(slapd: Slapd, **settings: Any) -> dict[str, Any]:
    """What an administrator sends to configure slapd."""
    usual = {
        "servers": [slapd.ldaps_url, slapd.start_tls_url],
        "ca_certificates": slapd.authority.pem,
        "user_base": PEOPLE,
        "group_base": GROUPS,
        "bind_dn": READER,
    }
    return {
        "backend": "ldap",
        "settings": usual | settings,
        "secrets": {"bind_password": READER_PASSWORD},
        "provisions": True,
        "default_role": "viewer",
        "without_break_glass": True,
    }


def save(client: ApiClient, body: dict[str, Any], method: str = "put") -> Any:
    return getattr(client, method)(_AUTH, body, HTTP_IF_MATCH=client.get(_AUTH).headers["ETag"])


@pytest.fixture
def staff(slapd: Slapd) -> str:
    """A group that makes accountants."""
    return slapd.group(slapd.person().dn)


@pytest.fixture
def company(acme: Tenant, acme_client: ApiClient, slapd: Slapd, staff: str) -> Tenant:
    """A company that has configured slapd; its staff are editors, and nobody else comes in."""
    # Another spelling of the same group.
    rules = [{"group": staff.upper().replace(",", " , "), "role": "editor"}]
    answer = save(acme_client, body_of(slapd) | {"default_role": "", "group_roles": rules})
    assert answer.status_code == 200, answer.content
    return acme


@pytest.fixture
def ada(slapd: Slapd, staff: str) -> Person:
    """Somebody of the staff."""
    person = slapd.person()
    slapd.owner.modify_s(staff, [(0, "member", [person.dn.encode()])])
    return person


def inside(tenant: Tenant, person: Person, password: str = "") -> ApiClient:
    client = ApiClient()
    answer = log_in(tenant, person.uid, password or person.password, client)
    assert answer.status_code == 200, answer.content
    client.access, client.refresh = answer.json()["access"], answer.json()["refresh"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {client.access}")
    return client


def test_the_directory_lets_people_in_and_says_what_they_are(company: Tenant, ada: Person) -> None:
    client = inside(company, ada)
    me = client.get("/api/v2/auth/me").json()
    assert me["role"] == "editor"
    assert me["user"]["name"] == "Ada Lovelace"
    assert refresh(client).status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [("{uid}", "wrong"), ("{uid}", ""), ("nobody", PASSWORD), ("*)(uid=*", PASSWORD), ("*", "x")],
)
def test_whoever_is_refused_gets_one_answer(
    username: str, password: str, company: Tenant, ada: Person
) -> None:
    answer = log_in(company, username.replace("{uid}", ada.uid), password)
    if password:
        assert code(answer) == (401, "login-refused")
    else:
        assert answer.status_code in (400, 401)
    assert not has_member(company, ada)


def test_somebody_in_no_group_that_counts_stays_outside(company: Tenant, slapd: Slapd) -> None:
    stranger = slapd.person()
    assert code(log_in(company, stranger.uid, stranger.password)) == (401, "login-refused")
    assert not has_member(company, stranger)


def test_a_disabled_person_is_refused_at_the_next_refresh_and_has_no_access(
    company: Tenant, ada: Person, slapd: Slapd
) -> None:
    client, other = inside(company, ada), inside(company, ada)
    slapd.set(ada.dn, "pwdAccountLockedTime", "000001010000Z")
    assert code(refresh(client)) == (401, "refresh-refused")
    for one in (client, other):
        assert one.get("/api/v2/auth/me").status_code in (401, 403)
    assert code(refresh(other)) == (401, "refresh-refused")
    assert code(log_in(company, ada.uid, ada.password)) == (401, "login-refused")
    assert [data["because"] for _, data in events_of(company, "membership.lost")] == [
        "directory-account-disabled"
    ]
    # Given back in the directory, given back here.
    slapd.set(ada.dn, "pwdAccountLockedTime")
    assert inside(company, ada).get("/api/v2/auth/me").status_code == 200


def test_a_lost_group_takes_the_role_away_at_the_next_refresh(
    company: Tenant, ada: Person, staff: str, slapd: Slapd
) -> None:
    client = inside(company, ada)
    slapd.owner.modify_s(staff, [(1, "member", [ada.dn.encode()])])
    assert code(refresh(client)) == (401, "refresh-refused")
    assert [data["because"] for _, data in events_of(company, "membership.lost")] == ["directory-group-lost"]


def test_a_directory_that_is_down_ends_nothing(company: Tenant, ada: Person, slapd: Slapd) -> None:
    client = inside(company, ada)
    with slapd.stopped():
        for answer in (refresh(client), log_in(company, ada.uid, ada.password)):
            assert code(answer) == (503, "directory-unavailable")
            assert int(answer.headers["Retry-After"]) > 0
        assert client.get("/api/v2/auth/me").status_code == 200
    assert refresh(client).status_code == 200


def test_people_change_their_password_in_the_directory(company: Tenant, ada: Person) -> None:
    client, other = inside(company, ada), inside(company, ada)
    refused = client.post("/api/v2/auth/password", {"old_password": ada.password, "new_password": "short"})
    assert refused.status_code == 400
    assert [(e["pointer"], e["code"]) for e in refused.json()["errors"]] == [("/new_password", "too-short")]
    wrong = client.post("/api/v2/auth/password", {"old_password": "wrong", "new_password": _NEW})
    assert code(wrong) == (403, "wrong-password")
    done = client.post("/api/v2/auth/password", {"old_password": ada.password, "new_password": _NEW})
    assert done.status_code == 204, done.content
    assert code(refresh(other)) == (401, "refresh-refused")
    assert code(log_in(company, ada.uid, ada.password)) == (401, "login-refused")
    assert inside(company, ada, _NEW).get("/api/v2/auth/password").json()["can_change"]


def test_a_reset_password_is_changed_before_anything_else(company: Tenant, ada: Person, slapd: Slapd) -> None:
    slapd.set(ada.dn, "pwdReset", "TRUE")
    answer = log_in(company, ada.uid, ada.password)
    assert code(answer) == (403, "password-change-required")
    done = ApiClient().post(
        "/api/v2/auth/password/forced",
        {"challenge": answer.json()["challenge"], "old_password": ada.password, "new_password": _NEW},
        REMOTE_ADDR=answer.wsgi_request.META["REMOTE_ADDR"],
    )
    assert done.status_code == 200, done.content
    assert inside(company, ada, _NEW).get("/api/v2/auth/me").status_code == 200


FAULTS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    ("no servers", {"servers": []}, {"/settings/servers": "out-of-range"}),
    ("six servers", {"servers": ["ldaps://a.example"] * 6}, {"/settings/servers": "out-of-range"}),
    (
        "a web address",
        {"servers": ["ldaps://a.example", "https://b.example"]},
        {"/settings/servers/1": "invalid-url"},
    ),
    ("a URL with a base", {"servers": ["ldaps://a.example/dc=x"]}, {"/settings/servers/0": "invalid-url"}),
    ("a URL with a user", {"servers": ["ldaps://me@a.example"]}, {"/settings/servers/0": "invalid-url"}),
    ("a socket", {"servers": ["ldapi://%2ftmp%2fldapi"]}, {"/settings/servers/0": "invalid-url"}),
    (
        "two in one",
        {"servers": ["ldaps://a.example ldaps://b.example"]},
        {"/settings/servers/0": "invalid-url"},
    ),
    ("a base that is no DN", {"user_base": "people"}, {"/settings/user_base": "invalid-dn"}),
    ("an empty base", {"user_base": ""}, {"/settings/user_base": "invalid-dn"}),
    ("an endless base", {"user_base": "ou=" + "x" * 500}, {"/settings/user_base": "invalid-dn"}),
    ("groups below no DN", {"group_base": "groups"}, {"/settings/group_base": "invalid-dn"}),
    ("an account that is no DN", {"bind_dn": "reader"}, {"/settings/bind_dn": "invalid-dn"}),
    ("a filter that is open", {"user_filter": "(uid=*"}, {"/settings/user_filter": "invalid-filter"}),
    ("two filters", {"user_filter": "(a=b)(c=d)"}, {"/settings/user_filter": "invalid-filter"}),
    ("a filter without parentheses", {"group_filter": "cn=*"}, {"/settings/group_filter": "invalid-filter"}),
    (
        "an attribute and a filter",
        {"login_attribute": "uid=*)(uid"},
        {"/settings/login_attribute": "invalid-attribute"},
    ),
    ("no certificate", {"ca_certificates": "trust me"}, {"/settings/ca_certificates": "invalid-certificate"}),
    (
        "a certificate cut off",
        {"ca_certificates": "-----BEGIN CERTIFICATE-----\nMIIB"},
        {"/settings/ca_certificates": "invalid-certificate"},
    ),
    ("too much patience", {"operation_timeout": 60}, {"/settings/operation_timeout": "out-of-range"}),
    ("no patience", {"connect_timeout": 0}, {"/settings/connect_timeout": "out-of-range"}),
    ("nobody to search as, but a password", {"bind_dn": ""}, {"/settings/bind_dn": "required"}),
]


@pytest.mark.parametrize(("given", "faults"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_a_half_configured_directory_is_refused(
    given: dict[str, Any], faults: dict[str, str], acme: Tenant, acme_client: ApiClient, slapd: Slapd
) -> None:
    answer = save(acme_client, body_of(slapd, **given))
    assert answer.status_code == 400, answer.content
    assert {fault["pointer"]: fault["code"] for fault in answer.json()["errors"]} == faults
    assert backend_of(acme) == "password"


@pytest.mark.parametrize(
    "given", [{"dialect": "novell"}, {"group_style": "cn"}, {"verify": False}, {"servers": "x"}]
)
def test_settings_that_there_are_not_are_refused(
    given: dict[str, Any], acme_client: ApiClient, slapd: Slapd
) -> None:
    answer = save(acme_client, body_of(slapd, **given))
    assert answer.status_code == 400
    assert all(fault["pointer"].startswith("/settings") for fault in answer.json()["errors"])


def test_an_account_that_searches_needs_its_password(acme_client: ApiClient, slapd: Slapd) -> None:
    answer = save(acme_client, body_of(slapd) | {"secrets": {}})
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [
        ("/secrets/bind_password", "required")
    ]


def test_the_password_of_the_searching_account_goes_to_no_other_server(
    company: Tenant, acme_client: ApiClient
) -> None:
    del company
    kept = save(acme_client, {"settings": {"nested_groups": True}}, "patch")
    assert kept.status_code == 200, kept.content
    moved = save(acme_client, {"settings": {"servers": ["ldaps://elsewhere.example"]}}, "patch")
    assert [(e["pointer"], e["code"]) for e in moved.json()["errors"]] == [
        ("/secrets/bind_password", "give-again")
    ]


def test_trying_says_which_step_failed(acme_client: ApiClient, slapd: Slapd) -> None:
    def tried(**settings: Any) -> Any:
        body = body_of(slapd, **settings)
        answer = acme_client.post(
            f"{_AUTH}/test", {name: body[name] for name in ("backend", "settings", "secrets")}
        )
        assert answer.status_code == 200, answer.content
        assert READER_PASSWORD not in answer.content.decode()
        return answer.json()

    slapd.person()
    good = tried()
    names = [step["name"] for step in good["steps"]]
    assert good["ok"]
    assert names == ["resolve", "connect", "tls", "bind"] * 2 + ["search base", "people", "group base"]
    assert tried(bind_dn=f"cn=nobody,{PEOPLE}")["failed"] == "bind"
    assert tried(user_base=f"ou=nowhere,{PEOPLE}")["failed"] == "search base"
    assert tried(user_filter="(uid=nobody-at-all)")["failed"] == "people"
    assert tried(group_base=f"ou=nowhere,{PEOPLE}")["failed"] == "group base"
    assert tried(servers=["ldaps://127.0.0.1:1"])["failed"] == "connect"
    # Somebody of OpenLDAP has no objectGUID, by which a domain's people are known.
    base = f"ou=openldap-{slapd.person().uid},{SUFFIX}"
    slapd.add(base, {"objectClass": "organizationalUnit"})
    slapd.person(below=base)
    wrong = tried(dialect="active_directory", user_filter="(objectClass=person)", user_base=base)
    assert wrong["failed"] == "people"
    assert "objectGUID" in wrong["steps"][-1]["detail"]


def backend_of(tenant: Tenant) -> str:
    with scope_of(tenant):
        return str(Tenant.objects.values_list("auth_backend", flat=True).get(id=tenant.id))


def has_member(tenant: Tenant, person: Person) -> bool:
    with scope_of(tenant):
        return Membership.all_objects.filter(username=person.uid).exists()
