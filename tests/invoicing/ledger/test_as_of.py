"""Yesterday's answer is yesterday's answer, to the bit, whatever comes late (issue 4, as-of)."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.utils import timezone

from invoicing.domain.document import DocumentType
from invoicing.models import Allocation, Invoice
from invoicing.selectors import accounts, receivables
from invoicing.selectors.accounts import BadPeriod
from invoicing.selectors.receivables import DayInFuture, KnownInFuture, OpenItemFilter
from invoicing.services import allocating, refunding, returning, writing_off
from tenants import ids
from tenants.models import Tenant
from tests.factories import ApiClient, client_of, make_member
from tests.factories.ledger import days_ago, eur, make_issued, make_payment, share

TABLES = {
    "invoicing_invoice": "recorded_at",
    "invoicing_payment": "recorded_at",
    "invoicing_allocation": "recorded_at",
    "invoicing_refund": "recorded_at",
    "invoicing_writeoff": "recorded_at",
    "invoicing_reversal": "recorded_at",
}


def recorded_earlier(tenant: Tenant, days: int) -> None:
    """As if everything so far had been recorded so many days before: only the owner can say so."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("BEGIN")
        for table, column in TABLES.items():
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            cursor.execute(
                f"UPDATE {table} SET {column} = {column} - make_interval(days => %s) WHERE tenant_id = %s",
                [days, tenant.id],
            )
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("COMMIT")


def everything_told(client: ApiClient, customer: str, days: list[date]) -> list[bytes]:
    """The answers of both versions about these days, as they come over the wire."""
    told = []
    for version in ("v1", "v2"):
        for day in days:
            for path in (
                f"receivables?as_of={day}",
                f"customers/{customer}/account?as_of={day}",
                f"statements?customer={customer}&from={day - timedelta(days=30)}&to={day}",
            ):
                answer = client.get(f"/api/{version}/{path}")
                assert answer.status_code == 200, answer.content
                told.append(answer.content)
    return told


@pytest.fixture
def books(acme: Tenant, customer: UUID) -> Invoice:
    """An invoice of ten days ago with a payment of six days ago, all known for five days."""
    document = make_issued(customer, "100", issued=days_ago(10))
    make_issued(customer, "40", issued=days_ago(9))
    make_payment(customer, "70", received=days_ago(6), shares=[share(document, "60")])
    recorded_earlier(acme, 5)
    return document


LATE: dict[str, Callable[[UUID, Invoice], object]] = {
    "a payment": lambda buyer, document: make_payment(
        buyer, "40", received=days_ago(8), shares=[share(document, "40")]
    ),
    "a credit note": lambda buyer, _: make_issued(
        buyer, "20", issued=days_ago(9), type=DocumentType.CREDIT_NOTE
    ),
    "a credit note that is applied": lambda buyer, document: allocating.apply_credit(
        credit_note_id=make_issued(buyer, "20", issued=days_ago(9), type=DocumentType.CREDIT_NOTE).id,
        invoice_id=document.id,
        amount=eur("20").amount,
    ),
    "an invoice": lambda buyer, _: make_issued(buyer, "20", issued=days_ago(9)),
    "a return": lambda _, document: returning.return_payment(
        payment_id=_payment_of(document), reason="late", effective_date=days_ago(5)
    ),
    "a refund": lambda _, document: refunding.refund_payment(
        payment_id=_payment_of(document), money=eur("10"), effective_date=days_ago(5)
    ),
    "a write-off": lambda _, document: writing_off.write_off_invoice(
        invoice_id=document.id, reason="late", effective_date=days_ago(4)
    ),
    "an allocation taken back": lambda _, document: allocating.reverse_allocation(
        allocation_id=Allocation.objects.get(invoice_id=document.id).id,
        reason="late",
        effective_date=days_ago(4),
    ),
    "a void": lambda buyer, _: Invoice.objects.filter(customer_id=buyer, settled_amount=0).update(
        state="voided", voided_on=days_ago(4)
    ),
}


@pytest.mark.parametrize("name", LATE)
def test_what_comes_late_changes_no_earlier_answer(
    acme: Tenant, customer: UUID, books: Invoice, name: str
) -> None:
    client = client_of(make_member(acme))
    public, days = ids.encode("cus", customer), [days_ago(age) for age in range(5, 0, -1)]
    before = everything_told(client, public, days)
    known = receivables.horizon().known_at
    restated = _told(days_ago(3), known)
    LATE[name](customer, books)
    assert everything_told(client, public, days) == before
    assert _told(days_ago(3), known) == restated
    assert _told(days_ago(3), receivables.horizon().known_at) != restated


