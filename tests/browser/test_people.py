"""Pages about people and programs in a real browser: one goes through them, and everybody can use them."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from tenants.ids import encode
from tenants.models import Invitation, Membership, Role, Tenant
from tenants.web import cookies
from tests.browser.conftest import Office
from tests.browser.test_pages import inspect
from tests.factories import PASSWORD, ApiClient, client_of, make_member, make_tenant, scope_of
from tests.factories.people import make_invitation, make_key, make_role, token_of

OpenPage = Callable[..., Page]
T = TypeVar("T")
# For looking at the pages oneself: a folder for their pictures.
PICTURES = os.environ.get("PICTURES", "")


def look(page: Page, name: str) -> None:
    inspect(page)
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@dataclass(frozen=True)
class People:
    """What must be there before the browser starts; a browser's own loop lets nobody at the database."""

    office: Office
    login: ApiClient
    elsewhere: ApiClient
    viewer: Membership
    role: Role
    token: str
    token_of_initech: str


@pytest.fixture
def people(office: Office) -> People:
    admin, tenant = office.member, office.member.tenant
    elsewhere = client_of(admin, HTTP_USER_AGENT="Mozilla/5.0 (iPhone) Safari/605")
    viewer = make_member(tenant, role="viewer", name="Grace Hopper", email="grace.hopper@example.com")
    role = make_role(tenant, "members.read", "invoices.read")
    make_member(tenant, role=role.name, name="Somebody with a rather long name, as names go")
    make_key(admin, ["invoices.read", "invoices.write", "catalogue.read"])
    invitation = make_invitation(admin, email="somebody.with.a.long.address@department.example.com")
    initech = make_tenant("initech")
    joining = token_of(initech, make_invitation(initech, role="editor"))
    token = token_of(tenant, invitation)
    return People(office, client_of(admin), elsewhere, viewer, role, token, joining)


def apart(ask: Callable[[], T]) -> T:
    """Ask the database on a thread that has no loop."""

    def work() -> T:
        try:
            return ask()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def sign_in(page: Page, people: People, base_url: str) -> Page:
    """Go on with the session of the administrator."""
    kept = {
        cookies.name_of(cookies.ACCESS): people.login.access,
        cookies.name_of(cookies.REFRESH): people.login.refresh,
    }
    page.context.add_cookies(
        [{"name": name, "value": value, "url": base_url} for name, value in kept.items()]
    )
    page.goto("/invoices")
    return page


def token_to(email: str, tenant: Tenant) -> str:
    with scope_of(tenant):
        invitation = Invitation.objects.get(email=email)
    return token_of(tenant, invitation)


def go(page: Page, name: str) -> None:
    """Through the menu of the account."""
    page.locator("header summary").click()
    page.get_by_role("link", name=name, exact=True).click()


def test_an_administrator_invites_somebody_who_comes(
    people: People, open_page: OpenPage, base_url: str
) -> None:
    page = sign_in(open_page(), people, base_url)
    go(page, "Members")
    page.get_by_label("E-mail address").fill("grace@example.com")
    page.locator("#role").select_option("editor")
    page.get_by_role("button", name="Send the invitation", exact=True).click()
    expect(page.get_by_text("An invitation is on its way to grace@example.com.")).to_be_visible()
    expect(page.get_by_role("button", name="Send the invitation of grace@example.com again")).to_be_visible()
    token = apart(lambda: token_to("grace@example.com", people.office.member.tenant))
    guest = open_page()
    guest.goto(f"/invitations/accept?token={token}")
    guest.get_by_label("Your name").fill("Grace Brewster")
    guest.get_by_label("User name").fill("grace")
    guest.get_by_label("A new password").fill("short")
    guest.get_by_role("button", name="Accept").click()
    expect(guest.get_by_text("At least 12 characters.")).to_be_visible()
    guest.get_by_label("A new password").fill(PASSWORD)
    guest.get_by_role("button", name="Accept").click()
    expect(guest.get_by_text("Welcome: you are now a member")).to_be_visible()
    assert people.office.member.tenant.slug in guest.url
    page.reload()
    page.get_by_role("link", name="Grace Brewster").click()
    page.get_by_label("Role").select_option("viewer")
    page.get_by_role("button", name="Change the role").click()
    expect(page.get_by_text("Grace Brewster has another role.")).to_be_visible()
    page.get_by_text("Remove from").click()
    page.get_by_role("button", name="Remove this member").click()
    expect(page.get_by_text("Grace Brewster is no longer a member")).to_be_visible()
    page.get_by_role("button", name="Make a member again").click()
    expect(page.get_by_text("Grace Brewster is a member again.")).to_be_visible()


