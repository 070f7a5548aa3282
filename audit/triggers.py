"""Keeps the triggers of every Auditable model's table as they must be.

After each migrate the functions are replaced, missing triggers made and strange ones dropped. A system
check and a test compare the catalogue with the models.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import connections, models, transaction
from django.db.backends.utils import CursorWrapper

from audit import functions
from audit.router import MAIN_OWNER
from tenants.auditable import Auditable

_PREFIX = "audit_"
_EVENTS = {
    "audit_insert": "AFTER INSERT ON {table} REFERENCING NEW TABLE AS new_rows",
    "audit_update": "AFTER UPDATE ON {table} REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "audit_delete": "AFTER DELETE ON {table} REFERENCING OLD TABLE AS old_rows",
    "audit_truncate": "BEFORE TRUNCATE ON {table}",
}
_CATALOGUE = """
    SELECT c.relname, t.tgname, p.proname, t.tgargs, t.tgenabled = 'O'
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace AND t.tgname LIKE 'audit\\_%%'
"""
_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
# Two migrations at once would replace the same function; the number names this piece of work.
_LOCK = "SELECT pg_advisory_xact_lock(7307512)"


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger as the catalogue knows it; `arguments` are the entity type and the hidden columns."""

    table: str
    name: str
    function: str
    arguments: tuple[str, ...] = ()
    enabled: bool = True

    def definition(self) -> str:
        arguments = ", ".join(f"'{argument}'" for argument in self.arguments)
        return (
            f"CREATE TRIGGER {self.name} {_EVENTS[self.name].format(table=self.table)}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION public.{self.function}({arguments})"
        )


def audited_models() -> list[type[models.Model]]:
    """Every model with a table of its own that bears the marker."""
    return [
        model
        for model in apps.get_models()
        if issubclass(model, Auditable) and model._meta.managed and not model._meta.proxy
    ]


def wanted_triggers() -> set[Trigger]:
    """The triggers that the models ask for. Raises ImproperlyConfigured for one that cannot be audited."""
    return {trigger for model in audited_models() for trigger in _triggers_of(model)}


def existing_triggers(cursor: CursorWrapper) -> set[Trigger]:
    """The triggers of the trail that the database has."""
    cursor.execute(_CATALOGUE)
    return {
        Trigger(table, name, function, _arguments(bytes(raw)), enabled)
        for table, name, function, raw, enabled in cursor.fetchall()
    }


def reconcile(*, using: str, **_: Any) -> None:
    """Bring functions and triggers up to the models; runs after each migrate of the main database."""
    if using != MAIN_OWNER:
        return
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_TABLES)
        tables = {row[0] for row in cursor.fetchall()}
        if "audit_pendingentry" not in tables:
            return
        cursor.execute(functions.definitions())
        wanted = {trigger for trigger in wanted_triggers() if trigger.table in tables}
        existing = existing_triggers(cursor)
        for trigger in existing - wanted:
            cursor.execute(f'DROP TRIGGER {trigger.name} ON "{trigger.table}"')
        for trigger in wanted - existing:
            cursor.execute(trigger.definition())


def check_triggers(*, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """System check of the serving database: each audited table has its triggers, in force.

    Asked for `default` only: migrate checks `owner` before it has had the chance to make them.
    """
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        existing = existing_triggers(cursor)
    return [
        checks.Error(
            f"{trigger.table} lacks the trigger {trigger.name}: its changes would not reach the trail.",
            hint="Run `manage.py migrate_all`.",
            id="audit.E001",
        )
        for trigger in sorted(wanted_triggers() - existing, key=lambda one: (one.table, one.name))
    ]


def _triggers_of(model: type[models.Model]) -> list[Trigger]:
    table, hidden = model._meta.db_table, getattr(model, "audit_redacted", ())
    columns = {field.column for field in model._meta.local_concrete_fields}
    if "id" not in columns:
        raise ImproperlyConfigured(f"{model._meta.label} is Auditable but has no column id")
    if strange := set(hidden) - columns:
        raise ImproperlyConfigured(f"{model._meta.label}.audit_redacted names no column: {sorted(strange)}")
    function = functions.TENANT_ROWS if _has_tenant(model) else functions.INSTALLATION_ROWS
    arguments = (model._meta.label_lower, *hidden)
    return [
        Trigger(table, "audit_insert", function, arguments),
        Trigger(table, "audit_update", function, arguments),
        Trigger(table, "audit_delete", function, arguments),
        Trigger(table, "audit_truncate", functions.REFUSE_TRUNCATE),
    ]


def _has_tenant(model: type[models.Model]) -> bool:
    try:
        model._meta.get_field("tenant")
    except FieldDoesNotExist:
        return False
    return True


def _arguments(raw: bytes) -> tuple[str, ...]:
    # The catalogue ends each argument with a zero byte.
    return tuple(part.decode() for part in raw.split(b"\0")[:-1])
