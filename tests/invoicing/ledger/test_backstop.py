"""What the database refuses by itself, whoever writes and past whatever service (invariant 4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from invoicing.domain.document import DocumentType
from invoicing.models import Allocation, Invoice, Payment, Reversal
from invoicing.services import allocating, refunding, writing_off
from tenants.models import Tenant
from tests.factories.ledger import days_ago, eur, make_issued, make_payment, payment, share

ROWS = ("invoicing_allocation", "invoicing_refund", "invoicing_writeoff", "invoicing_reversal")


@contextmanager
def refused(constraint: str) -> Iterator[None]:
    """The block, or its commit, fails at this constraint."""
    with pytest.raises(DatabaseError) as caught, transaction.atomic():
        yield
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == constraint


def make_all(customer: UUID) -> Payment:
    """One row at least in every table of the ledger."""
    document = make_issued(customer, "100")
    paid = make_payment(customer, "100", shares=[share(document, "40")])
    allocation = Allocation.objects.get(payment_id=paid.id)
    allocating.reverse_allocation(allocation_id=allocation.id, reason="x", amount=eur("10"))
    refunding.refund_payment(payment_id=paid.id, money=eur("20"))
    writing_off.write_off_invoice(invoice_id=document.id, reason="x", money=eur("5"))
    return paid


@pytest.mark.parametrize("table", ROWS)
@pytest.mark.parametrize("change", ["UPDATE {} SET amount = amount", "DELETE FROM {}"])
def test_rows_of_the_ledger_are_never_changed(customer: UUID, acme: Tenant, table: str, change: str) -> None:
    make_all(customer)
    statement = f"{change.format(table)} WHERE tenant_id = %s"
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
        cursor.execute(statement, [acme.id])
    with (
        connections["owner"].cursor() as cursor,
        pytest.raises(DatabaseError, match="append-only"),
    ):
        cursor.execute(statement, [acme.id])


def test_a_payment_stays_as_it_was_posted(customer: UUID, acme: Tenant) -> None:
    paid = make_payment(customer, "100")
    for changes in (
        {"amount": Decimal(200)},
        {"currency": "USD"},
        {"effective_date": days_ago(9)},
        {"recorded_at": datetime(2020, 1, 1, tzinfo=UTC)},
        {"reference": "other"},
    ):
        with refused("invoicing_append_only"):
            Payment.objects.filter(id=paid.id).update(**changes)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="permission denied"):
        cursor.execute("DELETE FROM invoicing_payment WHERE id = %s", [paid.id])
    with refused_as_owner("invoicing_append_only"), connections["owner"].cursor() as cursor:
        cursor.execute("DELETE FROM invoicing_payment WHERE tenant_id = %s", [acme.id])


@contextmanager
def refused_as_owner(constraint: str) -> Iterator[None]:
    with pytest.raises(DatabaseError) as caught:
        yield
    cause = caught.value.__cause__
    assert isinstance(cause, psycopg.Error)
    assert cause.diag.constraint_name == constraint


def test_nobody_says_when_something_was_recorded(customer: UUID) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    made = Payment.objects.create(**_stated(make_payment(customer)), recorded_at=long_ago)
    assert payment(made.id).recorded_at > datetime(2026, 1, 1, tzinfo=UTC)
    assert made.recorded_at == payment(made.id).recorded_at


def test_no_more_leaves_a_payment_than_came(customer: UUID) -> None:
    paid = make_payment(customer, "100")
    with refused("invoicing_payment_covers_what_left_it"):
        Payment.objects.filter(id=paid.id).update(allocated_amount=60, refunded_amount=41)


def test_no_more_is_settled_than_is_payable(customer: UUID) -> None:
    document = make_issued(customer, "100")
    with refused("invoicing_invoice_settled_within_payable"):
        _move(document, 101)
    with refused("invoicing_invoice_settled_within_payable"):
        _move(document, -1)
    with refused("invoicing_invoice_payment_state"):
        Invoice.objects.filter(id=document.id).update(payment_state="paid")


def test_the_sums_of_a_payment_are_those_of_its_rows(customer: UUID) -> None:
    document, paid = make_issued(customer, "100"), make_payment(customer, "100")
    with refused("invoicing_payment_adds_up"):
        Payment.objects.filter(id=paid.id).update(allocated_amount=10)
    with refused("invoicing_payment_adds_up"):
        _move(document, 10)
        _allocation(paid, document, "10")
    with refused("invoicing_payment_adds_up"):
        Payment.objects.create(**{**_stated(paid), "allocated_amount": 10})


def test_what_is_settled_of_a_document_is_what_its_rows_say(customer: UUID) -> None:
    document, paid = make_issued(customer, "100"), make_payment(customer, "100")
    with refused("invoicing_document_adds_up"):
        _move(document, 10)
    with refused("invoicing_document_adds_up"):
        Payment.objects.filter(id=paid.id).update(allocated_amount=10)
        _allocation(paid, document, "10")


def test_a_row_is_of_the_currency_of_both_its_ends(customer: UUID) -> None:
    document, paid = make_issued(customer, "100"), make_payment(customer, "100")
    with refused("invoicing_payment_adds_up"):
        Payment.objects.filter(id=paid.id).update(allocated_amount=10)
        _move(document, 10)
        _allocation(paid, document, "10", currency="USD")
    dollars = make_payment(customer, "100", currency="USD")
    with refused("invoicing_document_adds_up"):
        _move(document, 10)
        Payment.objects.filter(id=dollars.id).update(allocated_amount=10)
        _allocation(dollars, document, "10", currency="USD")


def test_nothing_is_settled_before_it_is_there(customer: UUID) -> None:
    document = make_issued(customer, "100", issued=days_ago(9))
    paid = make_payment(customer, "100", received=days_ago(5))
    with refused("invoicing_payment_adds_up"):
        _move(document, 10)
        Payment.objects.filter(id=paid.id).update(allocated_amount=10)
        _allocation(paid, document, "10", on=6)


def test_no_day_is_dated_back_into_debt(customer: UUID) -> None:
    """Taken back today, the money was still spent last week: it cannot be spent then a second time."""
    document = make_issued(customer, "100", issued=days_ago(9))
    other = make_issued(customer, "100", issued=days_ago(9))
    paid = make_payment(customer, "100", received=days_ago(9), shares=[share(document, "100")])
    allocation = Allocation.objects.get(payment_id=paid.id)
    allocating.reverse_allocation(allocation_id=allocation.id, reason="x")
    with refused("invoicing_payment_adds_up"):
        _move(other, 100)
        Payment.objects.filter(id=paid.id).update(allocated_amount=100)
        _allocation(paid, other, "100", on=5)


def test_a_reversal_takes_back_what_is_there_and_no_more(customer: UUID) -> None:
    document, other = (make_issued(customer, "100", issued=days_ago(5)) for _ in range(2))
    paid = make_payment(
        customer, "100", received=days_ago(5), shares=[share(document, "40"), share(other, "50")]
    )
    (allocation,) = allocating.allocate_payment(
        payment_id=paid.id, shares=[share(document, "10")], effective_date=days_ago(0)
    )

    def take_back(amount: int, **changes: object) -> None:
        stated = {
            "tenant_id": paid.tenant_id,
            "kind": "allocation",
            "allocation_id": allocation.id,
            "payment_id": paid.id,
            "invoice_id": document.id,
            "currency": "EUR",
            "amount": amount,
            "reason": "x",
            "effective_date": allocation.effective_date,
        }
        Reversal.objects.create(**{**stated, **changes})

    with refused("invoicing_reversal_of_what_is_there"):
        take_back(10, invoice_id=other.id)
        Payment.objects.filter(id=paid.id).update(allocated_amount=90)
        _move(other, 40)
    with refused("invoicing_reversal_of_what_is_there"):
        take_back(11)
        Payment.objects.filter(id=paid.id).update(allocated_amount=89)
        _move(document, 39)
    with refused("invoicing_reversal_of_what_is_there"):
        take_back(10, effective_date=days_ago(1))
        Payment.objects.filter(id=paid.id).update(allocated_amount=90)
        _move(document, 40)
    with refused("invoicing_reversal_names_one_thing"):
        take_back(10, invoice_id=None)


def test_a_draft_and_a_voided_document_are_settled_by_nothing(customer: UUID) -> None:
    document = make_issued(customer, "100")
    make_payment(customer, "10", shares=[share(document, "10")])
    with pytest.raises(DatabaseError), transaction.atomic():
        Invoice.objects.filter(id=document.id).update(state="voided")


def test_a_void_is_stamped_by_the_database(customer: UUID) -> None:
    document = make_issued(customer, "100", type=DocumentType.CREDIT_NOTE)
    Invoice.objects.filter(id=document.id).update(state="voided")
    voided = Invoice.objects.get(id=document.id)
    assert voided.voided_on == voided.issue_date
    assert voided.voided_at > voided.recorded_at


def _move(document: Invoice, settled: int) -> None:
    state = "unpaid" if settled == 0 else "paid" if settled == document.payable else "partially_paid"
    Invoice.objects.filter(id=document.id).update(settled_amount=settled, payment_state=state)


def _allocation(paid: Payment, document: Invoice, amount: str, *, currency: str = "EUR", on: int = 0) -> None:
    Allocation.objects.create(
        tenant_id=paid.tenant_id,
        payment_id=paid.id,
        invoice_id=document.id,
        currency=currency,
        amount=Decimal(amount),
        effective_date=days_ago(on),
    )


def _stated(paid: Payment) -> dict[str, object]:
    names = ("tenant_id", "legal_entity_id", "customer_id", "currency", "amount", "method", "effective_date")
    return {name: getattr(paid, name) for name in names}
