"""The page of one document."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.workflows import relay
from invoicing.domain.document import (
    AllowanceCharge,
    DocumentInput,
    DocumentType,
    LineInput,
    TaxKey,
    Withholding,
)
from invoicing.domain.ledger import Share
from invoicing.domain.record import Draft, DraftLine, InvoiceRecord
from invoicing.models import Customer, Invoice
from invoicing.money import Money
from invoicing.services.creating import create_invoice
from invoicing.services.issuing import issue_invoice
from tenants.ids import encode
from tenants.models import Membership, Tenant
from tests.factories import make_member, scope_of
from tests.factories.invoicing import a_line
from tests.factories.ledger import make_payment
from tests.factories.outages import unreachable
from tests.factories.pages import PageClient, pages_of

MakeInvoice = Callable[..., InvoiceRecord]
S19 = TaxKey("S", Decimal(19))


@pytest.fixture
def pages(acme_admin: Membership) -> PageClient:
    return pages_of(acme_admin)


def path_of(record: InvoiceRecord) -> str:
    return f"/invoices/{encode('inv', record.id)}"


def text_of(client: PageClient, record: InvoiceRecord) -> str:
    """What the page reads like, without mark-up."""
    answer = client.get(path_of(record))
    assert answer.status_code == 200, answer.content
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_a_document_shows_its_figures_digit_by_digit(
    pages: PageClient, acme: Tenant, acme_customer: Customer
) -> None:
    document = DocumentInput(
        currency="EUR",
        lines=(
            LineInput(
                quantity=Decimal("1234.5"),
                unit_price=Decimal("0.312750"),
                tax=S19,
                base_quantity=Decimal(10),
                allowances=(AllowanceCharge(amount=Decimal("1.10"), reason="Faulty meter"),),
            ),
            LineInput(quantity=Decimal(2), unit_price=Decimal("50.00"), tax=TaxKey("AE", Decimal(0))),
        ),
        allowances=(AllowanceCharge(percent=Decimal("2.5"), tax=S19, reason="Loyalty"),),
        charges=(AllowanceCharge(amount=Decimal("4.90"), tax=S19, reason="Freight"),),
        prepaid_amount=Decimal("20.00"),
        type=DocumentType.INVOICE,
    )
    lines = (DraftLine("Energy", "KWH"), DraftLine("Consulting", "HUR"))
    with scope_of(acme):
        record = create_invoice(
            draft=Draft(customer=acme_customer.id, document=document, lines=lines), issue=True
        )
    text = text_of(pages, record)
    totals = record.totals
    for figure in ("1,234.5 kWh", "0.312750", "per 10", "Faulty meter: −1.10", "Loyalty (2.5 %)", "Freight"):
        assert figure in text
    for amount in (totals.sum_of_lines, totals.tax_exclusive, totals.tax_inclusive, totals.payable):
        assert f"{amount} EUR" in text
    assert "Paid in advance −20.00 EUR" in text
    assert "Reverse charge 0 % on 100.00" in text
    assert "Steuerschuldnerschaft des Leistungsempfängers (VATEX-EU-AE)" in text


def test_included_tax_surcharge_and_withholding_are_shown(
    pages: PageClient, make_invoice: MakeInvoice
) -> None:
    line = replace(
        a_line("1", "121", rate="21"),
        surcharge_rate=Decimal("5.2"),
        withholdings=(Withholding("IRPF", Decimal(15)),),
    )
    record = make_invoice(lines=[line], issue=True, prices_include_tax=True)
    text = text_of(pages, record)
    assert "Price with tax" in text
    assert "21 % + 5.2 %" in text
    assert "Equivalence surcharge 5.2 % on 100.00 5.20 EUR" in text
    assert "Total with tax 126.20 EUR" in text
    assert "IRPF withheld, 15 % on 100.00 −15.00 EUR" in text
    assert "To pay 111.20 EUR" in text
    assert "Price with tax" not in text_of(pages, make_invoice())


def test_each_total_is_explained(pages: PageClient, make_invoice: MakeInvoice) -> None:
    record = make_invoice(lines=[a_line("3", "0.335"), a_line("7912.1", "0.31275")])
    text = text_of(pages, record)
    assert "Line 1: line net amount 1.01 quantity * price" in text
    assert "before rounding: 1.005" in text
    assert "net price (BT-146): 0.31275" in text
    assert "BT-117 · BR-CO-17" in text
    assert f"Amount due for payment {record.totals.payable:,}" in text


def test_an_issued_document_shows_the_parties_as_they_were(
    pages: PageClient, acme: Tenant, make_invoice: MakeInvoice, acme_customer: Customer
) -> None:
    issued, draft = make_invoice(issue=True), make_invoice()
    with scope_of(acme):
        Customer.objects.filter(id=acme_customer.id).update(name="Renamed since", city="Lyon")
    assert "Bakkerij de Molen" in text_of(pages, issued)
    assert "Renamed since" not in text_of(pages, issued)
    assert "Renamed since" in text_of(pages, draft)
    assert "Draft invoice" in text_of(pages, draft)
    assert "The day it is issued" in text_of(pages, draft)
    assert f"Invoice {issued.number}" in text_of(pages, issued)


def test_a_settled_document_shows_what_is_open(
    pages: PageClient, acme: Tenant, make_invoice: MakeInvoice
) -> None:
    record = make_invoice(lines=[a_line("1", "100")], issue=True)
    assert "Settled" not in text_of(pages, record)
    with scope_of(acme):
        make_payment(record.customer, "50", shares=[Share(record.id, Money(Decimal(50), "EUR"))])
    relay.drain()
    text = text_of(pages, record)
    assert f"Settled 50.00 EUR Open {record.totals.payable - 50} EUR" in text
    with scope_of(acme):
        left = record.totals.payable - 50
        make_payment(record.customer, str(left), shares=[Share(record.id, Money(left, "EUR"))])
    relay.drain()
    assert "Paid by" in text_of(pages, record)


def test_the_history_tells_who_did_what_in_the_tenants_time(
    pages: PageClient, acme: Tenant, make_invoice: MakeInvoice
) -> None:
    draft = make_invoice()
    issuer = make_member(acme, role="editor", name="Edith Editor")
    with scope_of(acme, member=issuer):
        issued = issue_invoice(invoice_id=draft.id)
    assert "an entry arrives a moment after the change" in text_of(pages, draft)
    relay.drain()
    answer = pages.get(path_of(draft)).content.decode()
    history = " ".join(re.sub(r"<[^>]+>", " ", answer.partition('id="history-title"')[2]).split())
    assert "Created by usr_" in history
    assert "Issued by Edith Editor" in history
    assert "state: draft → issued" in history
    assert f"number: – → {issued.number}" in history
    assert re.search(r'<time [^>]*datetime="\d{4}-\d\d-\d\dT[\d:.]+\+0[12]:00">', answer)


def test_without_the_trail_the_document_can_still_be_read(
    pages: PageClient, make_invoice: MakeInvoice
) -> None:
    record = make_invoice()
    with unreachable("audit"):
        text = text_of(pages, record)
    assert "The history cannot be read right now." in text
    assert "119.00 EUR" in text


def test_what_is_overdue_is_so_by_the_tenants_calendar(pages: PageClient, make_invoice: MakeInvoice) -> None:
    late = make_invoice(issue=True, issue_date=date(2026, 1, 1), due_date=date(2026, 1, 2))
    assert "Overdue" in text_of(pages, late)
    assert "Overdue" not in text_of(pages, make_invoice(issue=True))


@pytest.mark.parametrize("role", ["admin", "editor", "viewer", "auditor"])
def test_a_foreign_document_looks_missing_to_every_role(
    role: str, acme: Tenant, globex: Tenant, globex_invoice: InvoiceRecord
) -> None:
    client = pages_of(make_member(acme, role=role))
    foreign = path_of(globex_invoice)
    nobody = f"/invoices/{encode('inv', globex_invoice.customer)}"
    answers = [
        client.get(path) for path in (foreign, nobody, "/invoices/inv_1", "/invoices/cus_1", "/invoices/%00")
    ]
    assert {answer.status_code for answer in answers} == {404}
    bodies = {re.sub(r'value="\w{64}"', "", answer.content.decode()) for answer in answers}
    assert len(bodies) == 1
    assert "Secret" not in bodies.pop()
    with scope_of(globex):
        assert Invoice.objects.get(id=globex_invoice.id).version == globex_invoice.version


def test_whoever_may_not_read_documents_learns_no_more_than_which_are_ones_own(
    acme: Tenant, make_invoice: MakeInvoice, globex_invoice: InvoiceRecord
) -> None:
    member = make_member(acme, role="viewer")
    with scope_of(acme):
        Membership.objects.filter(id=member.id).update(role="nobody")
    client = pages_of(member)
    assert client.get(path_of(make_invoice())).status_code == 403
    assert client.get(path_of(globex_invoice)).status_code == 404


def test_nobody_reads_without_a_login(make_invoice: MakeInvoice) -> None:
    path = path_of(make_invoice())
    answer = PageClient().get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/login?next={path.replace('/', '%2F')}")


def test_reading_costs_the_same_whatever_the_number_of_lines(
    pages: PageClient, make_invoice: MakeInvoice
) -> None:
    small, large = make_invoice(issue=True), make_invoice(lines=[a_line()] * 40, issue=True)
    text_of(pages, small)
    counts = []
    for record in (small, large):
        with CaptureQueriesContext(connection) as queries:
            text_of(pages, record)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 7
