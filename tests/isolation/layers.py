"""Switches that take one layer of tenancy away, so that the other one has to hold alone.

`without_python` makes the managers see and write everything; `without_rls` swaps the databases of this
process for clones whose tables have no row-level security. Hand-written SQL keeps its tenant predicate,
composite keys stay: each belongs to the layer that is left.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, cast
from unittest import mock

import psycopg
from django.db import connections, models
from django.db.backends.postgresql.base import DatabaseWrapper

from config.embedded import DATABASE_VARIABLES
from tenants.managers import ActiveTenantManager, TenantManager, TenantQuerySet
from tests import databases
from tests.plugin import TEMPLATE

_PROTECTED = "SELECT oid::regclass::text FROM pg_class WHERE relrowsecurity AND relkind IN ('r', 'p')"


class Layer(StrEnum):
    """What protects in a run."""

    BOTH = "both layers"
    DATABASE = "python off"
    PYTHON = "rls off"


@contextmanager
def without_python() -> Iterator[None]:
    """Managers that filter nothing and refuse nothing."""

    def everything(self: Any) -> Any:
        return TenantQuerySet(self.model, using=self._db)

    def active(self: Any) -> Any:
        return everything(self).filter(is_active=True)

    with (
        mock.patch.object(TenantManager, "get_queryset", everything),
        mock.patch.object(ActiveTenantManager, "get_queryset", active),
        mock.patch.object(TenantQuerySet, "_insert", models.QuerySet._insert),  # type: ignore[attr-defined]
        mock.patch.object(TenantQuerySet, "_update", models.QuerySet._update),  # type: ignore[attr-defined]
        mock.patch.object(TenantQuerySet, "update", models.QuerySet.update),
        mock.patch("tenants.models.base.TenantModel.delete", models.Model.delete),
    ):
        yield


@contextmanager
def unprotected_clone() -> Iterator[str]:
    """A fresh pair of databases without row-level security; yields the main one's name, drops them after."""
    urls = {name: os.environ[name] for name in DATABASE_VARIABLES}
    name = f"test_{os.getpid()}_unprotected{os.urandom(3).hex()}"
    made = databases.clone(urls, os.environ[TEMPLATE], name)
    for variable in ("DATABASE_OWNER_URL", "AUDIT_DATABASE_OWNER_URL"):
        with psycopg.connect(made[variable], autocommit=True) as owner:
            for (table,) in owner.execute(_PROTECTED).fetchall():
                owner.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
                owner.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    try:
        yield name
    finally:
        databases.drop(urls, name)


@contextmanager
def using_databases(name: str) -> Iterator[None]:
    """This thread works on the pair of databases called `name`; its connections are opened anew."""
    before = {alias: connections.settings[alias]["NAME"] for alias in connections.settings}
    _point({alias: f"{name}_audit" if alias.startswith("audit") else name for alias in before})
    try:
        yield
    finally:
        _point(before)


@contextmanager
def only(layer: Layer, unprotected: str) -> Iterator[None]:
    """Work with `layer` alone; `unprotected` names the clone that has no row-level security."""
    if layer is Layer.DATABASE:
        with without_python():
            yield
    elif layer is Layer.PYTHON:
        with using_databases(unprotected):
            yield
    else:
        yield


def _point(names: dict[str, str]) -> None:
    for alias, name in names.items():
        connections[alias].close()
        cast(DatabaseWrapper, connections[alias]).close_pool()
        settings = connections.settings[alias]
        settings["NAME"] = name
        # Where the driver is told the name once more, the second one wins.
        settings["OPTIONS"].update({"dbname": name} if "dbname" in settings["OPTIONS"] else {})
