"""A provider for all tests of a process, started when the first one wants it."""

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from tenants import outbound
from tenants.models import Tenant
from tests.factories.openid import Directory, House, configure, open_house, running, settings_for


@pytest.fixture(scope="session")
def directory() -> Iterator[Directory]:
    with running() as process:
        yield process


@pytest.fixture(autouse=True)
def loopback_is_open(settings: Settings) -> Iterator[None]:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
    yield
    outbound.close()


@pytest.fixture
def house(directory: Directory) -> House:
    """A provider of this test's own, with Ada in it."""
    return open_house(directory)


@pytest.fixture
def tenant(acme: Tenant, house: House) -> Tenant:
    """A tenant whose people log in there; whoever comes becomes a viewer."""
    configure(acme, "oidc", settings_for(house))
    return acme
