"""Every test of master data runs in both versions, for a tenant that has a seller."""

from collections.abc import Iterator

import pytest

from tenants.models import Tenant
from tests.factories import ApiClient, scope_of
from tests.factories.invoicing import make_legal_entity
from tests.invoicing.catalogue.kinds import KINDS, Api, Kind


@pytest.fixture(params=["v1", "v2"])
def api(request: pytest.FixtureRequest, acme: Tenant, acme_client: ApiClient) -> Api:
    """An admin of acme, which has a seller with its series."""
    with scope_of(acme):
        make_legal_entity()
    return Api(acme_client, request.param)


@pytest.fixture
def other(api: Api, globex: Tenant, globex_client: ApiClient) -> Api:
    """An admin of globex, in the same version."""
    with scope_of(globex):
        make_legal_entity(name="Globex AG")
    return api.like(globex_client)


@pytest.fixture
def v2(acme: Tenant, acme_client: ApiClient) -> Api:
    with scope_of(acme):
        make_legal_entity()
    return Api(acme_client, "v2")


@pytest.fixture(params=KINDS, ids=str)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def inside(acme: Tenant) -> Iterator[None]:
    """The test itself acts in acme, for services and for looking at rows."""
    with scope_of(acme):
        yield
