"""A real server with a real Chromium in front of it."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from django_redis import get_redis_connection
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright

from audit.workflows import relay
from invoicing.domain.record import InvoiceRecord
from invoicing.services.creating import create_invoices
from tenants.http.throttling import address_limit
from tenants.models import Membership, Tenant
from tests.factories import PASSWORD, make_member, scope_of
from tests.factories.granian import granian
from tests.factories.invoicing import a_draft, a_line, make_customer, make_legal_entity

MISSING = "Chromium is missing: apt-get install chromium fonts-dejavu-core (as root: make test does it)"
SIZES = {"desk": ViewportSize(width=1280, height=900), "phone": ViewportSize(width=390, height=844)}
_WANTED = ("Failed to load resource", "htmx:sendError", "htmx:afterRequest")


@dataclass(frozen=True)
class Office:
    """A tenant with thirty documents, and somebody to look at them."""

    member: Membership
    drafts: list[InvoiceRecord]
    issued: list[InvoiceRecord]


@pytest.fixture(autouse=True)
def forget_refusals() -> None:
    """Every browser calls from one address, as do other tests: it must not have failed too often before."""
    get_redis_connection("default").delete(address_limit("127.0.0.1").key)


@pytest.fixture
def office(acme: Tenant, globex: Tenant) -> Office:
    member = make_member(acme, role="admin", name="Ada Lovelace", password=PASSWORD)
    make_member(globex, role="viewer", user=member.user)
    with scope_of(acme, member=member):
        make_legal_entity()
        buyers = [
            make_customer(name=name, city="Utrecht") for name in ("Bakkerij de Molen", "Olivar del Sur")
        ]
        days = [date(2026, 1, 1) + timedelta(days=n) for n in range(28)]
        lines = [a_line("3", "0.335"), a_line("7912.1", "0.31275")]
        issued = [
            a_draft(buyers[n % 2].id, lines=lines, issue_date=day, payment_terms="Net 30 days")
            for n, day in enumerate(days)
        ]
        made = create_invoices(drafts=issued, issue=True)
        drafts = create_invoices(drafts=[a_draft(buyers[0].id)] * 2)
    relay.drain()
    return Office(member, drafts, made)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; without it a skip with the reason, in CI a failure."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found


@pytest.fixture(scope="session")
def base_url() -> Iterator[str]:
    """The service in a process of its own, on the databases of this one."""
    with serving("127.0.0.1") as url:
        yield url


@pytest.fixture(scope="session")
def named_url() -> Iterator[str]:
    """The same, reached by a name, which passkeys need."""
    with serving("localhost") as url:
        yield url


@contextmanager
def serving(host: str) -> Iterator[str]:
    """A server on a free port that knows itself by that host."""
    # OpenID providers of tests stand on this machine.
    with granian(host=host, OUTBOUND_ALLOW_LOOPBACK="true") as port:
        yield f"http://{host}:{port}"


@pytest.fixture
def browser(office: Office, chromium: str) -> Iterator[Browser]:
    """A Chromium for one test. What a test needs of the database is made before: `office`."""
    del office
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


def complaint_of(message: ConsoleMessage) -> list[str]:
    """The text of an error, unless it tells of a refusal or a lost connection: some tests want these."""
    return [message.text] if message.type == "error" and not message.text.startswith(_WANTED) else []


@pytest.fixture
def open_page(browser: Browser, base_url: str) -> Iterator[Callable[..., Page]]:
    """`open_page("phone")`: a page of a new visitor, with everything it complains about as a failure."""
    complaints: list[str] = []

    def open_one(size: str = "desk", *, with_scripts: bool = True, strange_tls: bool = False) -> Page:
        context = browser.new_context(
            base_url=base_url,
            viewport=SIZES[size],
            java_script_enabled=with_scripts,
            ignore_https_errors=strange_tls,
            locale="en-GB",
            # A colour caught on its way to another has no contrast to speak of.
            reduced_motion="reduce",
        )
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(complaint_of(message)))
        return page

    yield open_one
    assert complaints == []


@pytest.fixture
def log_in(office: Office) -> Callable[[Page], Page]:
    """Go through the login form."""
    names = {"username": office.member.username, "password": PASSWORD}

    def through_the_form(page: Page) -> Page:
        page.goto("/")
        page.fill("#tenant", office.member.tenant.slug)
        page.get_by_role("button", name="Continue").click()
        for name, value in names.items():
            page.fill(f"#{name}", value)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_url("**/invoices")
        return page

    return through_the_form
