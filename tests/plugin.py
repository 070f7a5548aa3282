"""Gives every test process real servers and databases of its own, before Django reads its settings.

Loaded with `-p tests.plugin`. With no database in the environment the embedded servers run below
TEST_DATA_DIR (.data-test by default, never the demo's); a named database is used instead. Database access
is open for all tests and commits are real: a test makes its own tenants and leaves them.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import DjangoDbBlocker

from config import embedded
from config.embedded import DATABASE_VARIABLES, EmbeddedError
from tests import databases

# Set by the first process of a run for its workers: who chose the servers, and the template to clone.
CHOICE, TEMPLATE = "QUITTANCE_TEST_SERVERS", "QUITTANCE_TEST_TEMPLATE"


@dataclass
class _Run:
    """What this process has to give back at its end."""

    servers: embedded.Servers | None
    urls: dict[str, str]
    redis_url: str
    clone: str | None = None
    claimed_redis: str | None = None
    directory: Path | None = None


_RUN = pytest.StashKey[_Run]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Provide servers, template and this process's clone before pytest-django sets Django up."""
    try:
        run = _prepare()
        early_config.stash[_RUN] = run
        if not _leads_workers(early_config):
            _take_own_databases(run)
    except (EmbeddedError, RuntimeError) as error:
        raise pytest.UsageError(str(error)) from error
    return (yield)


@pytest.fixture(scope="session", autouse=True)
def open_databases(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Every test may use the databases: isolation comes from fresh tenants, not from rollbacks."""
    with django_db_blocker.unblock():
        yield


def pytest_unconfigure(config: pytest.Config) -> None:
    """Drop what this process made and leave the servers."""
    run = config.stash.get(_RUN, None)
    if run is None:
        return
    connections.close_all()
    if run.clone:
        databases.drop(run.urls, run.clone)
    if run.claimed_redis:
        databases.release_redis(run.redis_url, run.claimed_redis)
    if run.directory:
        shutil.rmtree(run.directory, ignore_errors=True)
    if run.servers:
        embedded.stop(run.servers)


def _test_data_dir() -> Path:
    return Path(os.environ.get("TEST_DATA_DIR") or databases.REPOSITORY / ".data-test").resolve()


def _prepare() -> _Run:
    """Start or attach to the servers and see to the template; sets the environment of the base servers."""
    is_ours = os.environ.get(CHOICE) == "embedded" or not any(
        os.environ.get(name) for name in DATABASE_VARIABLES
    )
    servers = None
    os.environ.setdefault("DEBUG", "true")
    if is_ours:
        servers = embedded.start(_test_data_dir())
        os.environ.update(servers.environment)
        os.environ.update(servers.secrets)
    os.environ[CHOICE] = "embedded" if is_ours else "named"
    urls = {name: os.environ[name] for name in DATABASE_VARIABLES}
    if "PYTEST_XDIST_WORKER" not in os.environ:
        databases.drop_orphans(urls)
        os.environ[TEMPLATE] = databases.ensure_template(urls, _test_data_dir())
    return _Run(servers, urls, os.environ["REDIS_URL"])


def _leads_workers(config: pytest.Config) -> bool:
    """True in the process that only hands tests to xdist's workers."""
    return bool(getattr(config.known_args_namespace, "numprocesses", None)) and (
        "PYTEST_XDIST_WORKER" not in os.environ
    )


def _take_own_databases(run: _Run) -> None:
    name = f"test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    os.environ.update(databases.clone(run.urls, os.environ[TEMPLATE], name))
    run.clone = name
    run.claimed_redis = os.environ["REDIS_URL"] = databases.claim_redis(run.redis_url)
    run.directory = _test_data_dir() / "processes" / name
    run.directory.mkdir(parents=True)
    os.environ["DATA_DIR"] = str(run.directory)
