"""What a customer may owe is minded when a document is issued, also by many at once."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connections

from audit.models import PendingEntry
from invoicing.domain.document import DocumentType
from invoicing.models import Customer, Invoice
from invoicing.services.creating import create_invoice, create_invoices
from invoicing.services.credit_limits import CreditLimitExceeded
from invoicing.services.issuing import issue_invoice
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, a_line, make_customer, make_legal_entity
from tests.factories.ledger import make_issued, make_payment, share


def limited(amount: str = "100", currency: str = "EUR") -> UUID:
    made: Customer = make_customer(credit_limit=Decimal(amount), credit_limit_currency=currency)
    return made.id


def issue_of(customer: UUID, price: str) -> None:
    create_invoice(draft=a_draft(customer, lines=[a_line(price=price, rate="0")]), issue=True)


@pytest.fixture
def customer(acme: Tenant) -> UUID:
    with scope_of(acme):
        make_legal_entity()
        return limited()


def test_up_to_the_limit_documents_are_issued_and_not_beyond(acme: Tenant, customer: UUID) -> None:
    with scope_of(acme):
        issue_of(customer, "60")
        with pytest.raises(CreditLimitExceeded) as refusal:
            issue_of(customer, "40.01")
        assert refusal.value.extra == {"credit_limit": "100.00", "balance": "100.01", "currency": "EUR"}
        assert refusal.value.pointer == "/customer"
        issue_of(customer, "40")
        assert Invoice.objects.filter(customer_id=customer).count() == 2


def test_a_drawn_number_is_not_lost_by_a_refusal(acme: Tenant, customer: UUID) -> None:
    with scope_of(acme):
        issue_of(customer, "60")
        with pytest.raises(CreditLimitExceeded):
            issue_of(customer, "60")
        issue_of(customer, "1")
        numbers = Invoice.objects.order_by("sequence").values_list("sequence", flat=True)
        assert list(numbers) == [1, 2]


def test_what_was_paid_or_credited_or_paid_ahead_is_not_owed(acme: Tenant, customer: UUID) -> None:
    with scope_of(acme):
        document = make_issued(customer, "100")
        with pytest.raises(CreditLimitExceeded):
            issue_of(customer, "30")
        make_payment(customer, "30", shares=[share(document, "30")])
        issue_of(customer, "30")
        with pytest.raises(CreditLimitExceeded):
            issue_of(customer, "1")
        make_payment(customer, "20")
        make_issued(customer, "5", type=DocumentType.CREDIT_NOTE)
        issue_of(customer, "25")
        with pytest.raises(CreditLimitExceeded):
            issue_of(customer, "0.01")


def test_a_draft_is_free_and_refused_when_it_is_issued(acme: Tenant, customer: UUID) -> None:
    with scope_of(acme):
        drafted = [create_invoice(draft=a_draft(customer, lines=[a_line(price="51")])) for _ in range(2)]
        issue_invoice(invoice_id=drafted[0].id)
        with pytest.raises(CreditLimitExceeded):
            issue_invoice(invoice_id=drafted[1].id)
        assert Invoice.objects.get(id=drafted[1].id).state == "draft"


def test_documents_of_one_batch_are_added_up(acme: Tenant, customer: UUID) -> None:
    with scope_of(acme):
        drafts = [a_draft(customer, lines=[a_line(price="60", rate="0")]) for _ in range(2)]
        with pytest.raises(CreditLimitExceeded):
            create_invoices(drafts=drafts, issue=True)
        assert not Invoice.objects.filter(customer_id=customer).exists()


def test_other_currencies_and_what_lowers_the_balance_are_not_held_against_it(
    acme: Tenant, customer: UUID
) -> None:
    with scope_of(acme):
        make_issued(customer, "1000", currency="USD")
        make_issued(customer, "100")
        Customer.objects.filter(id=customer).update(credit_limit=Decimal(1))
        credit = replace(a_draft(customer).document, type=DocumentType.CREDIT_NOTE)
        create_invoice(draft=replace(a_draft(customer), document=credit), issue=True)


def test_a_legal_entity_that_only_warns_tells_the_trail(acme: Tenant) -> None:
    with scope_of(acme):
        make_legal_entity(over_credit_limit="warn")
        customer = limited()
        issue_of(customer, "100")
        issue_of(customer, "1")
        events = PendingEntry.objects.filter(
            record_id=str(customer), operation="customer.credit_limit_exceeded"
        )
        assert [entry.new_values["balance"] for entry in events] == ["101.00"]


def test_of_many_that_just_fit_alone_as_many_are_issued_as_fit_together(acme: Tenant, customer: UUID) -> None:
    with scope_of(acme):
        drafted = [
            create_invoice(draft=a_draft(customer, lines=[a_line(price="30", rate="0")])) for _ in range(4)
        ]

    def issue(place: int) -> bool:
        try:
            with scope_of(acme):
                if place < 4:
                    issue_invoice(invoice_id=drafted[place].id)
                else:
                    issue_of(customer, "30")
        except CreditLimitExceeded:
            return False
        else:
            return True
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(issue, range(8)))
    assert sum(outcomes) == 3
    with scope_of(acme):
        assert Invoice.objects.filter(customer_id=customer, state="issued").count() == 3
