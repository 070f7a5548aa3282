"""Two customers turn out to be one: what was of either is the survivor's; no earlier report changes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connections

from audit.models import PendingEntry
from invoicing.domain.ledger import OtherCustomer
from invoicing.models import Contact, Customer, Invoice
from invoicing.selectors.accounts import account_of
from invoicing.selectors.invoice_lists import InvoiceFilter, list_invoices
from invoicing.selectors.ledger import list_payments
from invoicing.selectors.receivables import OpenItemFilter, horizon, list_open_items
from invoicing.services.allocating import allocate_payment
from invoicing.services.creating import create_invoice
from invoicing.services.credit_limits import CreditLimitExceeded
from invoicing.services.customers import deactivate_customer, reactivate_customer
from invoicing.services.issuing import issue_invoice
from invoicing.services.master_data import Deactivated
from invoicing.services.merging import merge_customers
from invoicing.services.partners import MergedAlready
from tenants.errors import InvalidInput, NotFound
from tenants.ids import uuid7
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_contact, make_customer, make_legal_entity
from tests.factories.ledger import balance, make_issued, make_payment, share

Pair = tuple[UUID, UUID]


@pytest.fixture
def pair(acme: Tenant) -> Pair:
    """A duplicate and the customer that shall survive."""
    with scope_of(acme):
        make_legal_entity()
        return make_customer(name="Globex").id, make_customer(name="Globex Ltd").id


def listed(customer: UUID) -> set[UUID]:
    return {row.id for row in list_invoices(filters=InvoiceFilter(customer=customer), limit=50)}


def test_documents_payments_drafts_and_contacts_follow(acme: Tenant, pair: Pair) -> None:
    old, new = pair
    with scope_of(acme):
        issued, paid = make_issued(old, "100"), make_payment(old, "30")
        draft = create_invoice(draft=a_draft(old))
        make_contact(new, is_default=True)
        moved = make_contact(old, is_default=True).id
        survivor = merge_customers(customer_id=old, into=new)
        assert survivor.id == new
        assert listed(new) == {issued.id, draft.id}
        assert [row.id for row in list_payments(customer=new)] == [paid.id]
        kept = Invoice.objects.get(id=issued.id)
        assert (kept.buyer["name"], kept.customer_id) == ("Globex", old)
        assert Invoice.objects.get(id=draft.id).customer_id == new
        contact = Contact.objects.get(id=moved)
        assert (contact.customer_id, contact.is_default) == (new, False)
        alias = Customer.all_objects.get(id=old)
        assert (alias.is_active, alias.merged_into_id) == (False, new)
        (event,) = PendingEntry.objects.filter(record_id=str(old), operation="customer.merged")
        assert (event.new_values["into"], event.new_values["drafts"]) == (survivor.public_id, 1)


def test_money_of_the_one_settles_documents_of_the_other(acme: Tenant, pair: Pair) -> None:
    old, new = pair
    with scope_of(acme):
        document, paid = make_issued(new, "100"), make_payment(old, "100")
        with pytest.raises(OtherCustomer):
            allocate_payment(payment_id=paid.id, shares=[share(document, "60")])
        merge_customers(customer_id=old, into=new)
        allocate_payment(payment_id=paid.id, shares=[share(document, "60")])
        assert balance(document) == 40
        (account,) = account_of(customer_id=new)[1]
        assert account.balance == 0
        assert account_of(customer_id=old)[1] == [account]


def test_a_report_that_knew_nothing_of_the_merge_is_what_it_was(acme: Tenant, pair: Pair) -> None:
    old, new = pair
    with scope_of(acme):
        make_issued(old, "100")
        make_issued(new, "10")
        known = datetime.now(UTC)
        at = horizon(known_at=known)
        before = [
            list_open_items(at=at, filters=OpenItemFilter(customer=customer), limit=9)
            for customer in (old, new, None)
        ]
        accounts = [account_of(customer_id=customer, known_at=known)[1] for customer in pair]
        merge_customers(customer_id=old, into=new)
        third = make_customer().id
        merge_customers(customer_id=new, into=third)
        after = [
            list_open_items(at=at, filters=OpenItemFilter(customer=customer), limit=9)
            for customer in (old, new, None)
        ]
        assert after == before
        assert [account_of(customer_id=customer, known_at=known)[1] for customer in pair] == accounts
        today = list_open_items(at=horizon(), filters=OpenItemFilter(), limit=9)
        assert {item.customer for item in today} == {third}
        assert sum(item.open for item in today) == 110
        assert account_of(customer_id=third)[1][0].balance == 110


def test_who_names_the_alias_reaches_the_survivor(acme: Tenant, pair: Pair) -> None:
    old, new = pair
    with scope_of(acme):
        merge_customers(customer_id=old, into=new)
        assert create_invoice(draft=a_draft(old)).customer == new
        assert make_payment(old, "1").customer_id == new


def test_a_straggling_draft_of_the_alias_is_issued_to_the_survivor(acme: Tenant, pair: Pair) -> None:
    old, new = pair
    with scope_of(acme):
        draft = create_invoice(draft=a_draft(new))
        merge_customers(customer_id=old, into=new)
        Invoice.objects.filter(id=draft.id).update(customer_id=old)
        issued = issue_invoice(invoice_id=draft.id)
        assert issued.buyer is not None
        assert issued.buyer["name"] == "Globex Ltd"
        assert listed(new) == {draft.id}


def test_a_limit_counts_what_was_merged(acme: Tenant, pair: Pair) -> None:
    old, new = pair
    with scope_of(acme):
        Customer.objects.filter(id=new).update(credit_limit=Decimal(100), credit_limit_currency="EUR")
        make_issued(old, "90")
        merge_customers(customer_id=old, into=new)
        with pytest.raises(CreditLimitExceeded):
            make_issued(new, "20")


def test_a_merge_is_repeated_without_effect_and_never_taken_back(acme: Tenant, pair: Pair) -> None:
    old, new = pair
    with scope_of(acme):
        merge_customers(customer_id=old, into=new)
        version = Customer.all_objects.get(id=old).version
        assert merge_customers(customer_id=old, into=new).id == new
        assert Customer.all_objects.get(id=old).version == version
        with pytest.raises(MergedAlready):
            reactivate_customer(customer_id=old)
        with pytest.raises(MergedAlready):
            merge_customers(customer_id=old, into=make_customer().id)
        with pytest.raises(MergedAlready):
            merge_customers(customer_id=new, into=old)


def test_a_merge_needs_two_of_the_tenants_own_of_which_one_is_active(
    acme: Tenant, globex: Tenant, pair: Pair
) -> None:
    old, new = pair
    with scope_of(globex):
        foreign = make_customer().id
    with scope_of(acme):
        for into in (old, foreign, uuid7()):
            with pytest.raises(InvalidInput):
                merge_customers(customer_id=old, into=into)
        with pytest.raises(NotFound):
            merge_customers(customer_id=foreign, into=new)
        deactivate_customer(customer_id=new)
        with pytest.raises(Deactivated):
            merge_customers(customer_id=old, into=new)
        assert Customer.all_objects.get(id=old).is_active


def test_merging_while_others_issue_and_allocate_loses_nothing(acme: Tenant, pair: Pair) -> None:
    old, new = pair
    with scope_of(acme):
        Customer.objects.filter(id=new).update(credit_limit=Decimal(10**6), credit_limit_currency="EUR")
        drafts = [create_invoice(draft=a_draft(old)).id for _ in range(6)]
        documents = [make_issued(old, "10") for _ in range(6)]
        payments = [make_payment(old, "10") for _ in range(6)]

    def act(place: int) -> None:
        try:
            with scope_of(acme):
                if place == 5:
                    merge_customers(customer_id=old, into=new)
                elif place % 2:
                    allocate_payment(
                        payment_id=payments[place // 2].id, shares=[share(documents[place // 2], "10")]
                    )
                else:
                    issue_invoice(invoice_id=drafts[place // 2])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, range(12)))
    with scope_of(acme):
        assert listed(new) == {*drafts, *(document.id for document in documents)}
        assert all(balance(document) == 0 for place, document in enumerate(documents) if place not in (2,))
