"""Two tenants in every test, and clients of them. Rows stay: every tenant is new."""

import sys
from collections.abc import Callable
from typing import Any

import pytest

from tenants.models import Membership, Tenant
from tests.factories import ApiClient, client_of, make_member, make_tenant

_begun_again: set[str] = set()


@pytest.hookimpl(optionalhook=True)
def pytest_handlecrashitem(crashitem: str, report: pytest.TestReport, sched: Any) -> None:
    """A browser's test that stood still is run once more, and the run says so.

    All that waits for an answer of ours has a time limit there; what has none is Chromium and its driver.
    """
    if crashitem.startswith("tests/browser/") and crashitem not in _begun_again:
        _begun_again.add(crashitem)
        sys.stderr.write(f"\n{crashitem} stood still and is run once more\n")
        sched.mark_test_pending(crashitem)
        report.outcome = "rerun"  # type: ignore[assignment]


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
