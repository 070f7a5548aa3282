"""Void only where the legal entity allows it and nothing left the house; the number stays."""

from decimal import Decimal
from uuid import UUID

import pytest
from django.db import IntegrityError, transaction

from audit.models import PendingEntry
from invoicing.domain.ledger import Share
from invoicing.domain.lifecycle import AlreadyVoided, NotIssued, State
from invoicing.domain.record import InvoiceRecord
from invoicing.models import Allocation, Invoice, LegalEntity
from invoicing.money import Money
from invoicing.selectors.certificates import certificate_of, numbering_faults
from invoicing.services import editing
from invoicing.services.allocating import reverse_allocation
from invoicing.services.creating import create_invoice
from invoicing.services.crediting import cancel_invoice, credit_invoice
from invoicing.services.issuing import issue_invoice
from invoicing.services.receiving import receive_payment
from invoicing.services.voiding import LeftTheHouse, VoidingNotAllowed, mark_sent, void_invoice
from tests.factories.invoicing import a_draft
from tests.invoicing.credits.test_crediting import pieces


def allow_voiding() -> None:
    LegalEntity.objects.update(may_void=True)


def state_of(invoice_id: UUID) -> str:
    return str(Invoice.objects.get(id=invoice_id).state)


def test_a_document_is_not_voided_unless_its_legal_entity_allows_it(invoice: InvoiceRecord) -> None:
    with pytest.raises(VoidingNotAllowed, match="credit note") as refusal:
        void_invoice(invoice_id=invoice.id, reason="wrong customer")
    assert refusal.value.extra == {"way_out": "cancel"}
    assert state_of(invoice.id) == State.ISSUED


def test_a_voided_document_keeps_its_number_and_is_told_to_the_trail(invoice: InvoiceRecord) -> None:
    allow_voiding()
    voided = void_invoice(invoice_id=invoice.id, reason="wrong customer")
    assert (voided.state, voided.number, voided.version) == (State.VOIDED, invoice.number, 2)
    with pytest.raises(AlreadyVoided):
        void_invoice(invoice_id=invoice.id, reason="again")
    (told,) = PendingEntry.objects.filter(operation="invoice.voided", record_id=str(invoice.id))
    assert "wrong customer" in str(told.new_values)
    certificate = certificate_of(series_id=invoice.series, limit=10)
    assert (certificate.is_contiguous, certificate.documents, certificate.voided) == (True, 1, 1)
    assert certificate.numbers[0].state == "voided"
    assert numbering_faults() == []


def test_a_voided_invoice_is_neither_credited_nor_voided_again(buyer: UUID, invoice: InvoiceRecord) -> None:
    allow_voiding()
    draft = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "1"))
    void_invoice(invoice_id=invoice.id, reason="never sent")
    with pytest.raises(AlreadyVoided):
        cancel_invoice(invoice_id=invoice.id)
    with pytest.raises(AlreadyVoided):
        issue_invoice(invoice_id=draft.id)
    with pytest.raises(NotIssued):
        void_invoice(invoice_id=create_invoice(draft=a_draft(buyer)).id, reason="a draft")


def pay(invoice: InvoiceRecord) -> None:
    receive_payment(
        customer_id=invoice.customer,
        money=Money(Decimal(100), "EUR"),
        shares=[Share(invoice.id, Money(Decimal(1), "EUR"))],
    )


LEFT = {
    "it was sent": lambda invoice: mark_sent(invoice_id=invoice.id),
    "a credit note": lambda invoice: cancel_invoice(invoice_id=invoice.id),
    "money or credit": pay,
}


@pytest.mark.parametrize("why", LEFT)
def test_what_left_the_house_is_not_voided_and_says_the_way_out(invoice: InvoiceRecord, why: str) -> None:
    allow_voiding()
    LEFT[why](invoice)
    with pytest.raises(LeftTheHouse, match=f"{why}.*cancel it by a credit note"):
        void_invoice(invoice_id=invoice.id, reason="too late")
    assert state_of(invoice.id) == State.ISSUED


def test_what_was_once_settled_is_not_voided_either(invoice: InvoiceRecord) -> None:
    allow_voiding()
    pay(invoice)
    allocation = Allocation.objects.get(invoice_id=invoice.id)
    reverse_allocation(allocation_id=allocation.id, reason="meant for another one")
    with pytest.raises(LeftTheHouse, match="was allocated"):
        void_invoice(invoice_id=invoice.id, reason="too late")


@pytest.mark.parametrize("why", LEFT)
def test_the_database_alone_refuses_to_void_what_left_the_house(invoice: InvoiceRecord, why: str) -> None:
    LEFT[why](invoice)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.filter(id=invoice.id).update(state="voided")
    assert state_of(invoice.id) == State.ISSUED


def test_a_credit_note_that_settles_nothing_can_be_voided_and_gives_back_what_it_took(
    invoice: InvoiceRecord,
) -> None:
    allow_voiding()
    receive_payment(
        customer_id=invoice.customer,
        money=Money(invoice.totals.payable, "EUR"),
        shares=[Share(invoice.id, Money(invoice.totals.payable, "EUR"))],
    )
    note = credit_invoice(invoice_id=invoice.id, credit=pieces(invoice, "7"), issue=True)
    void_invoice(invoice_id=note.id, reason="the pieces did not come back")
    assert cancel_invoice(invoice_id=invoice.id).totals.tax_inclusive == invoice.totals.tax_inclusive


def test_the_first_sending_counts(invoice: InvoiceRecord) -> None:
    mark_sent(invoice_id=invoice.id)
    first = Invoice.objects.get(id=invoice.id).sent_at
    mark_sent(invoice_id=invoice.id)
    assert Invoice.objects.get(id=invoice.id).sent_at == first
    with pytest.raises(editing.VersionMismatch):
        void_invoice(invoice_id=invoice.id, reason="stale", expected_version=1)
