"""The unit of work: which tenant, which actor, which request.

Outside a scope the managers raise. Inside one, every database connection carries the same facts as
settings (`app.tenant_id`, `app.actor`, `app.request_id`, `app.legal_entities`, `application_name`), from
which row-level security and the audit triggers read. They are set before the first statement of a scope on a
connection and cleared when the scope ends, so that plain reads need no transaction.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg.pq import Escaping, ExecStatus, TransactionStatus

from tenants.actors import Actor

# One message for all: `set_config` would be parsed and planned each time, for twice the time.
_SET = (
    b"SET app.tenant_id = %b; SET app.actor = %b; SET app.request_id = %b; SET application_name = %b"
    b"; SET app.legal_entities = %b"
)
_UNKNOWN = object()


class NoScope(RuntimeError):
    """Tenant data was touched outside a scope: a programming error, never an answer to a user."""


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """`tenant_id` is None only for the installation itself: then no tenant table shows a row."""

    tenant_id: UUID | None
    actor: Actor
    request_id: str = ""
    client_address: str = ""

    def settings(self) -> tuple[str, ...]:
        """The values of _SET; the legal entities as PostgreSQL writes an array, empty where all are seen."""
        tenant = "" if self.tenant_id is None else str(self.tenant_id)
        held = ",".join(map(str, self.actor.legal_entities))
        application = f"quittance {self.request_id}"[:63]
        return tenant, self.actor.label, self.request_id, application, f"{{{held}}}" if held else ""


_current: ContextVar[Scope | None] = ContextVar("quittance_scope", default=None)


def current_or_none() -> Scope | None:
    return _current.get()


def current() -> Scope:
    """The scope of this unit of work. Raises NoScope outside one."""
    scope = _current.get()
    if scope is None:
        raise NoScope("no scope: enter one with tenants.scope.enter()")
    return scope


def require_tenant_id() -> UUID:
    """The tenant of this unit of work. Raises NoScope outside a tenant's scope."""
    tenant_id = current().tenant_id
    if tenant_id is None:
        raise NoScope("this scope is the installation's, not a tenant's")
    return tenant_id


@contextmanager
def enter(scope: Scope) -> Iterator[Scope]:
    """Run a block as `scope`; scopes nest, and the outer one is restored."""
    token = _current.set(scope)
    try:
        yield scope
    finally:
        _current.reset(token)
        _restore()


def become(scope: Scope) -> None:
    """Go on as `scope` until the enclosing `enter` ends: a request has shown whose it is.

    Unlike a nested scope this costs no statement of its own. Raises NoScope outside a scope.
    """
    current()
    _current.set(scope)


def apply(connection: BaseDatabaseWrapper) -> None:
    """Hand the current scope to an open connection unless it carries it already.

    Costs one statement when the scope has changed since the connection was last used, none
    otherwise. Called before every statement that goes through Django. Raises django.db.Error.
    """
    raw: psycopg.Connection[Any] | None = connection.connection
    if raw is None:
        return
    wanted = _current.get()
    status = raw.pgconn.transaction_status
    if status == TransactionStatus.INERROR:
        # Nothing but a rollback is possible, and it must not be hindered; what it restores is not known.
        connection.__dict__["applied_scope"] = _UNKNOWN
        return
    stale = connection.__dict__.get("scope_set_in_transaction", False) and status == TransactionStatus.IDLE
    if connection.__dict__.get("applied_scope") is wanted and not stale:
        return
    # As Django's errors: a lost connection is then answered as such, and opened anew.
    with connection.wrap_database_errors:
        _send(raw, ("", "", "", "quittance", "") if wanted is None else wanted.settings())
    connection.__dict__["applied_scope"] = wanted
    connection.__dict__["scope_set_in_transaction"] = status == TransactionStatus.INTRANS


def _send(raw: "psycopg.Connection[Any]", values: tuple[str, ...]) -> None:
    """Set all of them in one round trip. Raises psycopg.OperationalError.

    Past the driver's cursors, which cost more than the statement and send a BEGIN first where one is due:
    its rollback would undo the settings.
    """
    escape = Escaping(raw.pgconn).escape_literal
    answer = raw.pgconn.exec_(_SET % tuple(bytes(escape(value.encode())) for value in values))
    if answer.status != ExecStatus.COMMAND_OK:
        raise psycopg.OperationalError(answer.get_error_message())


def _restore() -> None:
    outer = _current.get()
    for connection in connections.all(initialized_only=True):
        raw = connection.connection
        if raw is None or connection.__dict__.get("applied_scope") is outer:
            continue
        try:
            apply(connection)
        except Error:
            # A lost server session takes its settings with it.
            connection.__dict__["applied_scope"] = _UNKNOWN


def _before_statement(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    connection = context["connection"]
    apply(connection)
    try:
        return execute(sql, params, many, context)
    finally:
        if isinstance(sql, str) and sql.startswith("ROLLBACK"):
            # To a savepoint: what was set since then is undone.
            connection.__dict__["applied_scope"] = _UNKNOWN


def _prepare_connection(*, connection: BaseDatabaseWrapper, **_: Any) -> None:
    # A pool may hand out what another unit of work has left behind.
    connection.__dict__["applied_scope"] = _UNKNOWN
    connection.__dict__["scope_set_in_transaction"] = False
    if _before_statement not in connection.execute_wrappers:
        connection.execute_wrappers.append(_before_statement)


def install() -> None:
    """Make every connection follow the scope; called once when the floor is loaded."""
    connection_created.connect(_prepare_connection, dispatch_uid="tenants.scope")
