"""Logging in at a company's own provider, in a real browser and against a real provider."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tenants.models import Tenant
from tenants.web import cookies
from tests.browser.test_pages import inspect
from tests.factories import make_tenant
from tests.factories.openid import (
    ACCOUNT_PASSWORD,
    Directory,
    House,
    client_at,
    configure,
    open_house,
    running,
    settings_for,
)

OpenPage = Callable[..., Page]
# For looking at the pages oneself: a folder for their pictures.
PICTURES = os.environ.get("PICTURES", "")


@pytest.fixture(scope="module")
def directory() -> Iterator[Directory]:
    with running() as process:
        yield process


@pytest.fixture
def house(directory: Directory, base_url: str) -> House:
    house = open_house(directory)
    house.change(client=client_at(f"{base_url}/api/v2/auth/sso/callback"))
    return house


@pytest.fixture
def tenant(house: House) -> Tenant:
    """Asked for before the browser, as everything that needs the database."""
    made = make_tenant("globex")
    configure(made, "oidc", settings_for(house, label="Globex"))
    return made


def look(page: Page, name: str) -> None:
    inspect(page)
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def go_to_provider(page: Page, tenant: Tenant) -> None:
    page.goto("/invoices?status=draft")
    look(page, "sso-company")
    page.get_by_label("Company").fill(tenant.slug)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text(tenant.slug)).to_be_visible()
    look(page, "sso-way-in")
    page.get_by_role("link", name="Log in with Globex").click()
    page.wait_for_url("https://localhost:*/**")


def sign_in(page: Page, answer: str) -> None:
    page.get_by_label("Account").fill("ada")
    page.get_by_label("Password").fill(ACCOUNT_PASSWORD)
    page.get_by_role("button", name=answer).click()


@pytest.mark.parametrize("scripts", [True, False])
def test_one_logs_in_at_the_companys_provider_and_ends_where_one_was_going(
    tenant: Tenant, open_page: OpenPage, scripts: bool
) -> None:
    page = open_page("desk" if scripts else "phone", with_scripts=scripts, strange_tls=True)
    if scripts:
        go_to_provider(page, tenant)
    else:
        page.goto(f"/login?tenant={tenant.slug}&next=/invoices?status=draft")
        page.get_by_role("link", name="Log in with Globex").click()
    sign_in(page, "Sign in")
    page.wait_for_url("**/invoices?status=draft")
    expect(page.get_by_text("No invoices")).to_be_visible()
    names = {each.get("name") for each in page.context.cookies()}
    assert {cookies.ACCESS, cookies.REFRESH} <= names
    page.locator("header summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()


def test_who_cancels_there_is_told_so_here(tenant: Tenant, open_page: OpenPage) -> None:
    page = open_page(strange_tls=True)
    go_to_provider(page, tenant)
    sign_in(page, "Cancel")
    expect(page.get_by_role("alert")).to_have_text("The login was cancelled at the provider.")
    look(page, "sso-cancelled")
    page.go_back()
    page.goto(f"/login?tenant={tenant.slug}")
    page.get_by_text("Use a password instead").click()
    look(page, "sso-password")
    page.get_by_label("User name").fill("ada")
    page.get_by_label("Password").fill("anything")
    page.get_by_role("button", name="Log in by password").click()
    expect(page.get_by_role("alert")).to_contain_text("Passwords are not taken here")
    look(page, "sso-password-refused")
