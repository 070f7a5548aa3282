"""What must be true of the databases before a process serves anybody."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

SERVING = ("default", "audit")

_ROLE = """
SELECT current_user, r.rolsuper, r.rolbypassrls,
    EXISTS (
        SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'p') AND n.nspname = 'public'
            AND pg_has_role(current_user, c.relowner, 'MEMBER')
    ),
    current_setting('synchronous_commit')
FROM pg_roles r WHERE r.rolname = current_user
"""


class UnsafeDatabase(ImproperlyConfigured):
    """The role or the settings of a database would undo what the code relies on."""


def ensure_safe(aliases: Sequence[str] = SERVING) -> None:
    """Refuse a role that row-level security does not bind, and commits that may be lost.

    To be called once by every process that serves (invariants 1 and 14). Runs on a thread of its own,
    because an ASGI server may import the application inside its event loop. Raises UnsafeDatabase.
    """
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(_check_all, aliases).result()


def _check_all(aliases: Sequence[str]) -> None:
    try:
        for alias in aliases:
            check(connections[alias])
    finally:
        for alias in aliases:
            connections[alias].close()


def check(connection: BaseDatabaseWrapper) -> None:
    """The same for one open connection. Raises UnsafeDatabase."""
    with connection.cursor() as cursor:
        cursor.execute(_ROLE)
        role, is_superuser, bypasses, owns, synchronous = cursor.fetchone()
    if is_superuser:
        raise UnsafeDatabase(f"the role {role} is a superuser: serve as app")
    if bypasses:
        raise UnsafeDatabase(f"the role {role} bypasses row-level security: serve as app")
    if owns:
        raise UnsafeDatabase(f"the role {role} owns tables, or may act as who does: serve as app")
    if synchronous not in ("on", "remote_apply"):
        raise UnsafeDatabase(f"synchronous_commit is {synchronous}: what is acknowledged must be durable")
