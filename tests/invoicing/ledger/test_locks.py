"""Postings at the same moment: who holds what, for how long, and what a report waits for."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import OperationalError, connection, connections

from invoicing.domain.account import Horizon
from invoicing.domain.document import DocumentType
from invoicing.domain.ledger import AboveBalance, AboveCredit, NoClaim, Share
from invoicing.domain.lifecycle import NotIssued
from invoicing.models import Allocation, Invoice, Payment
from invoicing.selectors import receivables
from invoicing.selectors.receivables import OpenItemFilter
from invoicing.services import allocating, creating, issuing, posting, refunding, returning, writing_off
from invoicing.statements import receivables as statements
from tenants.errors import DomainError
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_customer, make_legal_entity
from tests.factories.ledger import balance, eur, make_issued, make_payment, payment, share
from tests.factories.threads import Crew, hurried, impatient, meanwhile


@pytest.fixture
def buyer(acme: Tenant) -> UUID:
    """acme's customer; the test itself enters the tenant where it acts."""
    with scope_of(acme):
        make_legal_entity()
        return make_customer().id


@pytest.mark.parametrize("name", ["allocate", "refund", "return", "reverse", "reverse allocation"])
def test_whoever_takes_from_a_payment_waits_for_who_holds_it(acme: Tenant, buyer: UUID, name: str) -> None:
    with scope_of(acme):
        document = make_issued(buyer, "100")
        paid = make_payment(buyer, "100", shares=[share(document, "10")])
        allocation = Allocation.objects.get(payment_id=paid.id)
    calls: dict[str, Callable[[], object]] = {
        "allocate": lambda: allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "1")]),
        "refund": lambda: refunding.refund_payment(payment_id=paid.id, money=eur("1")),
        "return": lambda: returning.return_payment(payment_id=paid.id, reason="x", money=eur("1")),
        "reverse": lambda: returning.reverse_payment(payment_id=paid.id, reason="x"),
        "reverse allocation": lambda: allocating.reverse_allocation(allocation_id=allocation.id, reason="x"),
    }
    with (
        meanwhile(acme, lambda: posting.lock_payment(payment_id=paid.id)),
        pytest.raises(OperationalError, match="lock timeout"),
        scope_of(acme),
        impatient(),
    ):
        calls[name]()
    with scope_of(acme):
        calls[name]()


@pytest.mark.parametrize("name", ["allocate", "write off", "apply credit", "refund credit"])
def test_whoever_settles_a_document_waits_for_who_holds_it(acme: Tenant, buyer: UUID, name: str) -> None:
    with scope_of(acme):
        document, note = make_issued(buyer), make_issued(buyer, type=DocumentType.CREDIT_NOTE)
        paid = make_payment(buyer)
    calls: dict[str, tuple[Invoice, Callable[[], object]]] = {
        "allocate": (
            document,
            lambda: allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "1")]),
        ),
        "write off": (document, lambda: writing_off.write_off_invoice(invoice_id=document.id, reason="x")),
        "apply credit": (
            note,
            lambda: allocating.apply_credit(
                credit_note_id=note.id, invoice_id=document.id, amount=Decimal(1)
            ),
        ),
        "refund credit": (note, lambda: refunding.refund_credit(credit_note_id=note.id, money=eur("1"))),
    }
    held, call = calls[name]
    with (
        meanwhile(acme, lambda: posting.lock_document(document_id=held.id)),
        pytest.raises(OperationalError, match="lock timeout"),
        scope_of(acme),
        impatient(),
    ):
        call()
    with scope_of(acme):
        call()


def test_what_is_locked_can_still_be_referred_to(acme: Tenant, buyer: UUID) -> None:
    """A stronger lock would make postings of different payments to one invoice wait in their foreign keys."""
    with scope_of(acme):
        document, paid = make_issued(buyer), make_payment(buyer)

    def hold() -> None:
        posting.lock_payment(payment_id=paid.id)
        posting.lock_document(document_id=document.id)

    with meanwhile(acme, hold), scope_of(acme), connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
        for table, row in (("invoicing_payment", paid.id), ("invoicing_invoice", document.id)):
            cursor.execute(f"SELECT 1 FROM {table} WHERE id = %s FOR KEY SHARE", [row])
            assert cursor.fetchone() == (1,)
        cursor.execute("RESET lock_timeout")


def test_documents_are_locked_in_the_order_of_their_ids(acme: Tenant, buyer: UUID) -> None:
    """So that two that name the same ones the other way round never wait for each other."""
    with scope_of(acme):
        documents = sorted((make_issued(buyer) for _ in range(4)), key=lambda one: one.id)
        paid = make_payment(buyer)
        shares = [share(one, "1") for one in (documents[3], documents[1], documents[0])]
    with meanwhile(acme, lambda: posting.lock_document(document_id=documents[1].id)):
        started = threading.Event()

        def allocate() -> None:
            with scope_of(acme):
                started.set()
                allocating.allocate_payment(payment_id=paid.id, shares=shares)
            connections.close_all()

        other = threading.Thread(target=allocate)
        other.start()
        started.wait(30)
        with scope_of(acme):
            assert _becomes_locked(documents[0].id)
            assert not _is_locked(documents[3].id)
    other.join(30)
    with scope_of(acme):
        assert payment(paid.id).allocated_amount == 3


