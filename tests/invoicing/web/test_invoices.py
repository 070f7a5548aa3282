"""The list of documents: what it shows, how it is narrowed, and how far it goes."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from invoicing.domain.record import InvoiceRecord
from invoicing.models import Customer
from invoicing.services.creating import create_invoices
from tenants.ids import encode
from tenants.models import Membership, Tenant
from tests.factories import make_member, scope_of
from tests.factories.invoicing import a_draft, a_line, make_customer, make_legal_entity
from tests.factories.outages import unreachable
from tests.factories.pages import PageClient, pages_of

MakeInvoice = Callable[..., InvoiceRecord]
PART: dict[str, Any] = {"HTTP_HX_REQUEST": "true", "HTTP_HX_TARGET": "results"}


@pytest.fixture
def pages(acme_admin: Membership) -> PageClient:
    return pages_of(acme_admin)


def shown(client: PageClient, query: str = "", **headers: Any) -> list[str]:
    """The ids of the documents on a page, in order."""
    answer = client.get(f"/invoices{query}", **headers)
    assert answer.status_code == 200, answer.content
    return re.findall(r'href="/invoices/(inv_\w+)"', answer.content.decode())


def ids_of(*records: InvoiceRecord) -> list[str]:
    return [encode("inv", record.id) for record in records]


def next_of(client: PageClient, query: str = "") -> str | None:
    """The query of the page that follows, None on the last one."""
    found = re.search(r'rel="next" href="([^"]+)"', client.get(f"/invoices{query}").content.decode())
    return found[1].replace("&amp;", "&") if found else None


def text_of(client: PageClient, query: str = "") -> str:
    """What a page reads like, without mark-up."""
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(f"/invoices{query}").content.decode()).split())


def test_a_new_company_is_told_what_will_stand_here(pages: PageClient) -> None:
    assert "No invoices yet" in text_of(pages)


def test_a_row_shows_who_when_how_it_stands_and_how_much(
    pages: PageClient, make_invoice: MakeInvoice
) -> None:
    record = make_invoice(lines=[a_line("1234", "10.05")], issue=True, issue_date=date(2026, 3, 1))
    row = text_of(pages)
    assert record.number
    assert record.number in row
    assert "Bakkerij de Molen" in row
    assert "1 Mar 2026" in row
    assert "31 Mar 2026" in row
    assert "Overdue" in row
    assert "14,758.02 EUR" in row


def test_only_ones_own_documents_are_listed(
    pages: PageClient, make_invoice: MakeInvoice, globex_invoice: InvoiceRecord
) -> None:
    own = make_invoice(issue=True)
    assert shown(pages) == ids_of(own)
    customer = encode("cus", globex_invoice.customer)
    for query in ("?q=Secret", f"?customer={customer}"):
        page = text_of(pages, query)
        assert "No invoice matches" in page
        assert "Secret Customer" not in page


def test_a_foreign_customer_looks_like_one_that_never_was(
    pages: PageClient, globex_invoice: InvoiceRecord
) -> None:
    foreign, nobody = encode("cus", globex_invoice.customer), encode("cus", globex_invoice.id)
    answers = [pages.get(f"/invoices?customer={each}") for each in (foreign, nobody)]
    assert answers[0].status_code == answers[1].status_code == 200
    bodies = [answer.content.decode() for answer in answers]
    tokens = r'name="csrfmiddlewaretoken" value="\w+"'
    assert re.sub(tokens, "", bodies[0].replace(foreign, "?")) == re.sub(
        tokens, "", bodies[1].replace(nobody, "?")
    )


def test_filters_narrow_the_list(pages: PageClient, acme: Tenant, make_invoice: MakeInvoice) -> None:
    with scope_of(acme):
        other = make_customer(name="Olivar 100%")
    long_ago, soon = date(2026, 1, 5), date.today() + timedelta(days=20)  # noqa: DTZ011
    draft = make_invoice(issue_date=date(2026, 2, 1))
    late = make_invoice(issue=True, issue_date=long_ago, due_date=date(2026, 1, 20))
    open_ = make_invoice(issue=True, issue_date=date(2026, 2, 10), due_date=soon, customer=other)
    assert shown(pages) == ids_of(open_, draft, late)
    expected = {
        "?status=draft": [draft],
        "?status=issued": [open_, late],
        "?status=voided": [],
        "?payment_status=paid": [],
        "?overdue=true": [late],
        f"?customer={encode('cus', other.id)}": [open_],
        "?issued_from=2026-02-01": [open_, draft],
        "?issued_to=2026-01-31": [late],
        f"?due_from={soon}": [open_],
        "?due_to=2026-01-20": [late],
        "?q=olivar": [open_],
        "?q=100%25": [],
        f"?q={late.number}": [late],
        "?status=issued&overdue=true&q=&customer=": [late],
    }
    for query, records in expected.items():
        assert shown(pages, query) == ids_of(*records), query


def test_the_form_keeps_what_was_asked_for(pages: PageClient, make_invoice: MakeInvoice) -> None:
    make_invoice()
    page = pages.get('/invoices?q="><b>&status=issued&overdue=true&due_to=2026-01-20').content.decode()
    assert 'value="&quot;&gt;&lt;b&gt;"' in page
    assert '<option value="issued" selected>' in page
    assert re.search(r'name="overdue" value="true"\s+checked', page)
    assert 'value="2026-01-20"' in page
    assert '<details class="filters-more" open>' in page


def test_a_customer_that_is_filtered_by_can_be_let_go(pages: PageClient, make_invoice: MakeInvoice) -> None:
    record = make_invoice(issue=True)
    customer = encode("cus", record.customer)
    page = pages.get(f"/invoices?status=issued&customer={customer}").content.decode()
    assert "Customer: <strong>Bakkerij de Molen</strong>" in page
    assert 'href="?status=issued"' in page
    assert f'name="customer" value="{customer}"' in page


@pytest.mark.parametrize(
    "query",
    [
        "?issued_from=2026-02-30",
        "?status=lost",
        "?status=draft&status=issued",
        "?overdue=maybe",
        "?customer=inv_00000000000000000000000000",
        "?customer=1%20OR%201=1",
        "?sort=total",
        "?items=1",
        "?keys=1&values=2",
        "?cursor=forged",
        "?q=%00",
        f"?q={'x' * 201}",
    ],
)
def test_filters_that_cannot_be_used_are_named(pages: PageClient, query: str) -> None:
    answer = pages.get(f"/invoices{query}")
    assert answer.status_code == 400
    page = answer.content.decode()
    assert "These filters cannot be used:" in page
    assert "RFC" not in page


def test_a_cursor_of_another_tenant_leads_nowhere(pages: PageClient, globex: Tenant) -> None:
    with scope_of(globex):
        make_legal_entity()
        customer = make_customer()
        create_invoices(drafts=[a_draft(customer.id)] * 26)
    theirs = next_of(pages_of(make_member(globex)))
    assert theirs
    assert pages.get(f"/invoices{theirs}").status_code == 400


def test_paging_shows_each_document_once_and_costs_the_same(
    pages: PageClient, acme: Tenant, acme_customer: Customer, make_invoice: MakeInvoice
) -> None:
    make_invoice()
    shown(pages)
    with CaptureQueriesContext(connection) as for_one:
        assert len(shown(pages)) == 1
    with scope_of(acme):
        dated = [a_draft(acme_customer.id, issue_date=date(2026, 1, 1 + n % 20)) for n in range(54)]
        create_invoices(drafts=dated)
    with CaptureQueriesContext(connection) as for_many:
        seen = shown(pages)
    assert len(for_many) == len(for_one)
    assert len([query for query in for_many if "invoicing_invoice" in query["sql"]]) == 1
    query: str | None = next_of(pages)
    while query:
        seen += shown(pages, query)
        query = next_of(pages, query)
    assert len(seen) == len(set(seen)) == 55


def test_paging_keeps_the_filters(pages: PageClient, acme: Tenant, acme_customer: Customer) -> None:
    with scope_of(acme):
        create_invoices(drafts=[a_draft(acme_customer.id)] * 30)
    query = next_of(pages, "?status=draft&q=&overdue=")
    assert query
    assert query.startswith("?status=draft&cursor=")
    later = pages.get(f"/invoices{query}").content.decode()
    assert 'href="?status=draft"' in later
    assert len(shown(pages, query)) == 5


def test_a_script_gets_the_results_alone(pages: PageClient, make_invoice: MakeInvoice) -> None:
    record = make_invoice()
    answer = pages.get("/invoices", **PART)
    page = answer.content.decode()
    assert "<html" not in page
    assert "<form" not in page
    assert '<p id="results-status" hx-swap-oob="innerHTML">1 invoice shown.' in page
    assert shown(pages, **PART) == ids_of(record)
    assert pages.get("/invoices?status=lost", **PART).status_code == 400
    # Any other part of a page is not known here, and a page from the history is a whole one.
    assert "<html" in pages.get("/invoices", HTTP_HX_REQUEST="true", HTTP_HX_TARGET="x").content.decode()


@pytest.mark.parametrize("role", ["admin", "editor", "viewer", "auditor"])
def test_every_role_may_read(acme: Tenant, role: str) -> None:
    assert pages_of(make_member(acme, role=role)).get("/invoices").status_code == 200


def test_names_of_customers_are_text(pages: PageClient, acme: Tenant, make_invoice: MakeInvoice) -> None:
    with scope_of(acme):
        customer = make_customer(name="<img src=x onerror=alert(1)>")
    record = make_invoice(customer=customer, issue=True)
    for address in (
        "/invoices",
        f"/invoices/{encode('inv', record.id)}",
        f"/invoices?customer={customer.public_id}",
    ):
        assert "<img" not in pages.get(address).content.decode()


def test_a_database_that_does_not_answer_is_said_so(pages: PageClient) -> None:
    assert pages.get("/invoices").status_code == 200
    with unreachable("default"):
        answer = pages.get("/invoices")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"]
    assert "does not answer" in answer.content.decode()
