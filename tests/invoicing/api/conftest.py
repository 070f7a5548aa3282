"""A tenant with a seller and a customer, spoken to in both versions."""

from collections.abc import Iterator

import pytest

from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity
from tests.invoicing.api.client import Invoices


@pytest.fixture
def customer(acme: Tenant) -> str:
    """The public id of acme's customer; acme has a seller."""
    with scope_of(acme):
        make_legal_entity()
        return make_customer().public_id


@pytest.fixture(params=["v1", "v2"])
def api(request: pytest.FixtureRequest, acme_client: ApiClient, customer: str) -> Invoices:
    """An admin of acme in either version."""
    return Invoices(acme_client, request.param, customer)


@pytest.fixture
def v1(acme_client: ApiClient, customer: str) -> Invoices:
    return Invoices(acme_client, "v1", customer)


@pytest.fixture
def v2(acme_client: ApiClient, customer: str) -> Invoices:
    return Invoices(acme_client, "v2", customer)


@pytest.fixture
def foreign(globex: Tenant, globex_client: ApiClient) -> Invoices:
    """An admin of globex, which has a seller and a customer of its own."""
    with scope_of(globex):
        make_legal_entity(name="Globex AG")
        return Invoices(globex_client, "v2", make_customer(name="Initech").public_id)


@pytest.fixture
def inside(acme: Tenant) -> Iterator[None]:
    """The test itself acts in acme, to look at rows."""
    with scope_of(acme):
        yield
