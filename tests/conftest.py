"""Two tenants in every test, and clients of them. Rows stay: every tenant is new."""

from collections.abc import Callable

import pytest

from tenants.models import Membership, Tenant
from tests.factories import ApiClient, client_of, make_member, make_tenant


@pytest.fixture
def acme() -> Tenant:
    """The tenant a test is about."""
    return make_tenant("acme")


@pytest.fixture
def globex() -> Tenant:
    """Somebody else, whose data must never show."""
    return make_tenant("globex")


@pytest.fixture
def acme_admin(acme: Tenant) -> Membership:
    return make_member(acme, role="admin")


@pytest.fixture
def globex_admin(globex: Tenant) -> Membership:
    return make_member(globex, role="admin")


@pytest.fixture
def acme_client(acme_admin: Membership) -> ApiClient:
    """A client of an admin of acme."""
    return client_of(acme_admin)


@pytest.fixture
def globex_client(globex_admin: Membership) -> ApiClient:
    """A client of an admin of globex."""
    return client_of(globex_admin)


@pytest.fixture
def client_as(acme: Tenant) -> Callable[[str], ApiClient]:
    """`client_as("viewer")`: a client of a new member of acme in that role."""
    return lambda role: client_of(make_member(acme, role=role))
