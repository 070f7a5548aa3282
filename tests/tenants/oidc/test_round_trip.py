"""The whole way: to a real provider and back, for programs and for pages."""

import json
import re

import pytest

from tenants.models import ExternalIdentity, Membership, Session, SsoRound, Tenant
from tenants.web import cookies
from tests.factories import ApiClient, make_member, scope_of
from tests.factories.invoicing import make_legal_entity
from tests.factories.openid import House, client_at, configure, settings_for
from tests.factories.pages import PageClient
from tests.factories.people import make_invitation, token_of
from tests.tenants.oidc.trips import come_back, leave, parameters_of, start, travel


def test_the_start_leads_to_the_provider_with_state_nonce_and_challenge(tenant: Tenant, house: House) -> None:
    answer = start(ApiClient(), tenant)
    assert answer.status_code == 302
    assert answer["Location"].startswith(f"{house.issuer}/auth?")
    assert answer["Cache-Control"] == "no-store"
    asked = parameters_of(answer["Location"])
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert len(asked["nonce"]) == 64
    assert tenant.public_id in asked["state"]
    assert set(asked["scope"].split()) == {"openid", "profile", "offline_access"}
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/api/v2/auth/sso/callback"
    cookie = answer.cookies["quittance_sso"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 600


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_whoever_the_provider_knows_gets_a_pair(tenant: Tenant, house: House, version: str) -> None:
    house.account(email="ada@example.com")
    answer = travel(tenant, house, version=version)
    assert answer.status_code == 200, answer.content
    assert answer["Cache-Control"] == "no-store"
    pair = answer.json()["data"] if version == "v1" else answer.json()
    assert pair["tenant"]["slug"] == tenant.slug
    assert pair["user"]["name"] == "Ada Lovelace"
    assert pair["role"] == "viewer"
    client = ApiClient(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
    me = client.get("/api/v2/auth/me").json()
    assert (me["username"], me["user"]["email"]) == ("ada", "ada@example.com")


def test_the_person_is_known_by_issuer_and_subject_and_by_nothing_else(tenant: Tenant, house: House) -> None:
    house.account(email="one@example.com", preferred_username="first")
    travel(tenant, house)
    house.account(email="two@example.com", preferred_username="second")
    travel(tenant, house)
    house.account("eve", email="one@example.com", preferred_username="first")
    travel(tenant, house, "eve")
    with scope_of(tenant):
        kept = {(each.issuer, each.subject) for each in ExternalIdentity.objects.all()}
        assert kept == {(house.issuer, "ada"), (house.issuer, "eve")}
        assert Membership.objects.count() == 2


def test_a_user_name_at_the_provider_takes_nobodys_membership(tenant: Tenant, house: House) -> None:
    admin = make_member(tenant, role="admin", username="root")
    house.account(preferred_username="root", email=admin.user.email)
    pair = travel(tenant, house).json()
    assert pair["role"] == "viewer"
    assert pair["user"]["id"] != admin.user.public_id


def test_without_provisioning_only_members_come_in(acme: Tenant, house: House) -> None:
    configure(acme, "oidc", settings_for(house), provisions=False)
    answer = travel(acme, house)
    assert (answer.status_code, answer.json()["code"]) == (403, "sso-no-access")


def test_groups_make_the_role_and_their_loss_takes_it(acme: Tenant, house: House) -> None:
    rules = [{"group": "clerks", "role": "editor"}]
    configure(acme, "oidc", settings_for(house), group_roles=rules, default_role="")
    house.account(groups=["others", "clerks"])
    assert travel(acme, house).json()["role"] == "editor"
    house.account(groups=["others"])
    assert travel(acme, house).status_code == 403
    with scope_of(acme):
        assert not Membership.objects.exists()


def test_groups_that_only_userinfo_tells_count_as_well(acme: Tenant, house: House) -> None:
    house.change(thin=True)
    house.account(groups=["clerks"])
    configure(acme, "oidc", settings_for(house), group_roles=[{"group": "clerks", "role": "editor"}])
    assert travel(acme, house).json()["role"] == "editor"


def test_what_the_provider_has_seen_is_written_into_the_session(tenant: Tenant, house: House) -> None:
    house.account(amr=["pwd", "mfa", "of-their-own"])
    travel(tenant, house)
    with scope_of(tenant):
        assert Session.objects.get().factors == ["sso", "sso:mfa", "sso:pwd"]


def test_the_providers_second_factor_counts_only_where_it_is_trusted(acme: Tenant, house: House) -> None:
    house.account(amr=["pwd", "mfa"])
    configure(acme, "oidc", settings_for(house), second_factor="required")
    answer = travel(acme, house)
    assert (answer.status_code, answer.json()["code"]) == (401, "mfa-required")
    configure(acme, "oidc", settings_for(house, trusts_second_factor=True), second_factor="required")
    assert travel(acme, house).status_code == 200
    house.account(amr=["pwd"])
    assert travel(acme, house).json()["code"] == "mfa-required"


def test_a_page_comes_back_to_where_it_was_going(tenant: Tenant, house: House) -> None:
    browser = PageClient()
    shown = browser.get(f"/login?tenant={tenant.slug}&next=/invoices%3Fstatus%3Ddraft")
    assert b"Log in with localhost" in shown.content
    sent = browser.get(f"/login/sso/{tenant.slug}?next=/invoices%3Fstatus%3Ddraft")
    back = house.sign_in(sent["Location"])
    through = come_back(browser, back)
    assert through.status_code == 302
    assert through["Location"].startswith("/login/sso/return?")
    end = browser.get(through["Location"])
    assert (end.status_code, end["Location"]) == (302, "/invoices?status=draft")
    assert end.cookies[cookies.ACCESS]["httponly"]
    assert browser.get("/invoices?status=draft").status_code == 200


def test_a_page_that_has_more_to_ask_goes_on_with_the_next_step(acme: Tenant, house: House) -> None:
    configure(acme, "oidc", settings_for(house), second_factor="required")
    browser = PageClient()
    sent = browser.get(f"/login/sso/{acme.slug}?next=/invoices%3Fstatus%3Ddraft")
    end = browser.get(come_back(browser, house.sign_in(sent["Location"]))["Location"])
    assert end.status_code == 302
    assert end["Location"].startswith("/login/step?")
    assert parameters_of(end["Location"])["next"] == "/invoices?status=draft"
    assert browser.get(end["Location"]).status_code == 200


def test_the_former_session_of_the_browser_ends(tenant: Tenant, house: House) -> None:
    browser = PageClient()
    for _ in range(2):
        sent = browser.get(f"/login/sso/{tenant.slug}")
        browser.get(come_back(browser, house.sign_in(sent["Location"]))["Location"])
    with scope_of(tenant):
        assert Session.objects.count() == 2
        assert Session.objects.filter(revoked_at=None).count() == 1


def test_several_trips_of_one_browser_all_come_back(tenant: Tenant, house: House) -> None:
    client = ApiClient()
    backs = [leave(client, tenant, house) for _ in range(2)]
    assert [come_back(client, back).status_code for back in backs] == [200, 200]


def test_a_provider_that_does_not_name_itself_comes_back_to_the_tenants_own_address(
    acme: Tenant, house: House
) -> None:
    own = f"http://127.0.0.1:8000/api/v2/auth/sso/{acme.slug}/callback"
    house.change(silent=True, client=client_at(own))
    configure(acme, "oidc", settings_for(house))
    client = ApiClient()
    sent = start(client, acme)
    assert parameters_of(sent["Location"])["redirect_uri"] == own
    back = house.sign_in(sent["Location"])
    assert "iss" not in parameters_of(back)
    assert come_back(client, back).status_code == 200


def test_only_tenants_with_a_provider_have_a_start(acme: Tenant) -> None:
    for slug in (acme.slug, "nobody", "..", "%00", "a" * 300):
        answer = ApiClient().get(f"/api/v2/auth/sso/{slug}/start")
        assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


def invited_to(tenant: Tenant) -> str:
    return token_of(tenant, make_invitation(tenant, role="editor"))


def accept_page(browser: PageClient, token: str) -> str:
    """The address that the page of an invitation sends to."""
    shown = browser.get(f"/invitations/accept?token={token}").content.decode()
    (path,) = re.findall(r'href="(/login/sso/[^"]+)"', shown)
    assert 'name="password"' not in shown
    return str(path)


def test_an_invited_person_becomes_a_member_by_the_provider(acme: Tenant, house: House) -> None:
    configure(acme, "oidc", settings_for(house), provisions=False, default_role="")
    token = invited_to(acme)
    browser = PageClient()
    back = house.sign_in(browser.get(accept_page(browser, token))["Location"])
    end = browser.get(come_back(browser, back)["Location"])
    assert (end.status_code, end["Location"]) == (302, "/invoices")
    with scope_of(acme):
        member = Membership.objects.get(username="ada")
        assert (member.role, ExternalIdentity.objects.get().membership_id) == ("editor", member.id)
        assert token not in json.dumps(list(SsoRound.objects.values("return_path", "nonce")))
    pair = travel(acme, house).json()
    again = ApiClient().post("/api/v2/auth/refresh", {"refresh": pair["refresh"]})
    assert again.status_code == 200, again.content


def test_an_invitation_that_holds_a_member_holds_one_by_the_provider(acme: Tenant, house: House) -> None:
    configure(acme, "oidc", settings_for(house), provisions=False, default_role="")
    with scope_of(acme):
        held = [make_legal_entity().id]
    token = token_of(acme, make_invitation(acme, role="editor", legal_entities=held))
    browser = PageClient()
    back = house.sign_in(browser.get(accept_page(browser, token))["Location"])
    browser.get(come_back(browser, back)["Location"])
    with scope_of(acme):
        assert Membership.objects.get(username="ada").legal_entities == held


def test_an_invitation_is_accepted_once_and_only_where_it_invites_to(
    acme: Tenant, globex: Tenant, house: House
) -> None:
    configure(acme, "oidc", settings_for(house), provisions=False)
    configure(globex, "oidc", settings_for(house), provisions=False)
    token = invited_to(acme)
    assert PageClient().get(f"/login/sso/{globex.slug}?invitation={token}").status_code == 404
    house.account("eve", preferred_username="eve")
    ada, eve = PageClient(), PageClient()
    way = accept_page(ada, token)
    backs = [
        house.sign_in(client.get(way)["Location"], name) for client, name in ((ada, "ada"), (eve, "eve"))
    ]
    first = ada.get(come_back(ada, backs[0])["Location"])
    second = eve.get(come_back(eve, backs[1])["Location"])
    assert (first.status_code, second.status_code) == (302, 404)
    with scope_of(acme):
        assert [each.subject for each in ExternalIdentity.objects.all()] == ["ada"]
