"""A tenant with a seller and a customer, spoken to in both versions."""

import pytest

from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.invoicing import make_customer, make_legal_entity
from tests.invoicing.api.client import Invoices


@pytest.fixture(params=["v1", "v2"])
def api(request: pytest.FixtureRequest, acme: Tenant, acme_client: ApiClient) -> Invoices:
    """An admin of acme, which has a seller and a customer."""
    with scope_of(acme):
        make_legal_entity()
        return Invoices(acme_client, request.param, make_customer().public_id)
