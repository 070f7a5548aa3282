"""One slapd for all tests of a process, started when the first of them wants it."""

import importlib.util
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.factories import make_tenant

MISSING = (
    "slapd or python-ldap is missing: apt-get install build-essential python3-dev libldap2-dev libsasl2-dev "
    "slapd ldap-utils, then make test (as root it does both)"
)
HAS_LIBRARIES = all(importlib.util.find_spec(name) for name in ("ldap", "slapdtest", "django_auth_ldap"))
_PATH = f"{os.environ['PATH']}:/usr/sbin"
HAS_SERVER = all(shutil.which(name, path=_PATH) for name in ("slapd", "slapadd", "ldapwhoami"))
# What needs neither slapd nor python-ldap.
_ALWAYS = ("test_extra.py", "test_group_names.py")

if HAS_LIBRARIES:
    from tests.tenants.ldap.configured import Configure, Configured, Home, configured
    from tests.tenants.ldap.slapd import Slapd


class _Unrunnable(pytest.Module):
    """A module whose tests cannot run here: skipped with the reason, in CI a failure."""

    def collect(self) -> list[pytest.Item]:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING, allow_module_level=True)


def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module | None:
    if (HAS_LIBRARIES and HAS_SERVER) or module_path.name in _ALWAYS:
        return None
    unrunnable: pytest.Module = _Unrunnable.from_parent(parent, path=module_path)
    return unrunnable


@pytest.fixture(scope="session")
def slapd(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Slapd]":
    """OpenLDAP with a reader, policies and places for people and groups, but nobody in them."""
    server = Slapd(tmp_path_factory.mktemp("slapd"))
    server.start()
    try:
        server.populate()
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def home(open_databases: None) -> "Home":
    """The tenant of all tests here but those over HTTP: making one each would take longer than they do."""
    del open_databases
    return Home(make_tenant("ldap"))


@pytest.fixture
def configure(slapd: "Slapd", home: "Home") -> "Configure":
    """`configure(group_base=…)`: the tenant, configured to log in through slapd."""

    def with_settings(**settings: object) -> "Configured":
        return configured(home, slapd, settings)

    return with_settings


@pytest.fixture(autouse=True)
def loopback_is_allowed(settings: Settings) -> None:
    settings.OUTBOUND_ALLOW_LOOPBACK = True