def test_the_last_administrator_is_told_why_not(people: People, open_page: OpenPage, base_url: str) -> None:
    page = sign_in(open_page(), people, base_url)
    go(page, "Members")
    page.get_by_role("link", name="Ada Lovelace").click()
    page.get_by_text("Remove from").click()
    page.get_by_role("button", name="Remove this member").click()
    expect(page.get_by_text("Somebody must be left who can manage the members.")).to_be_visible()


def test_a_key_is_shown_once_and_works(people: People, open_page: OpenPage, base_url: str) -> None:
    page = sign_in(open_page(), people, base_url)
    go(page, "API keys")
    page.get_by_label("What it is for").fill("Web shop")
    page.get_by_label("See invoices and credit notes").check()
    page.get_by_role("button", name="Make the key").click()
    token = page.get_by_role("textbox", name="Key Web shop").input_value()
    answer = page.request.get("/api/v2/invoices?limit=1", headers={"Authorization": f"Bearer {token}"})
    assert answer.status == 200
    page.goto("/api-keys")
    assert token not in page.content()
    page.get_by_role("button", name="Rotate the key Web shop").click()
    expect(page.get_by_text("works until")).to_be_visible()
    expect(page.get_by_text("being replaced")).to_be_visible()
    page.get_by_role("button", name="Revoke the key Web shop").last.click()
    expect(page.get_by_text("opens nothing any more")).to_be_visible()


def test_a_role_is_made_and_changed_without_scripts(
    people: People, open_page: OpenPage, base_url: str
) -> None:
    page = sign_in(open_page("phone", with_scripts=False), people, base_url)
    page.goto("/roles")
    page.get_by_label("Title").fill("Drafting")
    page.get_by_label("Name for programs").fill("admin")
    page.get_by_label("Draft invoices and credit notes").check()
    page.get_by_role("button", name="Make the role").click()
    expect(page.get_by_text("There is a role of this name.").first).to_be_visible()
    expect(page.get_by_label("Draft invoices and credit notes")).to_be_checked()
    page.get_by_label("Name for programs").fill("drafting")
    page.get_by_role("button", name="Make the role").click()
    page.get_by_role("link", name="Drafting").click()
    page.get_by_label("See invoices and credit notes").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The role is changed.")).to_be_visible()
    page.get_by_role("button", name="Take out of use").click()
    expect(page.get_by_text("The role is out of use.")).to_be_visible()


def test_one_ends_a_session_elsewhere_and_then_all(
    people: People, open_page: OpenPage, base_url: str
) -> None:
    page = sign_in(open_page(), people, base_url)
    go(page, "My sessions")
    expect(page.get_by_text("this session")).to_have_count(1)
    page.get_by_role("button", name="End the session on Safari on iPhone").click()
    expect(page.get_by_text("That session is over.")).to_be_visible()
    answer = page.request.post("/api/v2/auth/refresh", data={"refresh": people.elsewhere.refresh})
    assert answer.status == 401
    page.get_by_role("button", name="Log out everywhere").click()
    expect(page.get_by_text("You are logged out everywhere.")).to_be_visible()


def test_a_person_who_exists_joins_as_who_they_are(
    people: People, open_page: OpenPage, base_url: str
) -> None:
    page = sign_in(open_page(), people, base_url)
    page.goto(f"/invitations/accept?token={people.token_of_initech}")
    look(page, "accept-join")
    page.get_by_role("button", name="Join as who I am").click()
    page.goto("/invoices")
    page.locator("header summary").click()
    expect(page.get_by_role("button", name="Initech")).to_be_visible()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_pages_about_people_are_accessible_and_fit(
    people: People, open_page: OpenPage, base_url: str, size: str
) -> None:
    guest = open_page(size)
    for address in (f"/invitations/accept?token={people.token}", "/invitations/accept?token=gone"):
        guest.goto(address)
        look(guest, f"{size}-accept-{len(address)}")
    page = sign_in(open_page(size), people, base_url)
    page.locator("header summary").click()
    look(page, f"{size}-menu")
    addresses = {
        "members": "/members",
        "nobody": "/members?q=zzz",
        "member": f"/members/{encode('mem', people.viewer.id)}",
        "roles": "/roles",
        "role": f"/roles/{people.role.public_id}",
        "keys": "/api-keys",
        "sessions": "/sessions",
    }
    for name, address in addresses.items():
        page.goto(address)
        look(page, f"{size}-{name}")
    page.goto("/api-keys")
    page.get_by_label("What it is for").fill("Web shop")
    page.get_by_role("button", name="Make the key").click()
    expect(page.get_by_text("A key without a scope opens nothing.")).to_be_visible()
    look(page, f"{size}-key-refused")
    page.get_by_label("See invoices and credit notes").check()
    page.get_by_role("button", name="Make the key").click()
    look(page, f"{size}-key-made")