def test_what_is_known_by_the_end_of_the_day_counts_however_late_it_was_posted(
    acme: Tenant, customer: UUID, books: Invoice
) -> None:
    make_payment(customer, "40", received=days_ago(8), shares=[share(books, "40")])
    assert [item.open for item in _items(days_ago(3))] == [-10, 40, 40]
    recorded_earlier(acme, 3)
    assert [item.open for item in _items(days_ago(3))] == [-10, 40]


def test_receivables_age_by_the_day_that_is_asked_for(customer: UUID, acme: Tenant) -> None:
    make_issued(customer, "10", issued=days_ago(130), due_date=days_ago(100))
    make_issued(customer, "20", issued=days_ago(130), due_date=days_ago(75))
    make_issued(customer, "40", issued=days_ago(130), due_date=days_ago(45))
    make_issued(customer, "80", issued=days_ago(130), due_date=days_ago(1))
    make_issued(customer, "160", issued=days_ago(130), due_date=days_ago(0))
    make_payment(customer, "5", received=days_ago(120))
    recorded_earlier(acme, 130)
    (today,) = receivables.ageing(at=receivables.horizon(), filters=OpenItemFilter())
    assert list(today[1:]) == [160, 80, 40, 20, 10, -5, 305]
    (then,) = receivables.ageing(at=receivables.horizon(as_of=days_ago(70)), filters=OpenItemFilter())
    assert list(then[1:]) == [280, 30, 0, 0, 0, -5, 305]


def test_an_account_and_a_statement_come_to_the_open_items(customer: UUID) -> None:
    document = make_issued(customer, "100", issued=days_ago(10))
    note = make_issued(customer, "30", issued=days_ago(9), type=DocumentType.CREDIT_NOTE)
    paid = make_payment(customer, "90", received=days_ago(8), shares=[share(document, "60")])
    refunding.refund_payment(payment_id=paid.id, money=eur("20"))
    refunding.refund_credit(credit_note_id=note.id, money=eur("5"))
    returning.return_payment(payment_id=paid.id, reason="x", money=eur("30"))
    given_up = writing_off.write_off_invoice(invoice_id=document.id, reason="x", money=eur("7"))
    writing_off.reverse_write_off(write_off_id=given_up.id, reason="x", amount=eur("2"))
    _, (account,) = accounts.account_of(customer_id=customer)
    assert [account.invoiced, account.credited, account.received] == [100, -30, -90]
    assert [account.refunded, account.returned, account.written_off] == [25, 30, -5]
    assert account.balance == account.claims + account.credit == 30
    _, (statement,) = accounts.statement_of(customer_id=customer, first=days_ago(9), last=days_ago(0))
    assert [statement.opening, statement.closing] == [100, 30]
    assert [line.kind for line in statement.lines[:2]] == ["credit_note", "payment"]
    assert statement.lines[-1].balance == statement.closing


def test_there_are_no_books_of_days_to_come(customer: UUID) -> None:
    tomorrow = timezone.localdate() + timedelta(days=2)
    with pytest.raises(DayInFuture):
        receivables.horizon(as_of=tomorrow)
    with pytest.raises(KnownInFuture):
        receivables.horizon(known_at=timezone.now() + timedelta(hours=1))
    for first, last in ((days_ago(0), days_ago(1)), (days_ago(400), days_ago(0))):
        with pytest.raises(BadPeriod):
            accounts.statement_of(customer_id=customer, first=first, last=last)


@pytest.mark.usefixtures("customer")
def test_a_day_ends_with_the_tenants_midnight() -> None:
    at = receivables.horizon(as_of=date(2026, 3, 28))
    assert at.known_at == datetime.fromisoformat("2026-03-29T00:00:00+01:00")
    assert at.is_final
    # The next day has 23 hours in Berlin.
    assert receivables.horizon(as_of=date(2026, 3, 29)).known_at == datetime.fromisoformat(
        "2026-03-30T00:00:00+02:00"
    )
    assert not receivables.horizon().is_final


def _payment_of(document: Invoice) -> Any:
    return Allocation.objects.get(invoice_id=document.id).payment_id


def _items(day: date) -> list[receivables.OpenItem]:
    at = receivables.horizon(as_of=day)
    return receivables.list_open_items(at=at, filters=OpenItemFilter(), limit=100)


def _told(day: date, known_at: datetime) -> Any:
    at = receivables.horizon(as_of=day, known_at=known_at)
    return receivables.list_open_items(at=at, filters=OpenItemFilter(), limit=100)
