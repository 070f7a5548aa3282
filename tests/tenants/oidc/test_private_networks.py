"""A provider in a private network is reached where the installation opened it, and no other host in there."""

from ipaddress import ip_network

import pytest
from pytest_django.fixtures import Settings

from tenants.models import Tenant
from tests.factories import ApiClient
from tests.factories.openid import House, configure, settings_for
from tests.tenants.oidc.test_settings import tried
from tests.tenants.oidc.trips import travel

OURS = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


@pytest.fixture(autouse=True)
def loopback_is_private(settings: Settings, loopback_is_open: None) -> None:
    del loopback_is_open
    settings.OUTBOUND_ALLOW_LOOPBACK = False


@pytest.fixture
def admin(acme: Tenant, acme_client: ApiClient, house: House) -> ApiClient:
    """Logged in before the tenant chose the provider."""
    configure(acme, "oidc", settings_for(house))
    return acme_client


def test_one_logs_in_at_a_provider_in_a_network_that_was_opened(
    admin: ApiClient, acme: Tenant, house: House, settings: Settings
) -> None:
    ok, detail = tried(admin)["discovery"]
    assert (ok, "not a public one" in detail) == (False, True)
    settings.DIRECTORY_NETWORKS = OURS
    assert travel(acme, house).status_code == 200


def test_its_document_leads_to_no_other_host_in_there(
    admin: ApiClient, house: House, settings: Settings
) -> None:
    settings.DIRECTORY_NETWORKS = OURS
    elsewhere = house.issuer.replace("localhost", "127.0.0.1")
    house.reply("discovery", members={"jwks_uri": f"{elsewhere}/jwks"}, stays=True)
    ok, detail = tried(admin)["keys"]
    assert (ok, "not a public one" in detail) == (False, True)
