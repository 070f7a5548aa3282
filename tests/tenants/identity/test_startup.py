"""A process that could not keep its promises does not start."""

from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from tenants import startup


def test_the_app_role_may_serve() -> None:
    startup.ensure_safe()


@pytest.mark.parametrize("alias", ["owner", "audit_owner"])
def test_the_owner_may_not_serve(alias: str) -> None:
    with pytest.raises(startup.UnsafeDatabase, match="bypasses"):
        startup.ensure_safe([alias])


def answering(row: tuple[object, ...]) -> BaseDatabaseWrapper:
    """A connection whose server answers the question about its role with `row`."""
    connection: BaseDatabaseWrapper = connections["default"].copy()

    def instead(execute: Any, _sql: str, _params: Any, many: bool, context: dict[str, Any]) -> Any:
        return execute("SELECT %s, %s, %s, %s, %s", row, many, context)

    connection.execute_wrappers.append(instead)
    return connection


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("postgres", True, False, False, "on"), "superuser"),
        (("app", False, True, False, "on"), "bypasses"),
        (("app", False, False, True, "on"), "owns"),
        (("app", False, False, False, "off"), "durable"),
        (("app", False, False, False, "local"), "durable"),
    ],
)
def test_each_reason_is_enough(row: tuple[object, ...], reason: str) -> None:
    connection = answering(row)
    try:
        with pytest.raises(startup.UnsafeDatabase, match=reason):
            startup.check(connection)
    finally:
        connection.close()


def test_a_session_that_does_not_wait_for_its_commits_is_noticed() -> None:
    connection = connections["default"].copy()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")
        with pytest.raises(startup.UnsafeDatabase, match="durable"):
            startup.check(connection)
    finally:
        connection.close()