def test_what_holds_credit_is_not_locked_as_a_claim(acme: Tenant, buyer: UUID) -> None:
    """Who spends a credit note holds it and waits for claims: a wrong request must not wait the other way."""
    with scope_of(acme):
        document, paid = make_issued(buyer), make_payment(buyer)
        note = make_issued(buyer, type=DocumentType.CREDIT_NOTE)
        draft = creating.create_invoice(draft=a_draft(buyer))

    def hold() -> None:
        posting.lock_document(document_id=note.id)
        Invoice.objects.select_for_update(no_key=True).get(id=draft.id)

    for wrong, refusal in ((note.id, NoClaim), (draft.id, NotIssued)):
        shares = [share(document, "1"), Share(wrong, eur("1"))]
        with meanwhile(acme, hold), scope_of(acme), impatient(), pytest.raises(refusal):
            allocating.allocate_payment(payment_id=paid.id, shares=shares)


def _becomes_locked(document: UUID) -> bool:
    return any(_is_locked(document) or threading.Event().wait(0.05) for _ in range(200))


def _is_locked(document: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM invoicing_invoice WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", [document]
        )
        return cursor.fetchone() is None


def test_sixteen_at_once_take_no_more_than_there_is(acme: Tenant, buyer: UUID) -> None:
    """Each of them fits alone; together they are twice what the payment holds."""
    with scope_of(acme):
        documents = [make_issued(buyer, "100") for _ in range(16)]
        paid = make_payment(buyer, "80")

    def take(number: int) -> str:
        try:
            with scope_of(acme):
                allocating.allocate_payment(payment_id=paid.id, shares=[share(documents[number], "10")])
        except DomainError as error:
            return error.code
        return "done"

    with Crew(16) as crew:
        outcomes = crew.all_do(take)
    assert sorted(outcomes) == [AboveCredit.code] * 8 + ["done"] * 8
    with scope_of(acme):
        assert payment(paid.id).unallocated_amount == 0
        assert sum(100 - balance(document) for document in documents) == 80


def test_sixteen_payments_settle_an_invoice_once(acme: Tenant, buyer: UUID) -> None:
    with scope_of(acme):
        document = make_issued(buyer, "80")
        payments = [make_payment(buyer, "10") for _ in range(16)]

    def settle(number: int) -> str:
        try:
            with scope_of(acme):
                allocating.allocate_payment(payment_id=payments[number].id, shares=[share(document, "10")])
        except DomainError as error:
            return error.code
        return "done"

    with Crew(16) as crew:
        outcomes = crew.all_do(settle)
    assert sorted(outcomes) == [AboveBalance.code] * 8 + ["done"] * 8
    with scope_of(acme):
        assert balance(document) == 0


POSTINGS: dict[str, Callable[[UUID], object]] = {
    "payment": lambda buyer: make_payment(buyer, "100"),
    "issue": lambda buyer: make_issued(buyer, "100"),
    "issue of a draft": lambda buyer: issuing.issue_invoice(
        invoice_id=creating.create_invoice(draft=a_draft(buyer)).id
    ),
}


@pytest.mark.parametrize("name", POSTINGS)
def test_a_report_waits_for_who_is_posting(acme: Tenant, buyer: UUID, name: str) -> None:
    """Else the posting would turn up later with a time that the report has already covered."""
    with scope_of(acme):
        before = _told()
    with (
        meanwhile(acme, lambda: POSTINGS[name](buyer)),
        pytest.raises(OperationalError, match="statement timeout"),
        scope_of(acme),
        hurried(),
    ):
        receivables.horizon()
    with scope_of(acme):
        at = receivables.horizon()
        assert _told() != before
        recorded = [*Payment.objects.values_list("recorded_at", flat=True)]
        recorded += Invoice.objects.filter(state="issued").values_list("recorded_at", flat=True)
        assert all(moment < at.known_at for moment in recorded)


def test_a_report_that_waits_holds_nobody_up(acme: Tenant, buyer: UUID) -> None:
    """Else one posting that hangs would stop the whole tenant as soon as somebody asks for a report."""
    answered = threading.Event()

    def report() -> Horizon:
        try:
            with scope_of(acme):
                return receivables.horizon()
        finally:
            answered.set()
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with meanwhile(acme, lambda: make_payment(buyer, "100")):
            asked = pool.submit(report)
            with scope_of(acme):
                while not _is_awaited():
                    assert not answered.wait(0.02)
                with impatient():
                    later = make_payment(buyer, "7")
            assert not answered.is_set()
        at = asked.result(30)
    with scope_of(acme):
        earlier = Payment.objects.get(amount=100)
        assert earlier.recorded_at < at.known_at < payment(later.id).recorded_at


def _is_awaited() -> bool:
    """Whether a report waits by now; what it runs is to be seen by the role that runs it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid()"
            " AND datname = current_database() AND query LIKE '%%invoicing_await_postings%%'"
        )
        return bool(cursor.fetchone()[0])


def test_a_report_gives_up_on_a_posting_that_hangs(
    acme: Tenant, buyer: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "PATIENCE_SECONDS", 0.05)
    with (
        meanwhile(acme, lambda: make_payment(buyer, "100")),
        scope_of(acme),
        pytest.raises(OperationalError, match="have not finished"),
    ):
        receivables.horizon()


def test_another_tenants_postings_hold_up_no_report(acme: Tenant, globex: Tenant, buyer: UUID) -> None:
    with meanwhile(acme, lambda: make_payment(buyer, "100")), scope_of(globex), hurried():
        receivables.horizon()


def _told() -> object:
    return receivables.ageing(at=receivables.horizon(), filters=OpenItemFilter())
