"""Books that are closed take no posting that counts in them; what names no day counts from an open one."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from invoicing.domain.document import DocumentType
from invoicing.domain.periods import PeriodClosed
from invoicing.models import Allocation, Payment, PeriodLock, Refund, Reversal, WriteOff
from invoicing.services import allocating, refunding, returning, writing_off
from invoicing.services.period_locks import lock_period
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import make_legal_entity
from tests.factories.ledger import days_ago, eur, make_issued, make_payment, share

EARLY, CLOSED, OPEN = days_ago(40), days_ago(30), days_ago(29)
Step = Callable[[date], Any]
ROWS = (Payment, Allocation, Refund, WriteOff, Reversal)


def receipt(buyer: UUID) -> Step:
    return lambda day: make_payment(buyer, received=day)


def settled_receipt(buyer: UUID) -> Step:
    document = make_issued(buyer, issued=EARLY)
    return lambda day: make_payment(buyer, received=day, shares=[share(document, "10")])


def allocation(buyer: UUID) -> Step:
    document, paid = make_issued(buyer, issued=EARLY), make_payment(buyer, received=EARLY)
    return lambda day: allocating.allocate_payment(
        payment_id=paid.id, shares=[share(document, "10")], effective_date=day
    )


def applied_credit(buyer: UUID) -> Step:
    document = make_issued(buyer, issued=EARLY)
    note = make_issued(buyer, type=DocumentType.CREDIT_NOTE, issued=EARLY)
    return lambda day: allocating.apply_credit(
        credit_note_id=note.id, invoice_id=document.id, amount=Decimal(10), effective_date=day
    )


def taken_back_allocation(buyer: UUID) -> Step:
    document = make_issued(buyer, issued=EARLY)
    paid = make_payment(buyer, received=EARLY, shares=[share(document, "10")])
    made = Allocation.objects.get(payment_id=paid.id)
    return lambda day: allocating.reverse_allocation(allocation_id=made.id, reason="x", effective_date=day)


def refund(buyer: UUID) -> Step:
    paid = make_payment(buyer, received=EARLY)
    return lambda day: refunding.refund_payment(payment_id=paid.id, money=eur("10"), effective_date=day)


def refunded_credit(buyer: UUID) -> Step:
    note = make_issued(buyer, type=DocumentType.CREDIT_NOTE, issued=EARLY)
    return lambda day: refunding.refund_credit(credit_note_id=note.id, money=eur("10"), effective_date=day)


def bank_return(buyer: UUID) -> Step:
    paid = make_payment(buyer, received=EARLY)
    return lambda day: returning.return_payment(payment_id=paid.id, reason="x", effective_date=day)


def mistake(buyer: UUID) -> Step:
    paid = make_payment(buyer, received=EARLY)
    return lambda day: returning.reverse_payment(payment_id=paid.id, reason="x", effective_date=day)


def write_off(buyer: UUID) -> Step:
    document = make_issued(buyer, issued=EARLY)
    return lambda day: writing_off.write_off_invoice(invoice_id=document.id, reason="x", effective_date=day)


def taken_back_write_off(buyer: UUID) -> Step:
    document = make_issued(buyer, issued=EARLY)
    made = writing_off.write_off_invoice(invoice_id=document.id, reason="x", effective_date=EARLY)
    return lambda day: writing_off.reverse_write_off(write_off_id=made.id, reason="x", effective_date=day)


POSTINGS = {
    posting.__name__: posting
    for posting in (
        receipt,
        settled_receipt,
        allocation,
        applied_credit,
        taken_back_allocation,
        refund,
        refunded_credit,
        bank_return,
        mistake,
        write_off,
        taken_back_write_off,
    )
}


def standing() -> list[Any]:
    rows = [row for model in ROWS for row in model.objects.order_by("id").values()]
    return [{name: value for name, value in row.items() if name != "recorded_at"} for row in rows]


@pytest.mark.parametrize("name", POSTINGS)
def test_a_posting_that_counts_in_a_closed_period_is_refused(acme: Tenant, buyer: UUID, name: str) -> None:
    with scope_of(acme):
        step = POSTINGS[name](buyer)
        lock_period(closed_through=CLOSED)
        before = standing()
        with pytest.raises(PeriodClosed, match=f"open is {OPEN.isoformat()}") as refusal:
            step(CLOSED)
        assert refusal.value.extra == {"open_from": OPEN.isoformat()}
        assert [fault.pointer for fault in refusal.value.errors] == ["/effective_date"]
        assert standing() == before


@pytest.mark.parametrize("name", POSTINGS)
def test_a_posting_that_counts_from_the_first_open_day_is_taken(acme: Tenant, buyer: UUID, name: str) -> None:
    with scope_of(acme):
        step = POSTINGS[name](buyer)
        lock_period(closed_through=CLOSED)
        step(OPEN)


def test_what_was_there_in_a_closed_period_is_settled_on_the_first_open_day(
    acme: Tenant, buyer: UUID
) -> None:
    with scope_of(acme):
        documents = [make_issued(buyer, issued=EARLY), make_issued(buyer, issued=days_ago(10))]
        paid = make_payment(buyer, received=EARLY)
        lock_period(closed_through=CLOSED)
        rows = allocating.allocate_payment(
            payment_id=paid.id, shares=[share(document, "10") for document in documents]
        )
        assert [row.effective_date for row in rows] == [OPEN, days_ago(10)]


def test_money_of_another_legal_entity_is_posted_into_its_own_books(acme: Tenant, buyer: UUID) -> None:
    with scope_of(acme):
        other = make_legal_entity(name="Other")
        lock_period(closed_through=CLOSED)
        document = make_issued(buyer, issued=EARLY, legal_entity=other.id)
        make_payment(buyer, received=EARLY, legal_entity_id=other.id, shares=[share(document, "10")])
        lock_period(closed_through=CLOSED, legal_entity_id=other.id)
        with pytest.raises(PeriodClosed):
            make_payment(buyer, received=EARLY, legal_entity_id=other.id)


def test_whoever_posts_past_the_services_is_refused_too(acme: Tenant, buyer: UUID) -> None:
    with scope_of(acme):
        document, paid = make_issued(buyer, issued=EARLY), make_payment(buyer, received=EARLY)
        lock_period(closed_through=CLOSED)
        with pytest.raises(IntegrityError, match="closed period"), transaction.atomic():
            WriteOff.objects.create(
                tenant_id=acme.id,
                invoice_id=document.id,
                currency="EUR",
                amount=1,
                reason="x",
                effective_date=CLOSED,
            )
        with pytest.raises(IntegrityError, match="closed period"), transaction.atomic():
            Refund.objects.create(
                tenant_id=acme.id, payment_id=paid.id, currency="EUR", amount=1, effective_date=CLOSED
            )
        assert PeriodLock.objects.count() == 1
