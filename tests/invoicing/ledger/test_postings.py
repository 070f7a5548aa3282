"""What can be posted, what it does, and what is refused without a trace."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from audit.models import Entry
from audit.workflows.relay import drain
from invoicing.domain import ledger, lifecycle
from invoicing.domain.document import DocumentType
from invoicing.domain.ledger import ReversalKind, Share
from invoicing.models import Allocation, Invoice, LegalEntity, Payment, Refund, Reversal, WriteOff
from invoicing.money import Money
from invoicing.services import allocating, creating, receiving, refunding, returning, writing_off
from invoicing.services.allocating import NothingLeft
from invoicing.services.returning import AboveWhatIsThere, PartlyGone
from invoicing.services.writing_off import AboveWriteOffLimit
from tenants.errors import DomainError, InvalidInput, NotFound
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_customer, make_legal_entity
from tests.factories.ledger import balance, days_ago, eur, invoice, make_issued, make_payment, payment, share

LEDGER = (Payment, Allocation, Refund, WriteOff, Reversal)


def everything() -> list[Any]:
    """All rows that a posting could touch."""
    return [list(model.objects.order_by("id").values()) for model in (*LEDGER, Invoice)]


def refused(error: type[DomainError], call: Callable[[], object]) -> DomainError:
    """The call is refused and nothing is different."""
    before = everything()
    with pytest.raises(error) as caught:
        call()
    assert everything() == before
    return caught.value


def test_one_payment_settles_several_invoices_and_leaves_credit(customer: UUID) -> None:
    first, second = make_issued(customer, "100"), make_issued(customer, "50")
    paid = make_payment(customer, "170", shares=[share(first, "100"), share(second, "20")])
    assert [balance(first), balance(second)] == [0, 30]
    assert [invoice(one.id).payment_state for one in (first, second)] == ["paid", "partially_paid"]
    assert payment(paid.id).unallocated_amount == 50
    allocating.allocate_payment(payment_id=paid.id, shares=[share(second, "30")])
    assert invoice(second.id).payment_state == "paid"
    assert payment(paid.id).unallocated_amount == 20


def test_one_invoice_is_settled_by_several_payments_and_credit_notes(customer: UUID) -> None:
    document = make_issued(customer, "100")
    note = make_issued(customer, "30", type=DocumentType.CREDIT_NOTE)
    make_payment(customer, "40", shares=[share(document, "40")])
    make_payment(customer, "35", shares=[share(document, "35")])
    allocating.apply_credit(credit_note_id=note.id, invoice_id=document.id, amount=Decimal("25"))
    assert invoice(document.id).payment_state == "paid"
    assert [balance(note), invoice(note.id).payment_state] == [5, "partially_paid"]


def test_an_invoice_below_zero_is_credit_and_a_credit_note_below_zero_a_claim(customer: UUID) -> None:
    owed_to_them = make_issued(customer, "100", prepaid="130")
    owed_to_us = make_issued(customer, "100", prepaid="120", type=DocumentType.CREDIT_NOTE)
    allocating.apply_credit(credit_note_id=owed_to_them.id, invoice_id=owed_to_us.id, amount=Decimal("20"))
    assert [balance(owed_to_them), balance(owed_to_us)] == [10, 0]
    assert invoice(owed_to_them.id).settled_amount == -20
    refunding.refund_credit(credit_note_id=owed_to_them.id, money=eur("10"))
    assert [invoice(one.id).payment_state for one in (owed_to_them, owed_to_us)] == ["paid", "paid"]


def test_five_cents_leave_an_invoice_partially_paid(customer: UUID) -> None:
    document = make_issued(customer, "237.75")
    make_payment(customer, "0.05", shares=[share(document, "0.05")])
    assert (invoice(document.id).payment_state, balance(document)) == ("partially_paid", Decimal("237.70"))


def test_amounts_are_kept_in_the_decimals_of_their_currency(customer: UUID) -> None:
    for currency, amount, kept in (("EUR", "5", "5.00"), ("JPY", "500", "500"), ("KWD", "1.5", "1.500")):
        made = make_payment(customer, amount, currency=currency)
        assert str(payment(made.id).amount) == kept


@pytest.mark.parametrize(
    ("currency", "amount", "code"),
    [
        ("EUR", "0", "not-positive"),
        ("EUR", "-1", "not-positive"),
        ("EUR", "-0.00", "not-positive"),
        ("JPY", "1.50", "too-many-decimals"),
        ("KWD", "1.2345", "too-many-decimals"),
        ("EUR", "0.001", "too-many-decimals"),
    ],
)
def test_an_amount_is_above_zero_and_fits_its_currency(
    customer: UUID, currency: str, amount: str, code: str
) -> None:
    money = Money(Decimal(amount), currency)
    document, paid = make_issued(customer), make_payment(customer)
    for call in (
        lambda: receiving.receive_payment(customer_id=customer, money=money),
        lambda: allocating.allocate_payment(payment_id=paid.id, shares=[Share(document.id, money)]),
        lambda: refunding.refund_payment(payment_id=paid.id, money=money),
        lambda: writing_off.write_off_invoice(invoice_id=document.id, money=money, reason="x"),
        lambda: returning.return_payment(payment_id=paid.id, money=money, reason="x"),
    ):
        error = refused(InvalidInput, call)
        assert [fault.code for fault in error.errors] == [code]


def test_nothing_is_settled_beyond_what_is_open_or_there(customer: UUID) -> None:
    document, other = make_issued(customer, "100"), make_issued(customer, "100")
    paid = make_payment(customer, "120")
    above = refused(
        ledger.AboveBalance,
        lambda: allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "100.01")]),
    )
    assert above.extra == {"balance": "100.00"}
    too_much = refused(
        ledger.AboveCredit,
        lambda: allocating.allocate_payment(
            payment_id=paid.id, shares=[share(document, "100"), share(other, "20.01")]
        ),
    )
    assert too_much.extra == {"credit": "120.00"}
    refused(ledger.AboveCredit, lambda: refunding.refund_payment(payment_id=paid.id, money=eur("120.01")))
    refused(
        AboveWhatIsThere,
        lambda: returning.return_payment(payment_id=paid.id, reason="x", money=eur("120.01")),
    )
    refused(
        ledger.AboveBalance,
        lambda: writing_off.write_off_invoice(invoice_id=document.id, reason="x", money=eur("101")),
    )


def test_only_money_of_the_invoices_currency_customer_and_seller_settles_it(customer: UUID) -> None:
    document = make_issued(customer, "100")
    dollars = make_payment(customer, "100", currency="USD")
    refused(
        ledger.OtherCurrency,
        lambda: allocating.allocate_payment(
            payment_id=dollars.id, shares=[Share(document.id, Money(Decimal(1), "USD"))]
        ),
    )
    euros = make_payment(customer, "100")
    refused(
        ledger.OtherCurrency,
        lambda: allocating.allocate_payment(
            payment_id=euros.id, shares=[Share(document.id, Money(Decimal(1), "USD"))]
        ),
    )
    of_others = make_payment(make_customer(name="Initech").id, "100")
    refused(
        ledger.OtherCustomer,
        lambda: allocating.allocate_payment(payment_id=of_others.id, shares=[share(document, "1")]),
    )
    elsewhere = make_payment(customer, "100", legal_entity_id=make_legal_entity(name="Acme France").id)
    refused(
        ledger.OtherLegalEntity,
        lambda: allocating.allocate_payment(payment_id=elsewhere.id, shares=[share(document, "1")]),
    )
    refused(
        ledger.OtherCurrency,
        lambda: writing_off.write_off_invoice(
            invoice_id=document.id, reason="x", money=Money(Decimal(1), "USD")
        ),
    )


def test_only_issued_documents_are_settled_and_only_claims(customer: UUID) -> None:
    paid = make_payment(customer, "100")
    draft = creating.create_invoice(draft=a_draft(customer))
    note = make_issued(customer, "10", type=DocumentType.CREDIT_NOTE)
    voided = make_issued(customer, "10")
    Invoice.objects.filter(id=voided.id).update(state="voided")

    def settle(document: UUID) -> Callable[[], object]:
        return lambda: allocating.allocate_payment(payment_id=paid.id, shares=[Share(document, eur("1"))])

    refused(lifecycle.NotIssued, settle(draft.id))
    refused(lifecycle.AlreadyVoided, settle(voided.id))
    refused(ledger.NoClaim, settle(note.id))
    refused(InvalidInput, settle(paid.id))
    document = make_issued(customer, "10")
    refused(
        ledger.NoCredit,
        lambda: allocating.apply_credit(
            credit_note_id=document.id, invoice_id=document.id, amount=Decimal(1)
        ),
    )
    refused(
        InvalidInput,
        lambda: allocating.allocate_payment(
            payment_id=paid.id, shares=[share(document, "1"), share(document, "1")]
        ),
    )
    refused(InvalidInput, lambda: allocating.allocate_payment(payment_id=paid.id, shares=[]))


def test_another_tenants_money_and_documents_are_not_there(customer: UUID, globex: Tenant) -> None:
    with scope_of(globex):
        make_legal_entity()
        theirs = make_customer().id
        document, paid = make_issued(theirs), make_payment(theirs)
        before = everything()
    mine, own = make_payment(customer), make_issued(customer)
    refused(
        InvalidInput,
        lambda: allocating.allocate_payment(payment_id=mine.id, shares=[share(document, "1")]),
    )
    refused(NotFound, lambda: allocating.allocate_payment(payment_id=paid.id, shares=[share(own, "1")]))
    refused(NotFound, lambda: refunding.refund_payment(payment_id=paid.id, money=eur("1")))
    refused(NotFound, lambda: returning.return_payment(payment_id=paid.id, reason="x"))
    refused(NotFound, lambda: writing_off.write_off_invoice(invoice_id=document.id, reason="x"))
    refused(InvalidInput, lambda: make_payment(theirs))
    with scope_of(globex):
        assert everything() == before


def test_an_allocation_is_taken_back_in_parts_and_no_further(customer: UUID) -> None:
    document = make_issued(customer, "100")
    paid = make_payment(customer, "100", shares=[share(document, "100")])
    allocation = Allocation.objects.get(payment_id=paid.id)
    taken = allocating.reverse_allocation(allocation_id=allocation.id, reason="wrong", amount=eur("30"))
    assert (taken.kind, taken.amount, taken.invoice_id) == ("allocation", 30, document.id)
    assert [balance(document), payment(paid.id).unallocated_amount] == [30, 30]
    assert invoice(document.id).payment_state == "partially_paid"
    refused(
        NothingLeft,
        lambda: allocating.reverse_allocation(allocation_id=allocation.id, reason="x", amount=eur("70.01")),
    )
    allocating.reverse_allocation(allocation_id=allocation.id, reason="all of it")
    assert [balance(document), invoice(document.id).payment_state] == [100, "unpaid"]
    refused(NothingLeft, lambda: allocating.reverse_allocation(allocation_id=allocation.id, reason="x"))


def test_a_returned_debit_opens_what_it_had_settled(customer: UUID) -> None:
    first, second = make_issued(customer, "60"), make_issued(customer, "60")
    paid = make_payment(customer, "130", shares=[share(first, "60"), share(second, "60")])
    back = returning.return_payment(payment_id=paid.id, reason="MD06")
    assert (back.kind, back.amount) == ("return", 130)
    assert [balance(first), balance(second), payment(paid.id).unallocated_amount] == [60, 60, 0]
    causes = Reversal.objects.filter(kind="allocation").values_list("cause_id", flat=True)
    assert list(causes) == [back.id, back.id]
    refused(AboveWhatIsThere, lambda: returning.return_payment(payment_id=paid.id, reason="again"))


def test_a_chargeback_takes_free_credit_first_and_then_what_was_allocated_last(customer: UUID) -> None:
    first, second = make_issued(customer, "60"), make_issued(customer, "60")
    paid = make_payment(customer, "130", shares=[share(first, "60")])
    allocating.allocate_payment(payment_id=paid.id, shares=[share(second, "60")])
    returning.return_payment(payment_id=paid.id, kind=ReversalKind.CHARGEBACK, reason="10.4", money=eur("35"))
    assert [balance(first), balance(second)] == [0, 25]
    assert [invoice(one.id).payment_state for one in (first, second)] == ["paid", "partially_paid"]


def test_what_was_refunded_cannot_be_charged_back_too(customer: UUID) -> None:
    paid = make_payment(customer, "100")
    refunding.refund_payment(payment_id=paid.id, money=eur("40"), reason="paid twice")
    refused(
        AboveWhatIsThere, lambda: returning.return_payment(payment_id=paid.id, reason="x", money=eur("60.01"))
    )
    refused(PartlyGone, lambda: returning.reverse_payment(payment_id=paid.id, reason="typed twice"))
    returning.return_payment(payment_id=paid.id, reason="x")
    assert payment(paid.id).returned_amount == 60


def test_a_payment_entered_in_error_leaves_as_if_it_had_not_come(customer: UUID) -> None:
    document = make_issued(customer, "100")
    paid = make_payment(customer, "100", shares=[share(document, "100")])
    taken = returning.reverse_payment(payment_id=paid.id, reason="typed twice")
    assert [taken.kind, balance(document), payment(paid.id).returned_amount] == ["mistake", 100, 100]


def test_a_write_off_has_a_limit_that_small_ones_cannot_pass_together(customer: UUID, acme: Tenant) -> None:
    document = make_issued(customer, "100")
    LegalEntity.objects.update(write_off_limit=Decimal("5"))
    with scope_of(acme, role="editor"):
        writing_off.write_off_invoice(invoice_id=document.id, reason="cents", money=eur("3"))
        above = refused(
            AboveWriteOffLimit,
            lambda: writing_off.write_off_invoice(invoice_id=document.id, reason="x", money=eur("2.01")),
        )
        assert above.extra == {"limit": "5"}
        made = writing_off.write_off_invoice(invoice_id=document.id, reason="cents", money=eur("2"))
        writing_off.reverse_write_off(write_off_id=made.id, reason="came after all")
        writing_off.write_off_invoice(invoice_id=document.id, reason="cents", money=eur("2"))
        dollars = make_issued(customer, "1", currency="USD")
        refused(AboveWriteOffLimit, lambda: writing_off.write_off_invoice(invoice_id=dollars.id, reason="x"))
    writing_off.write_off_invoice(invoice_id=document.id, reason="insolvent")
    assert [balance(document), invoice(document.id).payment_state] == [0, "paid"]


def test_money_that_comes_after_a_write_off_settles_the_claim_taken_up_again(customer: UUID) -> None:
    document = make_issued(customer, "100")
    given_up = writing_off.write_off_invoice(invoice_id=document.id, reason="insolvent")
    writing_off.reverse_write_off(write_off_id=given_up.id, reason="quota", amount=eur("15"))
    make_payment(customer, "15", shares=[share(document, "15")])
    assert balance(document) == 0


def test_a_posting_counts_from_the_first_day_on_which_both_ends_are_there(customer: UUID) -> None:
    document = make_issued(customer, "100", issued=days_ago(5))
    paid = make_payment(customer, "100", received=days_ago(9))
    (allocation,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "40")])
    assert allocation.effective_date == days_ago(5)
    allocating.reverse_allocation(allocation_id=allocation.id, reason="x", effective_date=days_ago(3))
    (again,) = allocating.allocate_payment(payment_id=paid.id, shares=[share(document, "40")])
    assert again.effective_date == days_ago(3)
    early = refused(
        ledger.EffectiveTooEarly,
        lambda: allocating.allocate_payment(
            payment_id=paid.id, shares=[share(document, "1")], effective_date=days_ago(4)
        ),
    )
    assert early.extra == {"earliest": days_ago(3).isoformat()}


def test_nothing_counts_from_a_day_to_come(customer: UUID) -> None:
    later = timezone.localdate() + timedelta(days=2)
    document, paid = make_issued(customer), make_payment(customer)
    for call in (
        lambda: make_payment(customer, received=later),
        lambda: allocating.allocate_payment(
            payment_id=paid.id, shares=[share(document, "1")], effective_date=later
        ),
        lambda: refunding.refund_payment(payment_id=paid.id, money=eur("1"), effective_date=later),
        lambda: returning.return_payment(payment_id=paid.id, reason="x", effective_date=later),
        lambda: writing_off.write_off_invoice(invoice_id=document.id, reason="x", effective_date=later),
    ):
        refused(ledger.EffectiveInFuture, call)


def test_every_posting_is_an_event_and_every_row_is_in_the_trail(customer: UUID) -> None:
    document = make_issued(customer, "100")
    paid = make_payment(customer, "120", shares=[share(document, "100")])
    refunding.refund_payment(payment_id=paid.id, money=eur("20"))
    returning.return_payment(payment_id=paid.id, reason="MD06")
    writing_off.write_off_invoice(invoice_id=document.id, reason="insolvent")
    drain()
    told = [
        entry.operation
        for entry in Entry.objects.all()
        if entry.record_id in (str(paid.id), str(document.id))
    ]
    for name in (
        "payment.received",
        "invoice.paid",
        "payment.refunded",
        "payment.returned",
        "invoice.reopened",
        "invoice.written_off",
    ):
        assert name in told
    rows = set(Entry.objects.filter(operation="insert").values_list("entity_type", flat=True))
    assert {f"invoicing.{model._meta.model_name}" for model in LEDGER} <= rows


def test_money_that_came_back_is_not_spent_on_an_earlier_day(customer: UUID) -> None:
    document, other = (make_issued(customer, "100", issued=days_ago(9)) for _ in range(2))
    paid = make_payment(customer, "100", received=days_ago(9), shares=[share(document, "100")])
    allocation = Allocation.objects.get(payment_id=paid.id)
    allocating.reverse_allocation(allocation_id=allocation.id, reason="x", effective_date=days_ago(3))
    refused(
        ledger.EffectiveTooEarly,
        lambda: allocating.allocate_payment(
            payment_id=paid.id, shares=[share(other, "100")], effective_date=days_ago(4)
        ),
    )
    allocating.allocate_payment(payment_id=paid.id, shares=[share(other, "100")], effective_date=days_ago(3))
    assert balance(other) == 0
