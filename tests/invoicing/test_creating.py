"""Documents are written whole, numbered without gaps and frozen."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from invoicing.domain.document import DocumentType
from invoicing.domain.lifecycle import AlreadyIssued, NotADraft, PaymentState, State
from invoicing.models import Customer, Invoice, InvoiceLine
from invoicing.selectors.invoices import get_invoice
from invoicing.services.creating import create_invoice, create_invoices
from invoicing.services.editing import VersionMismatch, delete_draft, update_draft
from invoicing.services.issuing import issue_invoice
from tenants.errors import InvalidInput, NotFound
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, a_line, make_customer, make_legal_entity


@pytest.fixture
def customer(acme: Tenant) -> Iterator[Customer]:
    """A customer of acme, in acme's scope; acme has a seller."""
    with scope_of(acme):
        make_legal_entity()
        yield make_customer()


def test_a_draft_is_kept_as_it_was_stated(customer: Customer) -> None:
    lines = [a_line("3", "10.0000"), a_line("-1", "0.333333333333")]
    made = create_invoice(draft=a_draft(customer.id, lines=lines))
    kept = get_invoice(invoice_id=made.id)
    assert kept == made
    assert kept.state is State.DRAFT
    assert kept.number is None
    assert [line.input for line in kept.lines] == lines
    assert str(kept.lines[1].input.unit_price) == "0.333333333333"
    assert kept.totals.payable == Decimal("35.31")


def test_issuing_in_the_same_statement_numbers_and_freezes_the_parties(customer: Customer) -> None:
    made = [create_invoice(draft=a_draft(customer.id), issue=True) for _ in range(3)]
    year = made[0].issue_date.year if made[0].issue_date else 0
    assert [record.number for record in made] == [f"INV-{year}-{n:05}" for n in (1, 2, 3)]
    assert made[0].seller is not None
    assert made[0].seller["name"] == "Acme GmbH"
    Customer.objects.filter(id=customer.id).update(name="Renamed")
    kept = get_invoice(invoice_id=made[0].id)
    assert kept == made[0]
    assert kept.buyer is not None
    assert kept.buyer["name"] == "Globex Ltd"


def test_a_batch_is_numbered_in_its_order(customer: Customer) -> None:
    create_invoice(draft=a_draft(customer.id), issue=True)
    drafts = [a_draft(customer.id, lines=[a_line(price=str(n))]) for n in range(1, 41)]
    made = create_invoices(drafts=drafts, issue=True)
    assert [int((record.number or "").rsplit("-", 1)[1]) for record in made] == list(range(2, 42))
    assert [record.totals.sum_of_lines for record in made] == [Decimal(n) for n in range(1, 41)]


def test_each_period_of_a_series_counts_for_itself(customer: Customer) -> None:
    dates = [date(2025, 12, 31), date(2026, 1, 1), date(2025, 12, 31)]
    made = create_invoices(drafts=[a_draft(customer.id, issue_date=day) for day in dates], issue=True)
    assert [record.number for record in made] == ["INV-2025-00001", "INV-2026-00001", "INV-2025-00002"]


def test_today_is_the_tenants(acme: Tenant) -> None:
    with scope_of(acme), time_machine.travel(datetime(2026, 12, 31, 23, 30, tzinfo=UTC), tick=False):
        make_legal_entity()
        made = create_invoice(draft=a_draft(make_customer().id), issue=True)
    assert made.issue_date == date(2027, 1, 1)
    assert made.number == "INV-2027-00001"
    assert made.due_date == date(2027, 1, 31)


def test_a_draft_is_issued_once(customer: Customer) -> None:
    draft = create_invoice(draft=a_draft(customer.id))
    issued = issue_invoice(invoice_id=draft.id)
    assert issued.state is State.ISSUED
    assert issued.number
    assert issued.totals == draft.totals
    with pytest.raises(AlreadyIssued):
        issue_invoice(invoice_id=draft.id)
    following = create_invoice(draft=a_draft(customer.id), issue=True)
    assert (following.number or "").endswith("00002")


def test_a_credit_note_is_due_only_where_that_is_stated(customer: Customer) -> None:
    taken_back = a_draft(customer.id, issue_date=date(2026, 3, 1))
    taken_back = replace(taken_back, document=replace(taken_back.document, type=DocumentType.CREDIT_NOTE))
    stated = replace(taken_back, due_date=date(2026, 3, 9))
    made = create_invoices(drafts=[taken_back, stated], issue=True)
    assert [record.due_date for record in made] == [None, date(2026, 3, 9)]
    assert [record.number for record in made] == ["CN-2026-00001", "CN-2026-00002"]


