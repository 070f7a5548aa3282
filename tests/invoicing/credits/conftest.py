"""A tenant with a seller, a customer and an issued invoice of 10 pieces at 33.33."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from invoicing.domain.record import InvoiceRecord
from invoicing.services.creating import create_invoice
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import a_draft, a_line, make_customer, make_legal_entity


@pytest.fixture
def inside(acme: Tenant) -> Iterator[None]:
    """The test itself acts in acme."""
    with scope_of(acme):
        yield


@pytest.fixture
def buyer(request: pytest.FixtureRequest) -> UUID:
    """acme's customer; acme has a seller."""
    request.getfixturevalue("inside")
    make_legal_entity()
    customer_id: UUID = make_customer(vat_id="FR39356000000").id
    return customer_id


@pytest.fixture
def invoice(buyer: UUID) -> InvoiceRecord:
    return create_invoice(draft=a_draft(buyer, lines=[a_line("10", "33.33"), a_line("1", "50")]), issue=True)
