"""The servers that are measured: our own embedded ones, a fresh pair of databases, a relay that runs."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import connections

from bench import relay
from config import embedded
from tests import databases

DATA_DIR = Path(__file__).resolve().parent.parent / ".data-bench"


@contextmanager
def provided() -> Iterator[None]:
    """Django set up as in production, on databases that are made for this run and dropped after it.

    They are made on our own embedded servers, or on the server that the environment names. Raises
    EmbeddedError.
    """
    servers = None
    if not any(os.environ.get(name) for name in embedded.DATABASE_VARIABLES):
        servers = embedded.start(DATA_DIR)
        os.environ.update(servers.environment | servers.secrets)
    urls = {name: os.environ[name] for name in embedded.DATABASE_VARIABLES}
    name = f"test_{os.getpid()}_bench"
    # Hosts as the callers here name them; everything else as where it is served.
    os.environ.update(DEBUG="false", ALLOWED_HOSTS="testserver,127.0.0.1", DATA_DIR=str(DATA_DIR))
    try:
        databases.drop_orphans(urls)
        os.environ.update(databases.clone(urls, databases.ensure_template(urls, DATA_DIR), name))
        _set_up_django()
        with relay.running():
            yield
    finally:
        if settings.configured:
            connections.close_all()
        databases.drop(urls, name)
        if servers is not None:
            embedded.stop(servers)


def _set_up_django() -> None:
    """The product's settings, with the peers' models and the benchmarks' own routes beside its own."""
    product = vars(import_module("config.settings"))
    chosen = {name: value for name, value in product.items() if name.isupper()}
    chosen["INSTALLED_APPS"] = [*chosen["INSTALLED_APPS"], "simple_history", "bench.peers"]
    chosen["ROOT_URLCONF"] = "bench.urls"
    for alias, ours in {"peers": "default", "peers_audit": "audit"}.items():
        chosen["DATABASES"][alias] = _as_django_has_it(chosen["DATABASES"][ours])
    chosen["DATABASE_ROUTERS"] = [*chosen["DATABASE_ROUTERS"], "bench.peers.routing.PeersRouter"]
    settings.configure(**chosen)
    django.setup()


def _as_django_has_it(database: Mapping[str, Any]) -> dict[str, Any]:
    """Django's defaults: parameters are bound by the client, and no statement is prepared."""
    ours = ("server_side_binding", "prepare_threshold")
    options = {name: value for name, value in database["OPTIONS"].items() if name not in ours}
    return {**database, "OPTIONS": options}
