"""Whoever changes a document holds it: two changes never pass each other."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError

from invoicing.services import creating, editing, issuing
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_customer, make_legal_entity
from tests.factories.threads import impatient, meanwhile

Change = Callable[[UUID, UUID], Any]

CHANGES: dict[str, Change] = {
    "update": lambda invoice, buyer: editing.update_draft(invoice_id=invoice, draft=a_draft(buyer)),
    "delete": lambda invoice, _: editing.delete_draft(invoice_id=invoice),
    "issue": lambda invoice, _: issuing.issue_invoice(invoice_id=invoice),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_waits_for_whoever_holds_the_document(acme: Tenant, name: str) -> None:
    with scope_of(acme):
        make_legal_entity()
        buyer = make_customer()
        invoice = creating.create_invoice(draft=a_draft(buyer.id))
    with (
        meanwhile(acme, lambda: editing.lock_invoice(invoice_id=invoice.id)),
        pytest.raises(OperationalError, match="lock timeout"),
        scope_of(acme),
        impatient(),
    ):
        CHANGES[name](invoice.id, buyer.id)
    with scope_of(acme):
        CHANGES[name](invoice.id, buyer.id)
