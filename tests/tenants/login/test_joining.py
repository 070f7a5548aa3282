"""Who becomes a member, as what, and who is recognised."""

from collections.abc import Callable

import pytest

from tenants.models import ExternalIdentity, Membership, Tenant, User
from tenants.services import members
from tests.factories import PASSWORD, make_member, make_tenant, scope_of
from tests.factories.directories import PaperDirectory
from tests.factories.threads import Crew
from tests.tenants.login.asking import code, events_of, how_many, inside, log_in, member_of

Configure = Callable[..., Tenant]


def test_whoever_is_in_a_mapped_group_becomes_a_member_at_the_first_login(
    company: Tenant, paper: PaperDirectory
) -> None:
    ada = paper.hire(groups={"Staff "})
    me = inside(company, ada).get("/api/v2/auth/me").json()
    member = member_of(company, ada)
    assert (me["role"], me["username"], me["user"]["id"]) == ("editor", ada.username, member.user.public_id)
    assert not member.user.has_usable_password()
    ((_, data),) = events_of(company, "member.provisioned")
    assert (data["issuer"], data["subject"], data["role"]) == (paper.issuer, ada.subject, "editor")


def test_the_second_login_is_of_the_same_member(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff"})
    inside(company, ada)
    ada.username = "ada-renamed"
    inside(company, ada)
    assert how_many(company) == 1


def test_the_first_rule_decides(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff", "boss"})
    assert inside(company, ada).get("/api/v2/auth/me").json()["role"] == "admin"


def test_without_a_mapped_group_nobody_comes_in(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"visitors"})
    assert code(log_in(company, ada.username)) == (401, "login-refused")
    assert how_many(company) == 0
    ((_, data),) = events_of(company, "login.refused")
    assert data["username"] == ada.username


def test_a_default_role_is_for_everybody_else(on_paper: Configure, paper: PaperDirectory) -> None:
    tenant = on_paper(
        provisions=True, default_role="viewer", group_roles=[{"group": "boss", "role": "admin"}]
    )
    assert inside(tenant, paper.hire()).get("/api/v2/auth/me").json()["role"] == "viewer"


def test_without_the_switch_nobody_is_made_a_member(on_paper: Configure, paper: PaperDirectory) -> None:
    tenant = on_paper(provisions=False, group_roles=[{"group": "staff", "role": "editor"}])
    ada = paper.hire(groups={"staff"})
    assert log_in(tenant, ada.username).status_code == 401
    assert how_many(tenant) == 0


def test_a_name_that_somebody_bears_gives_no_membership_away(company: Tenant, paper: PaperDirectory) -> None:
    boss = make_member(company, role="admin", username="ada", email="ada@acme.example")
    ada = paper.hire("ada", groups={"staff"})
    inside(company, ada)
    assert member_of(company, ada).id != boss.id
    assert member_of(company, ada).username == "ada-2"


def test_an_e_mail_address_links_nobody(on_paper: Configure, paper: PaperDirectory) -> None:
    tenant = on_paper(provisions=True, links_by_username=True, default_role="viewer")
    make_member(tenant, role="admin", username="boss", email="ada@acme.example")
    ada = paper.hire("ada@acme.example")
    assert inside(tenant, ada).get("/api/v2/auth/me").json()["role"] == "viewer"


def test_where_the_tenant_says_so_a_member_is_recognised_by_the_exact_name_once(
    on_paper: Configure, paper: PaperDirectory
) -> None:
    tenant = on_paper(links_by_username=True)
    before = make_member(tenant, role="editor", username="ada", password=PASSWORD)
    ada = paper.hire("ada")
    assert inside(tenant, ada).get("/api/v2/auth/me").json()["role"] == "editor"
    assert member_of(tenant, ada).id == before.id
    ((_, data),) = events_of(tenant, "identity.linked")
    assert data["subject"] == ada.subject
    paper.fire(ada)
    heir = paper.hire("ada")
    assert code(log_in(tenant, heir.username)) == (401, "login-refused")


def test_the_namesake_in_another_directory_of_the_same_kind_is_somebody_else(
    on_paper: Configure, paper: PaperDirectory
) -> None:
    tenant = on_paper(links_by_username=True)
    make_member(tenant, username="ada")
    inside(tenant, paper.hire("ada"))
    paper.people.clear()
    paper.issuer += "-elsewhere"
    assert log_in(tenant, paper.hire("ada").username).status_code == 401


@pytest.mark.parametrize("other", ["Ada", "ada "])
def test_another_spelling_is_another_name(on_paper: Configure, paper: PaperDirectory, other: str) -> None:
    tenant = on_paper(links_by_username=True)
    make_member(tenant, username="ada")
    assert log_in(tenant, paper.hire(other).username).status_code == 401


def test_who_breaks_the_glass_is_not_taken_over_by_a_name(on_paper: Configure, paper: PaperDirectory) -> None:
    tenant = on_paper(links_by_username=True)
    boss = make_member(tenant, username="boss")
    with scope_of(tenant):
        Membership.objects.filter(id=boss.id).update(is_break_glass=True)
    paper.hire("boss")
    assert log_in(tenant, "boss").status_code == 401
    with scope_of(tenant):
        assert not ExternalIdentity.objects.exists()


def test_a_backend_whose_names_prove_nothing_links_nobody(
    on_paper: Configure, paper: PaperDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PaperDirectory, "names_are_assigned", False)
    tenant = on_paper(links_by_username=True)
    make_member(tenant, username="ada")
    assert log_in(tenant, paper.hire("ada").username).status_code == 401


def test_a_removed_member_stays_removed(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff"})
    inside(company, ada)
    with scope_of(company):
        Membership.objects.filter(id=member_of(company, ada).id).update(is_active=False)
    assert log_in(company, ada.username).status_code == 401
    assert how_many(company) == 1


def test_who_came_back_by_an_administrator_and_was_removed_stays_removed(
    company: Tenant, paper: PaperDirectory
) -> None:
    ada = paper.hire(groups={"staff"})
    inside(company, ada)
    ada.groups.clear()
    assert log_in(company, ada.username).status_code == 401
    member = member_of(company, ada)
    with scope_of(company):
        members.reactivate_member(membership_id=member.id)
        members.deactivate_member(membership_id=member.id)
    ada.groups.add("staff")
    assert log_in(company, ada.username).status_code == 401
    assert not member_of(company, ada).is_active


def test_one_directory_makes_two_people_in_two_tenants(on_paper: Configure, paper: PaperDirectory) -> None:
    acme = on_paper(provisions=True, default_role="viewer")
    globex = on_paper(make_tenant("globex"), provisions=True, default_role="viewer")
    ada = paper.hire()
    inside(acme, ada)
    inside(globex, ada)
    assert member_of(acme, ada).user_id != member_of(globex, ada).user_id


def test_first_logins_at_once_make_one_member(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff"})
    with Crew(6) as crew:
        statuses = crew.all_do(lambda _: log_in(company, ada.username).status_code)
    assert set(statuses) == {200}
    assert how_many(company) == 1
    with scope_of(company):
        assert User.objects.count() == 1
