"""Credit notes through the services and the database: exact, never above what is left, settled at once."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction

from audit.models import PendingEntry
from invoicing.domain.credit_request import Asked, CreditKind, ExceedsWhatIsLeft, LineAsked, NothingLeft
from invoicing.domain.document import DocumentType
from invoicing.domain.lifecycle import NotIssued
from invoicing.domain.numbering import NumberShape
from invoicing.domain.record import InvoiceRecord
from invoicing.models import Customer, Invoice, InvoiceLine, Item, LegalEntity
from invoicing.selectors.credits import NotAnInvoice, get_creditable
from invoicing.selectors.invoices import get_invoice
from invoicing.services import editing
from invoicing.services.creating import create_invoice
from invoicing.services.crediting import ChangedSinceDrafted, Credit, cancel_invoice, credit_invoice
from invoicing.services.freezing import BeforeWhatItCorrects
from invoicing.services.issuing import issue_invoice
from invoicing.statements.documents import issue_draft
from tenants.errors import DomainError, NotFound
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_legal_entity, make_series
from tests.factories.threads import Crew
from tests.invoicing.credits.books import differences, excesses
from tests.invoicing.credits.kept import credited_randomly

SEEDS = range(int(os.environ.get("CREDIT_KEPT", "15")))


def pieces(invoice: InvoiceRecord, quantity: str, place: int = 0) -> Credit:
    return Credit(Asked(CreditKind.LINES, (LineAsked(invoice.lines[place].id, quantity=Decimal(quantity)),)))


def settled(invoice_id: UUID) -> tuple[Decimal, str]:
    row = Invoice.objects.get(id=invoice_id)
    return row.payable - row.settled_amount, row.payment_state


def test_random_partitions_of_random_invoices_are_exact_in_the_rows(acme: Tenant, buyer: UUID) -> None:
    made = [outcome for seed in SEEDS if (outcome := credited_randomly(seed, buyer)) is not None]
    assert sum(notes for _, notes in made) > len(made) > len(SEEDS) // 2
    whole = [record.id for record, notes in made if notes]
    assert [row for row in differences(acme.id) if row[0] in whole] == []
    assert excesses(acme.id) == []
    assert all(settled(record.id) == (Decimal(0), "paid") for record, _ in made if record.totals.payable >= 0)


@pytest.mark.usefixtures("buyer")
def test_a_credit_note_names_its_invoice_and_its_lines(acme: Tenant, invoice: InvoiceRecord) -> None:
    note = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "3"), issue=True)
    assert note.type is DocumentType.CREDIT_NOTE
    assert note.corrects is not None
    assert (note.corrects.id, note.corrects.number) == (invoice.id, invoice.number)
    assert [line.corrects for line in note.lines] == [invoice.lines[0].id]
    assert (note.seller, note.buyer) == (invoice.seller, invoice.buyer)
    assert str(note.number).startswith("CN-")
    cancel_invoice(invoice_id=invoice.id)
    assert differences(acme.id, invoice.id) == []


def test_what_is_credited_settles_the_invoice_and_the_note(invoice: InvoiceRecord) -> None:
    note = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "3"), issue=True)
    assert settled(invoice.id) == (invoice.totals.payable - note.totals.payable, "partially_paid")
    assert settled(note.id) == (Decimal(0), "paid")
    cancel_invoice(invoice_id=invoice.id)
    assert settled(invoice.id) == (Decimal(0), "paid")


def test_a_draft_takes_nothing_until_it_is_issued(invoice: InvoiceRecord) -> None:
    draft = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "10"))
    assert draft.number is None
    assert get_creditable(invoice_id=invoice.id).left.lines[0].quantity == 10
    issued = issue_invoice(invoice_id=draft.id)
    assert replace(issued.totals) == draft.totals
    assert get_creditable(invoice_id=invoice.id).left.lines[0].quantity == 0


def test_a_draft_that_would_say_something_else_by_now_is_not_issued(invoice: InvoiceRecord) -> None:
    draft = credit_invoice(invoice_id=invoice.id, credit=Credit(Asked(CreditKind.FULL)))
    other = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "4"))
    issue_invoice(invoice_id=other.id)
    with pytest.raises(ChangedSinceDrafted):
        issue_invoice(invoice_id=draft.id)
    late = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "6"))
    cancel_invoice(invoice_id=invoice.id)
    with pytest.raises(NothingLeft):
        issue_invoice(invoice_id=late.id)
    assert get_invoice(invoice_id=late.id).number is None


def test_a_drafted_correction_is_deleted_not_changed(buyer: UUID, invoice: InvoiceRecord) -> None:
    draft = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "1"))
    with pytest.raises(editing.FollowsItsInvoice):
        editing.update_draft(invoice_id=draft.id, draft=a_draft(buyer))
    editing.delete_draft(invoice_id=draft.id)
    assert not InvoiceLine.objects.filter(invoice_id=draft.id).exists()


def test_nothing_but_an_issued_invoice_is_credited(buyer: UUID, invoice: InvoiceRecord) -> None:
    draft = create_invoice(draft=a_draft(buyer))
    with pytest.raises(NotIssued):
        cancel_invoice(invoice_id=draft.id)
    note = cancel_invoice(invoice_id=invoice.id)
    with pytest.raises(NotAnInvoice):
        cancel_invoice(invoice_id=note.id)
    with pytest.raises(NothingLeft):
        cancel_invoice(invoice_id=invoice.id)
    assert Invoice.objects.filter(type="credit_note").count() == 1


def test_a_foreign_tenants_invoice_cannot_be_credited(globex: Tenant, invoice: InvoiceRecord) -> None:
    with scope_of(globex):
        make_legal_entity()
        with pytest.raises(NotFound):
            cancel_invoice(invoice_id=invoice.id)
    assert settled(invoice.id)[1] == "unpaid"


def test_a_buyer_and_an_item_that_were_deactivated_can_still_be_credited(
    buyer: UUID, invoice: InvoiceRecord
) -> None:
    Customer.all_objects.filter(id=buyer).update(is_active=False)
    Item.all_objects.update(is_active=False)
    assert cancel_invoice(invoice_id=invoice.id).buyer == invoice.buyer


def test_a_credit_note_is_not_dated_before_its_invoice(invoice: InvoiceRecord) -> None:
    credit = replace(pieces(invoice, "1"), issue_date=date(2020, 1, 1))
    for issue in (False, True):
        with pytest.raises(BeforeWhatItCorrects):
            credit_invoice(invoice_id=invoice.id, credit=credit, issue=issue)


def test_the_trail_is_told_of_every_credit_note(buyer: UUID, invoice: InvoiceRecord) -> None:
    note = cancel_invoice(invoice_id=invoice.id)
    free = create_invoice(
        draft=replace(
            a_draft(buyer), document=replace(a_draft(buyer).document, type=DocumentType.CREDIT_NOTE)
        ),
        issue=True,
    )
    told = PendingEntry.objects.filter(operation="credit_note.issued").values_list("record_id", flat=True)
    assert {str(record) for record in told} >= {str(note.id), str(free.id)}


def test_many_at_once_never_credit_more_than_there_is(acme: Tenant, invoice: InvoiceRecord) -> None:
    def attempt(number: int) -> str:
        with scope_of(acme):
            asked = pieces(invoice, "3")
            if number % 2:
                asked = Credit(Asked(CreditKind.AMOUNT, amount=Decimal(120)))
            try:
                credit_invoice(invoice_id=invoice.id, credit=asked, issue=True)
            except DomainError as refusal:
                return refusal.code
            return "issued"

    with Crew(8) as crew:
        outcomes = crew.all_do(attempt) + crew.all_do(attempt)
    assert set(outcomes) <= {"issued", "exceeds-what-is-left", "nothing-left"}
    assert 3 <= outcomes.count("issued") < len(outcomes)
    assert excesses(acme.id, invoice.id) == []
    if not get_creditable(invoice_id=invoice.id).left.is_nothing:
        cancel_invoice(invoice_id=invoice.id)
    assert differences(acme.id, invoice.id) == []


ROWS = "UPDATE invoicing_invoice SET tax_breakdown ="
MORE_IN_TOTAL = """UPDATE invoicing_invoice
SET tax_total = tax_total + 1, tax_inclusive = tax_inclusive + 1, payable = payable + 1 WHERE id = %s"""


# The backstop: what the database alone refuses, past the services.


def issue_past_the_services(note_id: UUID, tenant_id: UUID, series_id: UUID) -> None:
    invoice = Invoice.objects.get(id=Invoice.objects.get(id=note_id).corrects_id)
    issue_draft(
        tenant_id=tenant_id,
        invoice_id=note_id,
        series_id=series_id,
        period="2026",
        shape=NumberShape(f"{series_id.hex[-6:]}-", 1, ""),
        payment_state="unpaid",
        issue_date=date(2026, 11, 21),
        due_date=None,
        seller=invoice.seller or {},
        buyer=invoice.buyer or {},
    )


@pytest.mark.parametrize(
    "forged",
    [
        "UPDATE invoicing_invoiceline SET net_amount = net_amount + 0.01 WHERE invoice_id = %s",
        "UPDATE invoicing_invoiceline SET corrected_quantity = 11 WHERE invoice_id = %s",
        "UPDATE invoicing_invoiceline SET corrects_id = NULL WHERE invoice_id = %s",
        f"{ROWS} jsonb_set(tax_breakdown, '{{0,tax}}', '\"99999\"') WHERE id = %s",
        f"{ROWS} jsonb_set(tax_breakdown, '{{0,taxable}}', '\"99999\"') WHERE id = %s",
        f"{ROWS} jsonb_set(tax_breakdown, '{{0,rate}}', '\"7\"') WHERE id = %s",
        MORE_IN_TOTAL,
        "UPDATE invoicing_invoice SET currency = 'USD' WHERE id = %s",
    ],
)
def test_the_database_alone_refuses_what_takes_too_much(
    acme: Tenant, invoice: InvoiceRecord, forged: str
) -> None:
    note = credit_invoice(invoice_id=invoice.id, credit=Credit(Asked(CreditKind.FULL)))
    with connection.cursor() as cursor:
        cursor.execute(forged, [note.id])
    with pytest.raises(IntegrityError, match="takes more"), transaction.atomic():
        issue_past_the_services(note.id, acme.id, note.series)
    assert Invoice.objects.get(id=note.id).state == "draft"


@contextmanager
def issued_and_not_committed(acme: Tenant, note: InvoiceRecord, series_id: UUID) -> Iterator[None]:
    """Another connection has issued the note, was checked, and commits at the end."""
    checked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with scope_of(acme), transaction.atomic():
                issue_past_the_services(note.id, acme.id, series_id)
                check_at_once()
                checked.set()
                done.wait(30)
        finally:
            checked.set()
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        checked.wait(30)
        try:
            yield
        finally:
            done.set()
            holder.result()


def check_at_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def impatient() -> Iterator[None]:
    """A transaction that waits a tenth of a second for a lock."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
        yield


