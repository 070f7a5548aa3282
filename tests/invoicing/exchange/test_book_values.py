"""Gain and loss at settlement: what the books carried, what the money was worth, and nothing lost between."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from invoicing.domain.booking import Values, gain
from invoicing.domain.document import DocumentType
from invoicing.domain.exchange import RateMissing
from invoicing.models import Allocation, Invoice, LegalEntity, Payment, Refund, Reversal, WriteOff
from invoicing.money import Money
from invoicing.services import allocating, receiving, refunding, returning, writing_off
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.exchange import a_rate
from tests.factories.invoicing import make_customer, make_legal_entity
from tests.factories.ledger import days_ago, make_issued, make_payment, share

Row = Allocation | Refund | Reversal


@pytest.fixture
def customer(acme: Tenant) -> Iterator[UUID]:
    """One dollar was worth 0.80 euros twenty days ago, 0.90 ten days ago, and 1.00 yesterday."""
    with scope_of(acme):
        make_legal_entity()
        for rate, ago in (("0.8", 20), ("0.9", 10), ("1", 1)):
            a_rate(rate, unit="USD", quoted="EUR", day=days_ago(ago))
        yield make_customer().id


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


def issued(customer: UUID, total: str, *, ago: int = 20, **stated: object) -> Invoice:
    return make_issued(customer, total, currency="USD", issued=days_ago(ago), **stated)  # type: ignore[arg-type]


def received(customer: UUID, amount: str, *, ago: int = 10) -> Payment:
    return make_payment(customer, amount, currency="USD", received=days_ago(ago))


def realised(row: Row) -> Decimal:
    found = gain(Values(row.source_value, row.target_value))
    assert found is not None
    return found


def test_a_dearer_currency_gains_and_the_parts_sum_to_the_whole(customer: UUID) -> None:
    document, paid = issued(customer, "100.01"), received(customer, "100.01")
    rows = [
        allocating.allocate_payment(payment_id=paid.id, shares=[share(document, part)])[0]
        for part in ("33.33", "33.33", "33.35")
    ]
    # 100.01 dollars: 80.01 euros at issue, 90.01 when the money came.
    assert sum(row.target_value for row in rows) == Decimal("80.01")
    assert sum(row.source_value for row in rows) == Decimal("90.01")
    assert sum(map(realised, rows)) == Decimal("10.00")


def test_a_cheaper_currency_loses(customer: UUID) -> None:
    a_rate("0.5", unit="USD", quoted="EUR", day=days_ago(10))
    document = issued(customer, "100")
    (row,) = allocating.allocate_payment(
        payment_id=received(customer, "100").id, shares=[share(document, "100")]
    )
    assert realised(row) == Decimal("-30.00")


def test_the_rate_is_that_of_the_day_the_money_came_not_of_the_day_it_was_allocated(customer: UUID) -> None:
    document, paid = issued(customer, "100"), received(customer, "100", ago=10)
    (row,) = allocating.allocate_payment(
        payment_id=paid.id, shares=[share(document, "100")], effective_date=days_ago(1)
    )
    assert realised(row) == Decimal("10.00")


def test_a_payment_that_names_its_documents_is_valued_like_one_allocated_later(customer: UUID) -> None:
    first, second = issued(customer, "33.33"), issued(customer, "66.67")
    paid = receiving.receive_payment(
        customer_id=customer,
        money=usd("100.00"),
        effective_date=days_ago(10),
        shares=[share(first, "33.33"), share(second, "66.67")],
    )
    rows = Allocation.objects.filter(payment_id=paid.id)
    assert sum(row.source_value for row in rows) == Decimal("90.00")
    assert sum(realised(row) for row in rows) == Decimal("10.00")


def test_taking_an_allocation_back_in_parts_takes_its_gain_back_exactly(customer: UUID) -> None:
    document, paid = issued(customer, "100.01"), received(customer, "100.01")
    (row,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "77.77")])
    back = [
        allocating.reverse_allocation(allocation_id=row.id, reason="x", amount=amount)
        for amount in (usd("11.11"), usd("33.33"), None)
    ]
    assert sum(each.target_value for each in back) == row.target_value
    assert sum(map(realised, back)) == realised(row)
    (again,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "100.01")])
    assert (again.source_value, again.target_value) == (Decimal("90.01"), Decimal("80.01"))


def test_a_write_off_gives_up_the_book_value_and_gives_it_back(customer: UUID) -> None:
    document = issued(customer, "100.01")
    first = writing_off.write_off_invoice(invoice_id=document.id, reason="x", money=usd("33.33"))
    rest = writing_off.write_off_invoice(invoice_id=document.id, reason="x")
    assert (first.target_value, rest.target_value) == (Decimal("26.66"), Decimal("53.35"))
    back = writing_off.reverse_write_off(write_off_id=rest.id, reason="x")
    assert back.target_value == rest.target_value


def test_credit_paid_back_is_worth_what_it_is_on_its_day(customer: UUID) -> None:
    paid = received(customer, "100")
    refund = refunding.refund_payment(payment_id=paid.id, money=usd("40"))
    assert (refund.source_value, refund.target_value) == (Decimal("36.00"), Decimal("40.00"))
    assert realised(refund) == Decimal("-4.00")


def test_a_return_reopens_the_claim_at_its_book_value(customer: UUID) -> None:
    document, paid = issued(customer, "100"), received(customer, "100")
    (row,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "100")])
    returned = returning.return_payment(payment_id=paid.id, reason="no funds", money=usd("60"))
    taken = Reversal.objects.get(cause_id=returned.id)
    assert (taken.source_value, taken.target_value) == (Decimal("54.00"), Decimal("48.00"))
    assert (returned.source_value, returned.target_value) == (Decimal("54.00"), Decimal("60.00"))
    assert realised(row) - realised(taken) == Decimal("4.00")


def test_money_that_never_came_realises_nothing(customer: UUID) -> None:
    document, paid = issued(customer, "100"), received(customer, "100")
    allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "70")])
    mistake = returning.reverse_payment(payment_id=paid.id, reason="entered twice")
    assert (mistake.source_value, realised(mistake)) == (Decimal("90.00"), Decimal(0))


def test_a_credit_note_settles_at_its_own_book_value(customer: UUID) -> None:
    document = issued(customer, "100")
    note = issued(customer, "40", ago=10, type=DocumentType.CREDIT_NOTE)
    (row,) = allocating.allocate_credit(credit_note_id=note.id, shares=[share(document, "40")])
    assert (row.source_value, row.target_value) == (Decimal("36.00"), Decimal("32.00"))


def test_in_the_currency_of_the_books_nothing_is_valued_and_nothing_asked(customer: UUID) -> None:
    document, paid = make_issued(customer, "100"), make_payment(customer, "100")
    with CaptureQueriesContext(connection) as captured:
        (row,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "100")])
    assert (row.source_value, row.target_value, paid.exchange) == (None, None, None)
    asked = [one["sql"] for one in captured.captured_queries]
    assert not [sql for sql in asked if "fxrate" in sql or "HAVING sum(value)" in sql]


def test_a_side_without_a_rate_has_no_book_value_and_no_gain(customer: UUID) -> None:
    a_rate("2.4", unit="BHD", quoted="EUR", day=days_ago(10))  # which the ECB does not publish

    def dinars(ago: int) -> Payment:
        return make_payment(customer, "100.000", currency="BHD", received=days_ago(ago))

    document = make_issued(customer, "100", currency="BHD", issued=days_ago(40))
    paid = dinars(10)
    assert document.exchange is None
    (row,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "100")])
    assert (row.source_value, row.target_value) == (Decimal("240.00"), None)
    credit = dinars(10)
    LegalEntity.objects.update(base_rate_required=True)
    with pytest.raises(RateMissing):
        dinars(40)
    with pytest.raises(RateMissing):
        refunding.refund_payment(payment_id=credit.id, money=Money(Decimal(1), "BHD"))


@pytest.mark.parametrize(
    ("source", "target"), [("90.01", "80.00"), ("89.99", "80.00"), ("90.00", "80.01"), ("-1", "80.00")]
)
def test_the_database_alone_refuses_a_book_value_that_does_not_add_up(
    customer: UUID, source: str, target: str
) -> None:
    document, paid = issued(customer, "100"), received(customer, "100")
    with pytest.raises(DatabaseError, match="book value"):
        _allocate_all(document, paid, Decimal(source), Decimal(target))


def _allocate_all(document: Invoice, paid: Payment, source: Decimal, target: Decimal) -> None:
    """By hand, past the services."""
    with transaction.atomic():
        Allocation.objects.create(
            tenant_id=document.tenant_id,
            payment_id=paid.id,
            invoice_id=document.id,
            currency="USD",
            amount=100,
            source_value=source,
            target_value=target,
            effective_date=days_ago(1),
        )
        Payment.objects.filter(id=paid.id).update(allocated_amount=100)
        Invoice.objects.filter(id=document.id).update(settled_amount=100, payment_state="paid")


def test_payments_keep_the_rate_they_were_booked_at(customer: UUID) -> None:
    paid = received(customer, "100")
    assert paid.exchange is not None
    kept = paid.exchange["base"]
    assert (kept["amount"], kept["rate"], date.fromisoformat(kept["date"])) == ("90.00", "0.9", days_ago(10))
    with pytest.raises(DatabaseError, match="posted for good"):
        Payment.objects.filter(id=paid.id).update(exchange=None)
    assert WriteOff.objects.count() == 0
