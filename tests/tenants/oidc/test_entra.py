"""A directory of Entra ID, as far as it can be had here: its claims and error codes at a real provider."""

from typing import Any

import pytest

from tenants.models import ExternalIdentity, Membership, Tenant
from tests.factories import ApiClient, make_tenant, scope_of
from tests.factories.openid import Directory, House, client_at, configure, entra_settings_for, open_house
from tests.tenants.oidc.trips import parameters_of, start, travel


@pytest.fixture
def tenant(acme: Tenant, house: House) -> Tenant:
    """A tenant whose people log in at a directory of Entra, which does not name itself in its answers."""
    as_entra(acme, house)
    return acme


def as_entra(tenant: Tenant, house: House, *, rules: dict[str, Any] | None = None, **settings: Any) -> None:
    own = f"http://127.0.0.1:8000/api/v2/auth/sso/{tenant.slug}/callback"
    house.change(silent=True, client=client_at(own))
    configure(tenant, "entra", entra_settings_for(house, **settings), **(rules or {}))


def renew(pair: dict[str, Any]) -> Any:
    return ApiClient().post("/api/v2/auth/refresh", {"refresh": pair["refresh"]})


def refusal_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_people_are_known_by_directory_and_object_id(tenant: Tenant, house: House) -> None:
    house.account("pairwise-subject", oid="0b3fe9f1-object", preferred_username="ada@acme.example")
    answer = travel(tenant, house, "pairwise-subject")
    assert answer.status_code == 200, answer.content
    with scope_of(tenant):
        kept = ExternalIdentity.objects.get()
        assert (kept.issuer, kept.subject) == (house.issuer, "0b3fe9f1-object")
        assert house.tid in kept.issuer
        assert Membership.objects.get().username == "ada@acme.example"


def test_the_browser_is_sent_to_the_tenants_directory(tenant: Tenant, house: House) -> None:
    sent = start(ApiClient(), tenant)["Location"]
    assert sent.startswith(f"{house.directory.origin}/{house.tid}/")
    assert parameters_of(sent)["redirect_uri"].endswith(f"/sso/{tenant.slug}/callback")


@pytest.mark.parametrize("tid", ["9188040d-6c67-4c5b-b112-36a304b66dad", None, 7])
def test_a_token_of_another_directory_is_refused(tenant: Tenant, house: House, tid: Any) -> None:
    house.account(tid=tid)
    assert refusal_of(travel(tenant, house)) == (401, "sso-other-directory")


@pytest.mark.parametrize("oid", [None, "", 7, "x" * 256])
def test_without_an_object_id_nobody_comes_in(tenant: Tenant, house: House, oid: Any) -> None:
    house.account(oid=oid)
    assert refusal_of(travel(tenant, house)) == (401, "sso-answer-invalid")


def test_the_same_object_id_in_two_directories_is_two_people(tenant: Tenant, directory: Directory) -> None:
    first = travel(tenant, _house_of(tenant, directory)).json()["user"]["id"]
    globex = make_tenant("globex")
    second = travel(globex, _house_of(globex, directory)).json()["user"]["id"]
    third = travel(tenant, _house_of(tenant, directory)).json()["user"]["id"]
    assert len({first, second, third}) == 3


def _house_of(tenant: Tenant, directory: Directory) -> House:
    house = open_house(directory)
    house.account(oid="the-same")
    as_entra(tenant, house)
    return house


def test_app_roles_make_the_role(acme: Tenant, house: House) -> None:
    rules = {"group_roles": [{"group": "Invoicing.Admin", "role": "admin"}], "default_role": ""}
    as_entra(acme, house, rules=rules)
    house.account(roles=["Invoicing.Admin"], groups=["ignored"], _claim_names={"groups": "src1"})
    assert travel(acme, house).json()["role"] == "admin"
    house.account()
    assert refusal_of(travel(acme, house)) == (403, "sso-no-access")


@pytest.mark.parametrize(
    "overage",
    [
        {
            "_claim_names": {"groups": "src1"},
            "_claim_sources": {"src1": {"endpoint": "https://graph.example"}},
        },
        {"_claim_names": {"groups": "src1"}, "groups": ["some"]},
        {"hasgroups": True},
    ],
)
def test_groups_that_do_not_fit_are_not_guessed(acme: Tenant, house: House, overage: dict[str, Any]) -> None:
    rules = {"group_roles": [{"group": "g1", "role": "editor"}], "default_role": "viewer"}
    as_entra(acme, house, rules=rules, groups_claim="groups")
    house.account(groups=["g1"])
    pair = travel(acme, house).json()
    assert pair["role"] == "editor"
    house.account(**overage)
    answer = travel(acme, house)
    assert refusal_of(answer) == (403, "sso-groups-left-out")
    assert "app roles" in answer.json()["detail"]
    assert refusal_of(renew(pair)) == (403, "sso-groups-left-out")
    with scope_of(acme):
        assert Membership.objects.get().role == "editor"


@pytest.mark.parametrize("groups", [7, {"a": 1}, [1], [["x"]], ["a\nb"], ["g"] * 2001])
def test_groups_in_no_known_form_are_not_guessed(acme: Tenant, house: House, groups: Any) -> None:
    as_entra(acme, house, groups_claim="groups")
    house.account(groups=groups)
    assert refusal_of(travel(acme, house)) == (403, "sso-groups-unreadable")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("AADSTS50057: The user account is disabled.", "refresh-refused"),
        ("AADSTS500341: The user account has been deleted from the directory.", "refresh-refused"),
        ("AADSTS50173: The provided grant has expired due to it being revoked.", "proof-expired"),
        ("AADSTS700082: The refresh token has expired due to inactivity.", "proof-expired"),
        ("AADSTS50076: You must use multi-factor authentication.", "proof-expired"),
    ],
)
def test_what_entra_says_at_a_refresh_is_understood(
    tenant: Tenant, house: House, said: str, answer: str
) -> None:
    pair = travel(tenant, house).json()
    house.reply("token", status=400, whole={"error": "invalid_grant", "error_description": said})
    assert refusal_of(renew(pair)) == (401, answer)
    with scope_of(tenant):
        assert Membership.objects.exists() == (answer == "proof-expired")