def test_two_that_pass_the_services_by_see_each_other(acme: Tenant, invoice: InvoiceRecord) -> None:
    entity = LegalEntity.objects.get(id=invoice.legal_entity)
    series = [make_series(entity, document_type="credit_note", code=code).id for code in ("A", "B")]
    notes = [
        credit_invoice(invoice_id=invoice.id, credit=replace(pieces(invoice, "6"), series=one))
        for one in series
    ]

    def issue_second() -> None:
        issue_past_the_services(notes[1].id, acme.id, series[1])
        check_at_once()

    with (
        issued_and_not_committed(acme, notes[0], series[0]),
        pytest.raises(OperationalError, match="lock timeout"),
        impatient(),
    ):
        issue_second()
    with pytest.raises(IntegrityError, match="takes more"), transaction.atomic():
        issue_second()


@pytest.mark.parametrize("step", ["draft", "issue"])
def test_a_correction_waits_for_whoever_holds_its_invoice(
    acme: Tenant, invoice: InvoiceRecord, step: str
) -> None:
    drafted = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "2"))
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with scope_of(acme), transaction.atomic():
            editing.lock_invoice(invoice_id=invoice.id)
            held.set()
            done.wait(30)
        connections.close_all()

    def go() -> None:
        if step == "draft":
            credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "1"))
            return
        issue_invoice(invoice_id=drafted.id)
        raise AssertionError("it did not wait before the check at the commit")

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        held.wait(30)
        try:
            with pytest.raises(OperationalError, match="lock timeout"), impatient():
                go()
        finally:
            done.set()
            holder.result()


def until_somebody_waits() -> None:
    """For the end of a transaction, that is: for a row which it has changed or locked."""
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted)"
    deadline = time.monotonic() + 30
    with connections["owner"].cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_a_drafted_correction_sees_what_was_issued_while_it_waited(
    acme: Tenant, invoice: InvoiceRecord
) -> None:
    drafted = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "2"))

    def issue() -> None:
        try:
            with scope_of(acme):
                issue_invoice(invoice_id=drafted.id)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "9"), issue=True)
            waiting = pool.submit(issue)
            until_somebody_waits()
        with pytest.raises(ExceedsWhatIsLeft):
            waiting.result()


def test_a_number_among_the_corrections_of_an_invoice_is_given_once(invoice: InvoiceRecord) -> None:
    for quantity in ("1", "2", "3"):
        credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, quantity), issue=True)
    notes = Invoice.objects.filter(corrects_id=invoice.id).order_by("correction_number")
    assert [note.correction_number for note in notes] == [1, 2, 3]
    draft = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "1"))
    with pytest.raises(IntegrityError, match="invoicing_invoice_correction"):
        Invoice.objects.filter(id=draft.id).update(correction_number=2)
    with pytest.raises(ExceedsWhatIsLeft):
        credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "5"), issue=True)
