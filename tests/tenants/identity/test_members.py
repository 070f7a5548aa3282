"""Tenants and who works for them: the rules that the database alone would not keep."""

import pytest
from django.db import OperationalError

from tenants import scope
from tenants.errors import DomainError, InvalidInput, NotFound
from tenants.models import Membership, Tenant
from tenants.services import members, onboarding
from tests.factories import client_of, make_member, scope_of, unique
from tests.factories.threads import Crew


def administrators(tenant: Tenant) -> int:
    with scope_of(tenant):
        return Membership.objects.filter(role="admin").count()


def test_a_tenant_is_made_in_its_own_scope_and_leaves_the_caller_s() -> None:
    tenant = onboarding.onboard_tenant(slug=unique("acme"), name="Acme", time_zone="Europe/Berlin")
    assert scope.current_or_none() is None
    with scope_of(tenant):
        assert Tenant.objects.get().slug == tenant.slug


def test_a_slug_is_taken_once(acme: Tenant) -> None:
    with pytest.raises(onboarding.SlugTaken):
        onboarding.onboard_tenant(slug=acme.slug, name="Acme")


@pytest.mark.parametrize("slug", ["", "Acme", "-acme", "acme-", "a" * 64, "ac me", "acmé", "acme\n"])
def test_a_slug_is_plain(slug: str) -> None:
    with pytest.raises(InvalidInput):
        onboarding.onboard_tenant(slug=slug, name="Acme")


def test_a_time_zone_exists() -> None:
    with pytest.raises(InvalidInput):
        onboarding.onboard_tenant(slug=unique("acme"), name="Acme", time_zone="Mars/Olympus")


def test_a_username_belongs_to_one_member_of_a_tenant_and_may_exist_in_another(
    acme: Tenant, globex: Tenant
) -> None:
    make_member(acme, username="ada")
    make_member(globex, username="ada")
    with pytest.raises(members.UsernameTaken):
        make_member(acme, username="ada")
    with scope_of(acme):
        assert Membership.objects.count() == 1


def test_nobody_is_a_member_twice(acme: Tenant) -> None:
    member = make_member(acme)
    with pytest.raises(members.UsernameTaken):
        make_member(acme, user=member.user)


def test_a_role_must_exist(acme: Tenant) -> None:
    with pytest.raises(members.UnknownRole):
        make_member(acme, role="root")


def test_the_last_administrator_stays(acme: Tenant) -> None:
    last = make_member(acme, role="admin")
    make_member(acme, role="editor")
    with scope_of(acme):
        with pytest.raises(members.LastAdministrator):
            members.deactivate_member(membership_id=last.id)
        with pytest.raises(members.LastAdministrator):
            members.change_role(membership_id=last.id, role="viewer")
        members.change_role(membership_id=last.id, role="admin")
    assert administrators(acme) == 1


def test_all_but_one_administrator_may_go(acme: Tenant) -> None:
    first, second = make_member(acme), make_member(acme)
    with scope_of(acme):
        members.change_role(membership_id=first.id, role="viewer")
        with pytest.raises(members.LastAdministrator):
            members.deactivate_member(membership_id=second.id)
    assert administrators(acme) == 1


def test_administrators_who_remove_each_other_leave_one(acme: Tenant) -> None:
    with Crew(6) as crew:
        for _ in range(5):
            everybody = [make_member(acme, role="admin") for _ in range(crew.size - administrators(acme))]
            with scope_of(acme):
                everybody = list(Membership.objects.filter(role="admin").order_by("id"))

            def leave(number: int, people: list[Membership] = everybody) -> str:
                with scope_of(acme):
                    try:
                        members.deactivate_member(membership_id=people[number].id)
                    except (DomainError, OperationalError) as error:
                        return type(error).__name__
                return "left"

            outcomes = crew.all_do(leave)
            assert sorted(outcomes) == ["LastAdministrator", *["left"] * (crew.size - 1)]
            assert administrators(acme) == 1


def test_a_member_of_another_tenant_is_not_found(acme: Tenant, globex: Tenant) -> None:
    theirs = make_member(globex, role="editor")
    make_member(acme)
    with scope_of(acme):
        with pytest.raises(NotFound):
            members.deactivate_member(membership_id=theirs.id)
        with pytest.raises(NotFound):
            members.change_role(membership_id=theirs.id, role="admin")
    with scope_of(globex):
        assert Membership.objects.get(id=theirs.id).role == "editor"


def test_a_changed_role_counts_at_once_in_this_process(acme: Tenant) -> None:
    make_member(acme, role="admin")
    client = client_of(make_member(acme, role="admin"))
    assert client.get("/api/v2/members").status_code == 200
    with scope_of(acme):
        members.change_role(membership_id=client.member.id, role="viewer")  # type: ignore[union-attr]
    assert client.get("/api/v2/members").status_code == 403
