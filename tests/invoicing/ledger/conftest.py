"""A tenant with a seller and a customer; the test acts in it."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import make_customer, make_legal_entity


@pytest.fixture
def customer(acme: Tenant) -> Iterator[UUID]:
    """acme's customer; everything in the test happens in acme, as an admin."""
    with scope_of(acme):
        make_legal_entity()
        yield make_customer().id
