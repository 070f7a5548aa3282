"""Whoever changes a document holds it: two changes never pass each other."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection, connections, transaction

from invoicing.services import creating, editing, issuing
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_customer, make_legal_entity

Change = Callable[[UUID, UUID], Any]

CHANGES: dict[str, Change] = {
    "update": lambda invoice, buyer: editing.update_draft(invoice_id=invoice, draft=a_draft(buyer)),
    "delete": lambda invoice, _: editing.delete_draft(invoice_id=invoice),
    "issue": lambda invoice, _: issuing.issue_invoice(invoice_id=invoice),
}


@contextmanager
def impatient() -> Iterator[None]:
    """A transaction that waits a tenth of a second for a lock."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
        yield


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_waits_for_whoever_holds_the_document(acme: Tenant, name: str) -> None:
    with scope_of(acme):
        make_legal_entity()
        buyer = make_customer()
        invoice = creating.create_invoice(draft=a_draft(buyer.id))
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with scope_of(acme), transaction.atomic():
            editing.lock_invoice(invoice_id=invoice.id)
            held.set()
            done.wait(30)
        connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(hold)
        held.wait(30)
        try:
            with pytest.raises(OperationalError, match="lock timeout"), scope_of(acme), impatient():
                CHANGES[name](invoice.id, buyer.id)
        finally:
            done.set()
        holder.result()
    with scope_of(acme):
        CHANGES[name](invoice.id, buyer.id)
