"""A document in a foreign currency: its tax in the tax currency (BT-111), its amount in the books, frozen."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import Error, connection, connections
from django.test.utils import CaptureQueriesContext

from invoicing.domain.credit_request import Asked, CreditKind
from invoicing.domain.exchange import RateMissing
from invoicing.domain.record import Draft, InvoiceRecord
from invoicing.models import Customer, Invoice, LegalEntity
from invoicing.selectors.calculations import explain_record
from invoicing.selectors.invoices import get_invoice
from invoicing.services import creating, crediting, issuing, legal_entities
from invoicing.services.crediting import Credit
from invoicing.services.legal_entities import BooksAreKept
from tenants import ids
from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.exchange import a_rate
from tests.factories.invoicing import a_draft, a_line, make_customer, make_legal_entity
from tests.factories.ledger import days_ago


@pytest.fixture
def customer(acme: Tenant) -> Iterator[UUID]:
    with scope_of(acme):
        make_legal_entity()
        yield make_customer().id


def in_dollars(customer: UUID, *, tax_currency: str | None = None, price: str = "1000") -> Draft:
    draft = a_draft(customer, lines=[a_line(price=price)], currency="USD", issue_date=days_ago(1))
    return replace(draft, document=replace(draft.document, tax_currency=tax_currency))


def statements(draft: Draft, *, issue: bool = True) -> int:
    with CaptureQueriesContext(connection) as captured:
        creating.create_invoice(draft=draft, issue=issue)
    return sum(not one["sql"].lower().startswith("select set_config") for one in captured.captured_queries)


def issued_both_ways(draft: Draft) -> list[InvoiceRecord]:
    at_once = creating.create_invoice(draft=draft, issue=True)
    drafted = creating.create_invoice(draft=draft)
    assert not drafted.exchange
    return [at_once, issuing.issue_invoice(invoice_id=drafted.id)]


def test_the_tax_is_stated_in_the_tax_currency_with_rate_day_and_source(customer: UUID) -> None:
    a_rate("1.0850", day=days_ago(3), source="Bundesbank")
    for record in issued_both_ways(in_dollars(customer, tax_currency="EUR")):
        tax, base = record.exchange.tax, record.exchange.base
        assert tax is not None
        assert base is not None
        assert (tax.amount, base.amount) == (Decimal("175.12"), Decimal("1096.77"))  # 190 and 1190 / 1.0850
        assert (tax.rate.day, tax.rate.source) == (days_ago(3), "Bundesbank")
        assert get_invoice(invoice_id=record.id).exchange == record.exchange


def test_without_a_rate_a_tax_currency_is_refused_and_nothing_is_issued(customer: UUID) -> None:
    a_rate("1.0850", day=days_ago(9))
    draft = in_dollars(customer, tax_currency="PKR")
    with pytest.raises(RateMissing) as refused:
        creating.create_invoice(draft=draft, issue=True)
    assert refused.value.pointer == "/tax_currency"
    drafted = creating.create_invoice(draft=draft)
    with pytest.raises(RateMissing):
        issuing.issue_invoice(invoice_id=drafted.id)
    assert set(Invoice.objects.values_list("state", flat=True)) == {"draft"}


def test_the_books_do_without_a_rate_unless_the_legal_entity_wants_one(customer: UUID) -> None:
    draft = a_draft(customer, currency="PKR")
    assert not creating.create_invoice(draft=draft, issue=True).exchange
    LegalEntity.objects.update(base_rate_required=True)
    with pytest.raises(RateMissing) as refused:
        creating.create_invoice(draft=draft, issue=True)
    assert refused.value.pointer == "/currency"


def test_one_currency_costs_no_statement_more_and_many_documents_one(customer: UUID) -> None:
    a_rate()
    assert statements(a_draft(customer)) == 2
    assert statements(in_dollars(customer, tax_currency="EUR")) == 3
    assert statements(in_dollars(customer, tax_currency="EUR"), issue=False) == 2
    with CaptureQueriesContext(connection) as captured:
        creating.create_invoices(drafts=[in_dollars(customer)] * 5, issue=True)
    assert len([one for one in captured.captured_queries if "set_config" not in one["sql"]]) == 3


def test_what_was_converted_is_frozen_with_the_document(customer: UUID) -> None:
    a_rate()
    record = creating.create_invoice(draft=in_dollars(customer), issue=True)
    for alias in ("default", "owner"):
        with pytest.raises(Error, match="cannot be changed"), connections[alias].cursor() as cursor:
            cursor.execute("UPDATE invoicing_invoice SET exchange = NULL WHERE id = %s", [record.id])


def test_a_later_rate_leaves_an_issued_document_as_it_was(customer: UUID) -> None:
    a_rate("1.1")
    record = creating.create_invoice(draft=in_dollars(customer), issue=True)
    a_rate("2")
    assert get_invoice(invoice_id=record.id).exchange == record.exchange


def test_credit_notes_of_an_invoice_use_its_rate_and_sum_to_it_in_every_currency(customer: UUID) -> None:
    a_rate("1.0837")
    invoice = creating.create_invoice(
        draft=in_dollars(customer, tax_currency="EUR", price="100.01"), issue=True
    )
    a_rate("1.2")
    notes = [
        crediting.credit_invoice(
            invoice_id=invoice.id, credit=Credit(Asked(CreditKind.AMOUNT, amount=Decimal(share))), issue=True
        )
        for share in ("33.33", "33.33")
    ]
    notes.append(crediting.cancel_invoice(invoice_id=invoice.id))
    for side in ("tax", "base"):
        parts = [getattr(note.exchange, side) for note in notes]
        whole = getattr(invoice.exchange, side)
        assert {part.rate for part in parts} == {whole.rate}
        assert sum(part.amount for part in parts) == whole.amount


def test_the_explanation_names_the_rate_its_day_and_its_source(customer: UUID) -> None:
    a_rate("1.0850", day=days_ago(2), source="Bundesbank")
    record = creating.create_invoice(draft=in_dollars(customer, tax_currency="EUR"), issue=True)
    steps = {step.pointer: step for step in explain_record(record)}
    step = steps["/exchange/tax/amount"]
    inputs = dict(step.inputs)
    assert (step.term, step.rule, step.result) == ("BT-111", "BR-53", "175.12")
    assert step.unrounded.startswith("175.1152")
    assert inputs["divided by"] == "1.0850"
    assert inputs["rate of the day"] == days_ago(2).isoformat()
    assert inputs["published by"] == "Bundesbank"
    assert steps["/exchange/base/amount"].result == "1096.77"
    note = crediting.cancel_invoice(invoice_id=record.id)
    assert dict({s.pointer: s for s in explain_record(note)}["/exchange/tax/amount"].inputs)["rate of"] == (
        record.number
    )


def test_the_currency_of_books_that_are_kept_does_not_change(customer: UUID) -> None:
    entity = LegalEntity.objects.get()
    LegalEntity.objects.update(vat_id="DE136695976")
    legal_entities.update_legal_entity(legal_entity_id=entity.id, currency="USD")
    legal_entities.update_legal_entity(legal_entity_id=entity.id, currency="EUR")
    creating.create_invoice(draft=a_draft(customer), issue=True)
    with pytest.raises(BooksAreKept):
        legal_entities.update_legal_entity(legal_entity_id=entity.id, currency="USD")
    legal_entities.update_legal_entity(legal_entity_id=entity.id, currency="EUR", payment_days=3)


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_both_versions_show_what_was_converted(acme: Tenant, acme_client: ApiClient, version: str) -> None:
    with scope_of(acme):
        make_legal_entity()
        a_rate("1.0850", source="Bundesbank")
        record = creating.create_invoice(draft=in_dollars(make_customer().id, tax_currency="EUR"), issue=True)
        plain = creating.create_invoice(draft=a_draft(Customer.objects.get().id), issue=True)
    bodies = []
    for each in (record, plain):
        body = acme_client.get(f"/api/{version}/invoices/{ids.encode('inv', each.id)}").json()
        bodies.append(body["data"] if version == "v1" else body)
    assert bodies[0]["exchange"]["tax"] == {
        "currency": "EUR",
        "amount": "175.12",
        "rate": "0.921658986175",
        "date": days_ago(1).isoformat(),
        "source": "Bundesbank",
    }
    assert bodies[1]["exchange"] is None
