"""What the provider says later: at our refresh its own refresh token is redeemed."""

from typing import Any

import pytest

from tenants.models import ExternalIdentity, Membership, Session, Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.openid import House, configure, settings_for
from tests.factories.threads import Crew
from tests.tenants.oidc.trips import travel


def renew(pair: dict[str, Any]) -> Any:
    return ApiClient().post("/api/v2/auth/refresh", {"refresh": pair["refresh"]})


def refusal_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def identity_in(tenant: Tenant) -> ExternalIdentity:
    with scope_of(tenant):
        found: ExternalIdentity = ExternalIdentity.objects.get()
    return found


def test_the_providers_token_is_redeemed_at_each_refresh(tenant: Tenant, house: House) -> None:
    pair = travel(tenant, house).json()
    assert identity_in(tenant).renewal
    house.seen()
    fresh = renew(pair)
    assert fresh.status_code == 200
    assert renew(fresh.json()).status_code == 200
    assert [each["url"].rpartition("/")[2] for each in house.seen()].count("token") == 2


def test_a_provider_that_rotates_is_followed(tenant: Tenant, house: House) -> None:
    house.change(rotates=True)
    pair = travel(tenant, house).json()
    seen = {identity_in(tenant).renewal}
    for _ in range(3):
        answer = renew(pair)
        assert answer.status_code == 200, answer.content
        pair = answer.json()
        seen.add(identity_in(tenant).renewal)
    assert len(seen) == 4


def test_two_sessions_of_one_person_may_refresh_at_once(tenant: Tenant, house: House) -> None:
    house.change(rotates=True)
    pairs = [travel(tenant, house).json() for _ in range(4)]
    with Crew(4) as crew:
        assert crew.all_do(lambda number: renew(pairs[number]).status_code) == [200] * 4


def test_the_renewal_is_encrypted_at_rest(tenant: Tenant, house: House) -> None:
    travel(tenant, house)
    renewal = identity_in(tenant).renewal
    with scope_of(tenant):
        (row,) = ExternalIdentity.objects.extra(select={"kept": "renewal::text"}).values_list(
            "kept", flat=True
        )
    assert renewal not in row


@pytest.mark.parametrize("how", ["revoked", "gone"])
def test_whom_the_provider_takes_back_is_out_at_once(tenant: Tenant, house: House, how: str) -> None:
    pair = travel(tenant, house).json()
    bearer = ApiClient(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    assert bearer.get("/api/v2/auth/me").status_code == 200
    house.revoke() if how == "revoked" else house.dismiss()
    assert refusal_of(renew(pair)) == (401, "refresh-refused")
    assert bearer.get("/api/v2/auth/me").status_code in (401, 403)
    with scope_of(tenant):
        assert not Membership.objects.exists()
        assert not Session.objects.filter(revoked_at=None).exists()


def test_who_comes_back_at_the_provider_comes_back_here(tenant: Tenant, house: House) -> None:
    pair = travel(tenant, house).json()
    house.revoke()
    renew(pair)
    again = travel(tenant, house)
    assert again.status_code == 200
    assert again.json()["user"]["id"] == pair["user"]["id"]


def test_a_lost_group_takes_the_role_at_the_next_refresh(acme: Tenant, house: House) -> None:
    rules = [{"group": "chiefs", "role": "admin"}, {"group": "clerks", "role": "editor"}]
    configure(acme, "oidc", settings_for(house), group_roles=rules, default_role="")
    house.account(groups=["chiefs", "clerks"])
    pair = travel(acme, house).json()
    assert pair["role"] == "admin"
    house.account(groups=["clerks"])
    pair = renew(pair).json()
    assert pair["role"] == "editor"
    house.account(groups=["others"])
    assert refusal_of(renew(pair)) == (401, "refresh-refused")


def test_groups_that_only_userinfo_tells_are_followed_as_well(acme: Tenant, house: House) -> None:
    house.change(thin=True)
    rules = [{"group": "clerks", "role": "editor"}]
    configure(acme, "oidc", settings_for(house), group_roles=rules, default_role="viewer")
    house.account(groups=["clerks"])
    pair = travel(acme, house).json()
    house.account(groups=[])
    assert renew(pair).json()["role"] == "viewer"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_provider_that_is_down_ends_nothing(tenant: Tenant, house: House, status: int) -> None:
    pair = travel(tenant, house).json()
    house.reply("token", status=status, whole={"error": "server_error"})
    answer = renew(pair)
    assert refusal_of(answer) == (503, "directory-unavailable")
    assert int(answer["Retry-After"]) > 0
    assert renew(pair).status_code == 200


@pytest.mark.parametrize("error", ["interaction_required", "consent_required", "login_required"])
def test_a_provider_that_wants_the_person_ends_the_session_only(
    tenant: Tenant, house: House, error: str
) -> None:
    pair = travel(tenant, house).json()
    house.reply("token", status=400, whole={"error": error})
    assert refusal_of(renew(pair)) == (401, "proof-expired")
    with scope_of(tenant):
        assert Membership.objects.count() == 1
    assert travel(tenant, house).status_code == 200


def test_a_wrong_secret_of_ours_is_nobodys_fault(tenant: Tenant, house: House) -> None:
    pair = travel(tenant, house).json()
    house.reply("token", status=401, whole={"error": "invalid_client"})
    assert refusal_of(renew(pair)) == (503, "sso-client-refused")
    assert renew(pair).status_code == 200


def test_without_a_renewal_a_session_is_not_prolonged(tenant: Tenant, house: House) -> None:
    house.change(withholdsRenewal=True)
    pair = travel(tenant, house).json()
    assert refusal_of(renew(pair)) == (401, "proof-expired")
    assert travel(tenant, house).status_code == 200


def test_a_tenant_may_do_without_asking_again(acme: Tenant, house: House) -> None:
    house.change(withholdsRenewal=True)
    configure(acme, "oidc", settings_for(house, rechecks=False))
    pair = travel(acme, house).json()
    assert renew(pair).status_code == 200


def test_a_token_of_somebody_else_prolongs_nothing(tenant: Tenant, house: House) -> None:
    pair = travel(tenant, house).json()
    house.account("eve")
    travel(tenant, house, "eve")
    with scope_of(tenant):
        ada, eve = ExternalIdentity.objects.order_by("subject")
        ada.renewal = str(eve.renewal)
        ada.save(update_fields=["renewal"])
    assert refusal_of(renew(pair)) == (401, "sso-answer-invalid")


def test_an_answer_without_an_id_token_says_nothing_about_groups(tenant: Tenant, house: House) -> None:
    house.change(rotates=True)
    pair = travel(tenant, house).json()
    house.reply("token", drops=["id_token"])
    assert refusal_of(renew(pair)) == (401, "proof-expired")
    assert travel(tenant, house).status_code == 200