def test_nothing_to_pay_is_paid_when_issued(customer: Customer) -> None:
    made = create_invoice(draft=a_draft(customer.id, lines=[a_line(price="0")]), issue=True)
    assert made.payment_state is PaymentState.PAID


def test_a_draft_is_replaced_whole_and_its_version_counts(customer: Customer) -> None:
    draft = create_invoice(draft=a_draft(customer.id, lines=[a_line(), a_line()]))
    changed = update_draft(
        invoice_id=draft.id, draft=a_draft(customer.id, lines=[a_line(price="7")]), expected_version=1
    )
    assert changed.version == 2
    assert changed.totals.sum_of_lines == Decimal("7.00")
    assert len(changed.lines) == 1
    with pytest.raises(VersionMismatch):
        update_draft(invoice_id=draft.id, draft=a_draft(customer.id), expected_version=1)
    with pytest.raises(VersionMismatch):
        delete_draft(invoice_id=draft.id, expected_version=1)
    delete_draft(invoice_id=draft.id, expected_version=2)
    with pytest.raises(NotFound):
        get_invoice(invoice_id=draft.id)


def test_an_issued_document_is_refused_to_services(customer: Customer) -> None:
    made = create_invoice(draft=a_draft(customer.id), issue=True)
    with pytest.raises(NotADraft):
        update_draft(invoice_id=made.id, draft=a_draft(customer.id))
    with pytest.raises(NotADraft):
        delete_draft(invoice_id=made.id)
    assert get_invoice(invoice_id=made.id) == made


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoicing_invoice SET payable = payable + 1, rounding_amount = 1 WHERE id = %s",
        "UPDATE invoicing_invoice SET number = 'X' WHERE id = %s",
        "UPDATE invoicing_invoice SET state = 'draft', number = null, issued_at = null WHERE id = %s",
        "UPDATE invoicing_invoice SET buyer = '{}' WHERE id = %s",
        "DELETE FROM invoicing_invoice WHERE id = %s",
        "UPDATE invoicing_invoiceline SET net_amount = 1 WHERE invoice_id = %s",
        "DELETE FROM invoicing_invoiceline WHERE invoice_id = %s",
        """INSERT INTO invoicing_invoiceline
           SELECT (jsonb_populate_record(l, jsonb_build_object('id', uuidv7(), 'position', 99))).*
           FROM invoicing_invoiceline l WHERE invoice_id = %s""",
    ],
)
def test_raw_sql_cannot_change_an_issued_document(customer: Customer, statement: str) -> None:
    made = create_invoice(draft=a_draft(customer.id), issue=True)
    with (
        pytest.raises(DatabaseError, match=r"is issued|violates foreign key"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [made.id])
    assert get_invoice(invoice_id=made.id) == made


def test_a_line_cannot_move_between_documents_once_issued(customer: Customer) -> None:
    issued = create_invoice(draft=a_draft(customer.id), issue=True)
    draft = create_invoice(draft=a_draft(customer.id))
    with pytest.raises(DatabaseError, match="is issued"):
        InvoiceLine.objects.filter(invoice_id=draft.id).update(invoice_id=issued.id, position=9)
    with pytest.raises(DatabaseError, match="is issued"):
        InvoiceLine.objects.filter(invoice_id=issued.id).update(invoice_id=draft.id, position=9)


@pytest.mark.usefixtures("customer")
def test_references_of_another_tenant_lead_nowhere(globex: Tenant) -> None:
    with scope_of(globex):
        make_legal_entity()
        foreign = make_customer()
    with pytest.raises(InvalidInput) as refusal:
        create_invoice(draft=a_draft(foreign.id))
    assert [error.pointer for error in refusal.value.errors] == ["/customer"]
    assert not Invoice.objects.exists()


def test_creating_costs_the_same_statements_for_one_line_and_for_fifty(customer: Customer) -> None:
    counts = []
    for size in (1, 50):
        with CaptureQueriesContext(connection) as queries:
            create_invoice(draft=a_draft(customer.id, lines=[a_line()] * size), issue=True)
        counts.append(len(queries))
    assert counts == [2, 2]


def test_a_batch_costs_the_statements_of_one(customer: Customer) -> None:
    with CaptureQueriesContext(connection) as queries:
        create_invoices(drafts=[a_draft(customer.id)] * 100, issue=True)
    assert len(queries) == 2
