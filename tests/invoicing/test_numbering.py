"""Numbers of a series under concurrency: 1..n, no gap, no duplicate (invariant 5)."""

import random
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.db import connection, transaction

from invoicing.models import Invoice, SeriesCounter
from invoicing.services.creating import create_invoice, create_invoices
from invoicing.services.issuing import issue_invoice
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_customer, make_legal_entity

ISSUERS = 32
ATTEMPTS = 12


class Abort(Exception):
    """Whoever issues changes their mind after the number was drawn."""


def _issue_some(tenant: Tenant, customer: UUID, seed: int) -> int:
    """One issuer in a thread and on a connection of its own; the number of documents it kept."""
    chance = random.Random(seed)
    kept = 0
    try:
        with scope_of(tenant):
            for _ in range(ATTEMPTS):
                way = chance.choice(("at once", "from a draft", "in a batch"))
                try:
                    with transaction.atomic():
                        kept_now = 1
                        if way == "at once":
                            create_invoice(draft=a_draft(customer), issue=True)
                        elif way == "from a draft":
                            issue_invoice(invoice_id=create_invoice(draft=a_draft(customer)).id)
                        else:
                            kept_now = 3
                            create_invoices(drafts=[a_draft(customer)] * 3, issue=True)
                        if chance.random() < 0.1:
                            raise Abort
                    kept += kept_now
                except Abort:
                    pass
    finally:
        connection.close()
    return kept


def test_32_issuers_of_whom_a_tenth_abort_leave_neither_gap_nor_duplicate(acme: Tenant) -> None:
    with scope_of(acme):
        make_legal_entity()
        customer = make_customer()
    with ThreadPoolExecutor(ISSUERS) as threads:
        kept = sum(threads.map(lambda seed: _issue_some(acme, customer.id, seed), range(ISSUERS)))
    with scope_of(acme):
        issued = list(
            Invoice.objects.filter(state="issued").order_by("sequence").values_list("sequence", "number")
        )
        assert [sequence for sequence, _ in issued] == list(range(1, kept + 1))
        assert len({number for _, number in issued}) == kept
        assert SeriesCounter.objects.get().last == kept
    assert 0 < kept < ISSUERS * ATTEMPTS * 3


def test_a_number_drawn_by_an_aborted_transaction_is_given_to_the_next(acme: Tenant) -> None:
    with scope_of(acme):
        make_legal_entity()
        customer = make_customer()
        try:
            with transaction.atomic():
                first = create_invoice(draft=a_draft(customer.id), issue=True)
                raise Abort
        except Abort:
            pass
        assert create_invoice(draft=a_draft(customer.id), issue=True).number == first.number


def test_series_of_different_sellers_count_for_themselves(acme: Tenant) -> None:
    with scope_of(acme):
        make_legal_entity()
        other = make_legal_entity(name="Acme France")
        customer = make_customer()
        made = [
            create_invoice(draft=a_draft(customer.id, legal_entity=entity), issue=True).number
            for entity in (None, other.id, None, other.id)
        ]
    assert [number and number[-1] for number in made] == ["1", "1", "2", "2"]


def test_a_foreign_series_cannot_be_drawn_from(acme: Tenant, globex: Tenant) -> None:
    with scope_of(globex):
        make_legal_entity()
        create_invoice(draft=a_draft(make_customer().id), issue=True)
    with scope_of(acme):
        assert not SeriesCounter.objects.exists()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM invoicing_seriescounter")
            assert cursor.fetchone() == (0,)
