"""A tenant with something to look at."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from invoicing.domain.document import LineInput
from invoicing.domain.record import InvoiceRecord
from invoicing.models import Customer
from invoicing.services.creating import create_invoice
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, make_customer, make_legal_entity

MakeInvoice = Callable[..., InvoiceRecord]


@pytest.fixture
def acme_customer(acme: Tenant) -> Customer:
    """A buyer of acme, which has a seller."""
    with scope_of(acme):
        make_legal_entity()
        return make_customer(name="Bakkerij de Molen", vat_id="NL004495445B01")


@pytest.fixture
def make_invoice(acme: Tenant, acme_customer: Customer) -> MakeInvoice:
    """`make_invoice(lines=[a_line()], issue=True)`: a document of acme; `customer=` names another buyer."""

    def make(
        *,
        lines: Sequence[LineInput] | None = None,
        issue: bool = False,
        customer: Customer | None = None,
        **stated: Any,
    ) -> InvoiceRecord:
        with scope_of(acme):
            draft = a_draft((customer or acme_customer).id, lines=lines, **stated)
            return create_invoice(draft=draft, issue=issue)

    return make


@pytest.fixture
def globex_invoice(globex: Tenant) -> InvoiceRecord:
    """An issued document of somebody else."""
    with scope_of(globex):
        make_legal_entity(name="Globex Secret AG")
        customer = make_customer(name="Secret Customer")
        return create_invoice(draft=a_draft(customer.id), issue=True)
