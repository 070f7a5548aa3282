"""A tenant with a seller and a customer."""

from uuid import UUID

import pytest

from invoicing.models import LegalEntity
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import make_customer, make_legal_entity


@pytest.fixture
def seller(acme: Tenant) -> LegalEntity:
    """acme's default legal entity; the test itself enters the tenant where it acts."""
    with scope_of(acme):
        return make_legal_entity(may_void=True)


@pytest.fixture
def buyer(acme: Tenant, seller: LegalEntity) -> UUID:
    """acme's customer."""
    with scope_of(acme):
        assert seller.is_default
        customer_id: UUID = make_customer().id
        return customer_id
