"""Pages of a company with a directory: prolonged, ended and unavailable as the API is."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from tenants.models import Tenant
from tests.factories import PASSWORD
from tests.factories.directories import Entry, PaperDirectory
from tests.factories.pages import PageClient

PAGE = "/invoices"


@pytest.fixture
def ada(paper: PaperDirectory) -> Entry:
    return paper.hire(groups={"boss"})


@pytest.fixture
def pages(company: Tenant, ada: Entry) -> PageClient:
    """A browser that the directory let in."""
    browser = PageClient()
    form = {"tenant": company.slug, "username": ada.username, "password": PASSWORD}
    assert browser.submit("/login", form).status_code == 302
    assert browser.get(PAGE).status_code == 200
    return browser


def after_an_hour(browser: PageClient) -> int:
    """What a page answers once the access token is over."""
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        status: int = browser.get(PAGE).status_code
    return status


def test_a_page_is_prolonged_while_the_directory_says_so(pages: PageClient) -> None:
    assert after_an_hour(pages) == 200


def test_who_is_lost_is_sent_to_the_login(pages: PageClient, ada: Entry) -> None:
    ada.is_active = False
    assert after_an_hour(pages) == 302
    assert pages.access == ""


def test_who_has_to_come_in_person_is_too(pages: PageClient, paper: PaperDirectory) -> None:
    paper.wants_the_person = True
    assert after_an_hour(pages) == 302


def test_an_outage_is_one_and_logs_nobody_out(pages: PageClient, paper: PaperDirectory) -> None:
    with paper.down():
        assert after_an_hour(pages) == 503
    assert after_an_hour(pages) == 200
