"""Crediting an invoice in a real browser: at a desk, on a phone, and for whoever has it read out."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from invoicing.models import LegalEntity
from tenants.ids import encode
from tests.browser.conftest import Office
from tests.browser.test_pages import inspect
from tests.factories import scope_of

OpenPage = Callable[..., Page]
LogIn = Callable[[Page], Page]
# Where somebody wants to look at the pages: a folder for pictures.
PICTURES = os.environ.get("PICTURES")


def picture(page: Page, name: str) -> None:
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.fixture
def voiding_office(office: Office) -> Office:
    """The office, whose legal entity voids documents."""
    with scope_of(office.member.tenant, member=office.member):
        LegalEntity.objects.update(may_void=True)
    return office


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_clerk_credits_pieces_then_cancels_the_rest(
    voiding_office: Office, open_page: OpenPage, log_in: LogIn, size: str
) -> None:
    invoice = voiding_office.issued[-1]
    page = log_in(open_page(size))
    page.goto(f"/invoices/{encode('inv', invoice.id)}")
    expect(page.get_by_text("Void this document…")).to_be_visible()
    picture(page, f"invoice-{size}")
    page.get_by_role("link", name="Credit…").click()
    inspect(page)
    page.get_by_label("Pieces back of line 1").fill("9")
    page.get_by_role("button", name="Issue the credit note").click()
    expect(page.get_by_text("more than is left").first).to_be_visible()
    picture(page, f"refused-{size}")
    inspect(page)
    assert page.get_by_label("Pieces back of line 1").input_value() == "9"
    page.get_by_label("Pieces back of line 1").fill("2")
    page.get_by_label("Reason, as the customer reads it").fill("Two came back broken")
    page.get_by_role("button", name="Issue the credit note").click()
    expect(page.get_by_text("This credit note corrects invoice")).to_be_visible()
    page.get_by_text("How each total came about").click()
    expect(page.get_by_text("left of the invoice's tax before").first).to_be_visible()
    picture(page, f"credit-note-{size}")
    inspect(page)
    page.get_by_role("link", name=str(invoice.number)).first.click()
    expect(page.get_by_text("Void this document…")).to_have_count(0)
    page.get_by_text("Cancel this invoice…").click()
    picture(page, f"cancel-{size}")
    page.get_by_role("button", name="Cancel by a credit note").click()
    expect(page.get_by_text("Nothing is left to credit.")).to_be_visible()
    picture(page, f"cancelled-{size}")
    inspect(page)
