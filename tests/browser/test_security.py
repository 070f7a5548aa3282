"""Second factors in a real browser: its own authenticator, the steps of a login, who can use the pages."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, CDPSession, Page, expect

from tenants.domain.totp import code_of
from tenants.models import Membership
from tests.browser.conftest import SIZES, Office, complaint_of
from tests.factories import PASSWORD, make_member, scope_of
from tests.factories.factors import set_rules

AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
NEW = "quite another passphrase"
OpenNamed = Callable[..., Page]


@dataclass
class Staff:
    """Whom the tests log in as; made before the browser runs."""

    plain: Membership
    demanded: Membership
    due: Membership


@pytest.fixture
def staff(office: Office, globex: Any) -> Staff:
    """Somebody without demands, somebody whose company demands a factor, somebody who must change."""
    set_rules(globex, second_factor="required")
    due = make_member(office.member.tenant, role="editor", name="Dora Due", password=PASSWORD)
    with scope_of(due.tenant):
        Membership.objects.filter(id=due.id).update(must_change_password=True)
    return Staff(
        plain=make_member(office.member.tenant, role="editor", name="Paul Plain", password=PASSWORD),
        demanded=make_member(globex, role="editor", name="Dina Demanded", password=PASSWORD),
        due=due,
    )


@pytest.fixture
def open_named(staff: Staff, browser: Browser, named_url: str) -> Iterator[OpenNamed]:
    """A page of a new visitor by the name of the host, with every complaint as a failure."""
    del staff
    complaints: list[str] = []

    def open_one(size: str = "desk", *, with_scripts: bool = True) -> Page:
        context = browser.new_context(
            base_url=named_url,
            viewport=SIZES[size],
            java_script_enabled=with_scripts,
            locale="en-GB",
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(complaint_of(message)))
        return page

    yield open_one
    assert complaints == []


def authenticator(page: Page) -> CDPSession:
    """A platform authenticator that knows its user, plugged into the browser of a page."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return session


def log_in(page: Page, member: Membership, password: str = PASSWORD) -> Page:
    page.goto(f"/login?tenant={member.tenant.slug}")
    page.fill("#username", member.username)
    page.fill("#password", password)
    page.get_by_role("button", name="Log in").click()
    return page


def log_out(page: Page) -> None:
    page.locator("header summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")


def code_on(page: Page) -> str:
    """What an app shows that was given the key on the page."""
    page.get_by_text("You cannot scan it?").click()
    key = page.locator("#secret").inner_text().replace(" ", "").replace("\n", "")
    return code_of(secret=key, at=timezone.now())


def findings(page: Page) -> list[str]:
    """What axe finds wrong on the page as it stands."""
    page.evaluate(AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{each['id']}: {node['failureSummary']} {node['html']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


def test_a_passkey_of_the_browser_is_added_and_opens_the_next_login(
    open_named: OpenNamed, staff: Staff
) -> None:
    page = open_named()
    authenticator(page)
    log_in(page, staff.plain).wait_for_url("**/invoices")
    page.goto("/security")
    assert findings(page) == []
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Name").fill("This laptop")
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("list", name="Recovery codes").get_by_role("listitem")).to_have_count(10)
    assert findings(page) == []
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("link", name="Remove This laptop")).to_be_visible()
    log_out(page)
    log_in(page, staff.plain).wait_for_url("**/login/step")
    assert findings(page) == []
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url("**/invoices")
    page.goto("/security")
    page.get_by_role("link", name="Remove This laptop").click()
    assert findings(page) == []
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_text("None yet")).to_be_visible()


def test_a_browser_without_the_passkey_says_so_and_leaves_other_ways(
    open_named: OpenNamed, staff: Staff
) -> None:
    page = open_named()
    session = authenticator(page)
    log_in(page, staff.plain).wait_for_url("**/invoices")
    page.goto("/security/change?do=add-passkey")
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Make the passkey").click()
    listed = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(listed).to_have_count(10)
    codes = listed.all_inner_texts()
    log_out(page)
    session.send("WebAuthn.disable")
    authenticator(page)
    log_in(page, staff.plain).wait_for_url("**/login/step")
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_text("The passkey was not used.")).to_be_visible()
    page.get_by_label("Recovery code").fill(codes[0])
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/invoices")


@pytest.mark.parametrize("with_scripts", [True, False])
def test_the_first_login_sets_up_an_app_with_and_without_scripts(
    open_named: OpenNamed, staff: Staff, with_scripts: bool
) -> None:
    page = open_named("phone", with_scripts=with_scripts)
    log_in(page, staff.demanded).wait_for_url("**/login/step")
    passkey = page.get_by_role("button", name="Use a passkey of this device")
    expect(passkey).to_be_visible(visible=with_scripts)
    page.get_by_role("button", name="Use an authenticator app").click()
    code = code_on(page)
    if with_scripts:
        assert findings(page) == []
    page.get_by_label("Code", exact=True).fill("000000")
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("alert")).to_contain_text("not the code")
    page.get_by_label("Code", exact=True).fill(code)
    page.get_by_role("button", name="Confirm").click()
    expect(page.get_by_role("heading", name="Your recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url("**/invoices")


def test_a_password_that_has_to_change_is_changed_on_the_way_in(open_named: OpenNamed, staff: Staff) -> None:
    page = open_named("phone")
    log_in(page, staff.due).wait_for_url("**/login/step")
    assert findings(page) == []
    page.get_by_label("New password").fill(NEW)
    page.get_by_label("The same once more").fill(NEW)
    page.get_by_role("button", name="Change and go on").click()
    page.wait_for_url("**/invoices")
    expect(page.get_by_text("Your password is changed")).to_be_visible()
