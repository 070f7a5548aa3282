"""Servers that are not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper


@contextmanager
def unreachable(alias: str) -> Iterator[None]:
    """No connection to this database can be opened, as if its server did not know it."""
    settings = connections.settings[alias]
    before = settings["NAME"], dict(settings["OPTIONS"])
    _forget(alias)
    settings["NAME"] = settings["OPTIONS"]["dbname"] = "nowhere"
    try:
        yield
    finally:
        _forget(alias)
        settings["NAME"], settings["OPTIONS"] = before


def _forget(alias: str) -> None:
    connections[alias].close()
    cast(DatabaseWrapper, connections[alias]).close_pool()
