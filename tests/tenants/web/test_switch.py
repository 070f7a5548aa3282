"""Going on in another tenant of the same person."""

import pytest

from tenants.models import Membership, Session, Tenant
from tests.factories import make_member, scope_of
from tests.factories.pages import PageClient, pages_of


@pytest.fixture
def here(acme: Tenant) -> Membership:
    return make_member(acme, role="viewer", name="Ada Lovelace")


@pytest.fixture
def there(here: Membership, globex: Tenant) -> Membership:
    return make_member(globex, role="admin", user=here.user)


def open_sessions(tenant: Tenant) -> int:
    with scope_of(tenant):
        return Session.objects.filter(revoked_at=None).count()


@pytest.mark.usefixtures("there")
def test_the_menu_offers_the_other_tenants_of_the_person_only(
    acme: Tenant, globex: Tenant, here: Membership
) -> None:
    page = pages_of(here).get("/invoices").content.decode()
    assert f'value="{globex.slug}"' in page
    assert f'value="{acme.slug}"' not in page
    assert 'name="tenant"' not in pages_of(make_member(acme)).get("/invoices").content.decode()


@pytest.mark.usefixtures("there")
def test_switching_replaces_the_session(acme: Tenant, globex: Tenant, here: Membership) -> None:
    pages = pages_of(here)
    former = pages.access
    assert pages.submit("/switch", {"tenant": globex.slug})["Location"] == "/invoices"
    page = pages.get("/invoices").content.decode()
    assert f"You are now working for {globex.name}." in page
    assert globex.name in page
    assert (open_sessions(acme), open_sessions(globex)) == (0, 1)
    assert PageClient().carry(access=former, refresh="").get("/invoices").status_code == 302


@pytest.mark.usefixtures("there")
def test_switching_renews_nothing(acme: Tenant, globex: Tenant, here: Membership) -> None:
    pages = pages_of(here)
    pages.submit("/switch", {"tenant": globex.slug})
    ends = []
    for tenant in (acme, globex):
        with scope_of(tenant):
            ends.append(Session.objects.get().ends_at)
    assert ends[0] == ends[1]


def test_nobody_switches_to_where_they_do_not_work(acme: Tenant, globex: Tenant, here: Membership) -> None:
    pages = pages_of(here)
    for slug in (globex.slug, "nowhere"):
        answer = pages.submit("/switch", {"tenant": slug})
        assert answer.status_code == 404
        assert globex.name not in answer.content.decode()
    assert (open_sessions(acme), open_sessions(globex)) == (1, 0)
    assert acme.name in pages.get("/invoices").content.decode()


@pytest.mark.usefixtures("there")
def test_a_switch_that_another_site_sends_does_nothing(
    acme: Tenant, globex: Tenant, here: Membership
) -> None:
    pages = pages_of(here)
    assert pages.post("/switch", {"tenant": globex.slug}).status_code == 403
    assert (open_sessions(acme), open_sessions(globex)) == (1, 0)


@pytest.mark.usefixtures("there")
def test_a_tenant_with_another_way_in_asks_for_a_login_of_its_own(globex: Tenant, here: Membership) -> None:
    with scope_of(globex):
        Tenant.objects.filter(id=globex.id).update(auth_backend="ldap")
    pages = pages_of(here)
    answer = pages.submit("/switch", {"tenant": globex.slug})
    assert answer["Location"] == f"/login?tenant={globex.slug}"
    assert open_sessions(globex) == 0


def test_nobody_switches_without_a_login(globex: Tenant) -> None:
    answer = PageClient().submit("/switch", {"tenant": globex.slug})
    assert answer["Location"] == "/login"
