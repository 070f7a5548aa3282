"""Going to another tenant: what was proved here counts for no more there than it proves."""

from typing import Any

import pytest

from tenants.models import Membership, Session, Tenant
from tests.factories import PASSWORD, ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.directories import PaperDirectory
from tests.factories.factors import VERIFY, give_app, set_rules, try_login
from tests.factories.pages import PageClient
from tests.tenants.login.asking import code, inside, member_of, refresh


@pytest.fixture
def here(acme: Tenant) -> Membership:
    return make_member(acme, password=PASSWORD)


@pytest.fixture
def there(here: Membership, globex: Tenant) -> Membership:
    """The same person in another tenant."""
    return make_member(globex, user=here.user)


def switch(client: ApiClient, tenant: Tenant) -> Any:
    return client.post("/api/v2/auth/switch-tenant", {"tenant": tenant.slug})


def sessions_of(member: Membership) -> int:
    with scope_of(member.tenant):
        return Session.objects.filter(membership_id=member.id).count()


def test_a_factor_enrolled_there_is_asked_for_and_the_login_stays_as_old(
    here: Membership, there: Membership
) -> None:
    client = client_of(here)
    app = give_app(there)
    asked = switch(client, there.tenant)
    assert code(asked) == (401, "mfa-required")
    assert sessions_of(there) == 0
    challenge = asked.json()["challenge"]
    answer = client.post(VERIFY, {"challenge": challenge, "method": "totp", "code": app.code()})
    assert answer.status_code == 200, answer.content
    with scope_of(here.tenant):
        before = Session.objects.get(membership_id=here.id)
    with scope_of(there.tenant):
        after = Session.objects.get(membership_id=there.id)
    assert (after.auth_time, after.ends_at) == (before.auth_time, before.ends_at)
    assert after.factors == ["mfa", "otp", "pwd"]


def test_a_tenant_that_demands_a_factor_has_one_enrolled_first(here: Membership, there: Membership) -> None:
    set_rules(there.tenant, second_factor="required")
    asked = switch(client_of(here), there.tenant)
    assert (code(asked), asked.json()["enrol"]) == ((401, "mfa-required"), True)
    assert sessions_of(there) == 0


def test_a_factor_shown_here_is_none_there(here: Membership, there: Membership) -> None:
    """Whoever stole the password could enrol one here, and walk on with it."""
    app = give_app(here)
    client = ApiClient()
    asked = try_login(here, client=client).json()["challenge"]
    pair = client.post(VERIFY, {"challenge": asked, "method": "totp", "code": app.code()}).json()
    client.carry(here, access=pair["access"], refresh=pair["refresh"])
    set_rules(there.tenant, second_factor_roles=["admin"])
    assert code(switch(client, there.tenant)) == (401, "mfa-required")
    assert sessions_of(there) == 0


def test_a_directory_speaks_for_its_own_company_alone(
    company: Tenant, paper: PaperDirectory, on_paper: Any
) -> None:
    ada = paper.hire(groups={"boss"})
    client = inside(company, ada)
    user = member_of(company, ada).user
    passwords = make_member(make_tenant("globex"), user=user)
    same = make_member(on_paper(make_tenant("sister")), user=user)
    for target in (passwords, same):
        assert code(switch(client, target.tenant)) == (403, "other-login")
        assert sessions_of(target) == 0


def test_a_directory_is_told_of_no_other_company_and_ends_no_session_there(
    on_paper: Any, paper: PaperDirectory
) -> None:
    """Whoever administers the directory could be anybody in it."""
    company, elsewhere = on_paper(links_by_username=True), make_tenant("globex")
    ada = make_member(company, username="ada", password=PASSWORD)
    there = client_of(make_member(elsewhere, user=ada.user))
    impostor = inside(company, paper.hire("ada"))
    assert elsewhere.slug not in impostor.get("/api/v2/auth/me").content.decode()
    assert elsewhere.slug not in impostor.get("/api/v1/auth/me").content.decode()
    browser = PageClient().carry(access=impostor.access, refresh=impostor.refresh)
    assert elsewhere.slug not in browser.get("/sessions").content.decode()
    assert impostor.post("/api/v2/auth/logout-everywhere").status_code == 204
    assert impostor.get("/api/v2/auth/me").status_code == 401
    mine = there.get("/api/v2/auth/me")
    assert mine.status_code == 200
    assert {place["slug"] for place in mine.json()["memberships"]} == {company.slug, elsewhere.slug}


def test_not_even_after_its_company_has_left_it(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"boss"})
    client = inside(company, ada)
    target = make_member(make_tenant("globex"), user=member_of(company, ada).user)
    with scope_of(company):
        Tenant.objects.filter(id=company.id).update(auth_backend="password")
    assert code(switch(client, target.tenant)) == (403, "other-login")
    assert code(refresh(client)) == (401, "refresh-refused")


def test_a_password_that_is_too_old_there_has_to_be_changed(here: Membership, there: Membership) -> None:
    client = client_of(here)
    with scope_of(there.tenant):
        Membership.objects.filter(id=there.id).update(must_change_password=True)
    assert code(switch(client, there.tenant)) == (403, "password-change-required")
    assert sessions_of(there) == 0
