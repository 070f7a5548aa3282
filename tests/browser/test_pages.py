"""The pages in a real browser: what they do, without scripts as well, and who can use them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tenants.ids import encode
from tenants.web import cookies
from tests.browser.conftest import Office

OpenPage = Callable[..., Page]
LogIn = Callable[[Page], Page]
AXE = (Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def rows(page: Page) -> Any:
    return page.locator("tbody tr")


def test_a_clerk_finds_an_invoice_and_sees_how_its_total_came_about(
    open_page: OpenPage, log_in: LogIn, office: Office
) -> None:
    page = log_in(open_page())
    page.evaluate("window.sameDocument = true")
    page.get_by_label("Status").select_option("draft")
    page.wait_for_url("**/invoices?status=draft")
    expect(rows(page)).to_have_count(2)
    page.get_by_label("Status").select_option("")
    page.get_by_label("Number or customer").press_sequentially("olivar", delay=20)
    page.wait_for_url("**/invoices?q=olivar")
    expect(rows(page)).to_have_count(14)
    expect(page.locator("#results-status")).to_have_text("14 invoices shown.")
    assert page.evaluate("window.sameDocument"), "filters replace the results, not the page"
    page.get_by_role("link", name=str(office.issued[-1].number)).click()
    page.get_by_text("How each total came about").click()
    expect(page.get_by_text("before rounding: 2,474.509275")).to_be_visible()
    expect(page.get_by_text("Created by Ada Lovelace")).to_be_visible()


def test_one_pages_through_the_list_and_back(open_page: OpenPage, log_in: LogIn) -> None:
    page = log_in(open_page())
    expect(rows(page)).to_have_count(25)
    page.get_by_role("link", name="Older").click()
    expect(rows(page)).to_have_count(5)
    expect(page.locator("#results")).to_be_focused()
    page.go_back()
    expect(rows(page)).to_have_count(25)
    assert page.url.endswith("/invoices")
    page.go_forward()
    expect(rows(page)).to_have_count(5)
    page.get_by_role("link", name="Newest").click()
    expect(rows(page)).to_have_count(25)


def test_everything_works_without_scripts(open_page: OpenPage, log_in: LogIn, office: Office) -> None:
    page = log_in(open_page("phone", with_scripts=False))
    page.get_by_role("link", name="Older").click()
    expect(rows(page)).to_have_count(5)
    page.get_by_label("Status").select_option("issued")
    page.get_by_text("Dates", exact=True).click()
    page.get_by_label("Issued until").fill("2026-01-03")
    page.get_by_role("button", name="Filter").click()
    expect(rows(page)).to_have_count(3)
    page.get_by_role("link", name=str(office.issued[0].number)).click()
    page.locator("header summary").click()
    page.get_by_role("button", name="Globex").click()
    expect(page.get_by_text("You are now working for")).to_be_visible()
    expect(page.get_by_text("No invoices yet")).to_be_visible()
    page.locator("header summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()


def test_after_the_logout_the_way_back_shows_nothing(open_page: OpenPage, log_in: LogIn) -> None:
    page = log_in(open_page())
    page.locator("header summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.go_back()
    page.wait_for_url("**/login?next=*")
    expect(rows(page)).to_have_count(0)


def test_a_session_ended_elsewhere_sends_a_filter_to_the_login(open_page: OpenPage, log_in: LogIn) -> None:
    page = log_in(open_page())
    kept = {each.get("name"): each.get("value", "") for each in page.context.cookies()}
    answer = page.request.post("/api/v2/auth/logout", data={"refresh": kept[cookies.REFRESH]})
    assert answer.status == 204
    # The server may have believed in the session up to five seconds ago.
    page.context.clear_cookies(name=cookies.ACCESS)
    page.get_by_label("Status").select_option("draft")
    page.wait_for_url("**/login?next=*")
    expect(page.get_by_text("Your session is over.")).to_be_visible()


def test_two_tabs_that_refresh_at_once_stay_logged_in(open_page: OpenPage, log_in: LogIn) -> None:
    page = log_in(open_page())
    page.context.clear_cookies(name=cookies.ACCESS)
    addresses = page.evaluate(
        "Promise.all([1, 2, 3, 4].map(() => fetch('/invoices'))).then(all => all.map(each => each.url))"
    )
    assert all(address.endswith("/invoices") for address in addresses)
    page.reload()
    expect(rows(page)).to_have_count(25)


def test_no_script_of_a_page_can_read_the_login(open_page: OpenPage, log_in: LogIn) -> None:
    page = log_in(open_page())
    assert page.evaluate("document.cookie") == ""


def test_a_lost_connection_is_told(open_page: OpenPage, log_in: LogIn) -> None:
    page = log_in(open_page())
    page.context.set_offline(True)
    page.get_by_label("Status").select_option("draft")
    expect(page.get_by_text("The server cannot be reached.")).to_be_visible()


def test_the_keyboard_alone_is_enough(open_page: OpenPage, log_in: LogIn) -> None:
    page = log_in(open_page())
    page.reload()
    focused = "document.activeElement.innerText || document.activeElement.id"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Skip to content"
    page.keyboard.press("Tab")
    assert page.evaluate(focused).strip() == "Quittance"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Invoices"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Log out")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Log out")).not_to_be_visible()
    assert "Ada Lovelace" in page.evaluate(focused)
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "q"
    page.locator("a.skip").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "q"


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_pages_are_accessible_and_fit(open_page: OpenPage, log_in: LogIn, office: Office, size: str) -> None:
    page = open_page(size)
    page.goto("/login")
    inspect(page)
    page.fill("#tenant", "nowhere")
    page.get_by_role("button", name="Continue").click()
    inspect(page)
    page.fill("#username", "nobody")
    page.fill("#password", "nothing")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    inspect(page)
    log_in(page)
    inspect(page)
    page.locator("header summary").click()
    inspect(page)
    invoice = f"/invoices/{encode('inv', office.issued[0].id)}"
    draft = f"/invoices/{encode('inv', office.drafts[0].id)}"
    for address in (
        "/invoices?due_to=2026-02-05&overdue=true",
        "/invoices?q=nobody",
        "/invoices?status=lost",
        f"/invoices?customer={encode('cus', office.issued[0].customer)}",
        invoice,
        draft,
        "/invoices/inv_1",
        "/nothing",
    ):
        page.goto(address)
        inspect(page)
    page.goto(invoice)
    page.get_by_text("How each total came about").click()
    inspect(page)


def inspect(page: Page) -> None:
    """No finding of axe's rules, best practices included, and nothing wider than the screen."""
    page.evaluate(AXE)
    result = page.evaluate("axe.run({resultTypes: ['violations']})")
    found = [
        f"{page.url}: {violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in result["violations"]
        for node in violation["nodes"]
    ]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
