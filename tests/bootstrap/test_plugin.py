"""What the test plugin promises to every other test."""

import os

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections


@pytest.mark.parametrize(
    ("alias", "role"),
    [
        ("default", "app"),
        ("owner", "owner"),
        ("platform", "platform"),
        ("audit", "app"),
        ("audit_owner", "owner"),
        ("audit_platform", "platform"),
    ],
)
def test_every_alias_logs_in_with_its_role_and_never_as_superuser(alias: str, role: str) -> None:
    with connections[alias].cursor() as cursor:
        cursor.execute("select current_user, rolsuper from pg_roles where rolname = current_user")
        assert cursor.fetchone() == (role, False)


def test_each_test_process_has_databases_of_its_own() -> None:
    names = {alias: database["NAME"] for alias, database in settings.DATABASES.items()}
    assert names["default"].startswith(f"test_{os.getpid()}_")
    assert names["default"] == names["owner"] == names["platform"]
    assert names["audit"] == names["audit_owner"] == names["audit_platform"] == names["default"] + "_audit"


def test_statements_commit_by_themselves_as_in_production() -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "select xact_start = statement_timestamp() from pg_stat_activity where pid = pg_backend_pid()"
        )
        assert cursor.fetchone() == (True,)


def test_the_cache_is_a_real_redis() -> None:
    cache.set("plugin", "works", 5)
    assert cache.get("plugin") == "works"
