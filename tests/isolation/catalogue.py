"""What PostgreSQL's catalogue must say about tenancy; every function names what is not as it should be.

The lists below are short on purpose: a table, right or function that is not on them is a finding, so that
each new one is a decision somebody has written down.
"""

from collections.abc import Iterator
from typing import Any

from django.db.backends.utils import CursorWrapper

WITHOUT_TENANT = {
    "tenants_tenant": "is the tenant: its policy compares id",
    "tenants_user": "a person is shared: policies go by membership",
    "django_migrations": "written by migrate, no rights of app",
    "django_content_type": "written by migrate, no rights of app",
    "auth_permission": "comes with contrib.auth, unused, no rights of app",
    "auth_group": "comes with contrib.auth, unused, no rights of app",
    "auth_group_permissions": "comes with contrib.auth, unused, no rights of app",
    "procrastinate_jobs": "the engine knows no tenants; the role platform alone reaches it",
    "procrastinate_events": "the engine knows no tenants; the role platform alone reaches it",
    "procrastinate_workers": "the engine knows no tenants; the role platform alone reaches it",
    "procrastinate_periodic_defers": "the engine knows no tenants; the role platform alone reaches it",
}
# The trail is keyed by event, which is what makes its delivery exactly-once; nobody but the relay writes it.
KEYED_BY_EVENT = frozenset({"audit_pendingentry", "audit_entry"})
APP_RIGHTS = {
    "invoicing_payment": {"SELECT", "INSERT", "UPDATE"},
    "invoicing_refund": {"SELECT", "INSERT"},
    "invoicing_allocation": {"SELECT", "INSERT"},
    "invoicing_fxrate": {"SELECT", "INSERT"},
    "invoicing_writeoff": {"SELECT", "INSERT"},
    "invoicing_reversal": {"SELECT", "INSERT"},
    "invoicing_periodlock": {"SELECT", "INSERT", "UPDATE"},
    "audit_entry": {"SELECT"},
    "audit_pendingentry": set(),
    "tenants_tenant": {"SELECT", "INSERT", "UPDATE"},
    "tenants_user": {"SELECT", "INSERT", "UPDATE"},
}
USUAL_APP_RIGHTS = {"SELECT", "INSERT", "UPDATE", "DELETE"}
PLATFORM_RIGHTS = {
    "audit_pendingentry": {"SELECT", "DELETE"},
    "audit_entry": {"SELECT", "INSERT"},
    "tenants_job": {"SELECT", "UPDATE", "DELETE"},
    "tenants_idempotencykey": {"SELECT", "DELETE"},
    "tenants_tenant": {"SELECT"},
    "tenants_session": {"SELECT", "DELETE"},
    "tenants_refreshtoken": {"SELECT", "UPDATE", "DELETE"},
    "tenants_loginchallenge": {"SELECT", "DELETE"},
    "tenants_ssoround": {"SELECT", "DELETE"},
    "tenants_socketticket": {"SELECT", "DELETE"},
    "tenants_loginguard": {"SELECT", "DELETE"},
    "tenants_invitation": {"SELECT", "DELETE"},
    "tenants_externalidentity": {"SELECT"},
    "procrastinate_jobs": USUAL_APP_RIGHTS,
    "procrastinate_events": USUAL_APP_RIGHTS,
    "procrastinate_workers": USUAL_APP_RIGHTS,
    "procrastinate_periodic_defers": USUAL_APP_RIGHTS,
}
PLATFORM_COLUMNS = {
    ("audit_pendingentry", "event_id", "UPDATE"): "locking takes the right to update a column"
}
DEFINERS = {
    "resolve_tenant(wanted text)": "login: the tenant of a slug",
    "resolve_api_key(wanted bytea)": "a program's request: the key of a digest, and its tenant",
    "resolve_socket_ticket(wanted bytea)": "opening a socket: the ticket of a digest, and its tenant",
    "resolve_invitation(wanted bytea)": "accepting: the invitation of a link, and its tenant",
    "resolve_memberships(person uuid)": "switch: where a person works",
    **{
        f"invoicing_{table}_with_metadata(wanted jsonb)": "lists: no GIN operator is leakproof, so ids"
        for table in ("customer", "invoice", "item", "payment", "vendor")
    },
    "invoicing_credit_balance(customers uuid[], wanted text)": "issuing: a sum over all legal entities",
    "audit_record_tenant_rows()": "trigger: writes entries that app cannot",
    "audit_record_installation_rows()": "trigger: writes entries that app cannot",
    "audit_record_event(name text, entity text, record text, data jsonb)": "events of the trail",
}
_TABLES = """
    SELECT c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 2
"""
_HAS_TENANT = """
    SELECT attrelid FROM pg_attribute WHERE attname = 'tenant_id' AND NOT attisdropped
"""


def table_faults(cursor: CursorWrapper) -> Iterator[str]:
    """Tables without tenant, row-level security, policies and keys."""
    cursor.execute(_HAS_TENANT)
    with_tenant = {row[0] for row in cursor.fetchall()}
    cursor.execute(_TABLES)
    for oid, name, enabled, forced in cursor.fetchall():
        if oid not in with_tenant:
            if name not in WITHOUT_TENANT:
                yield f"{name} has no tenant_id and is not on the list"
            if not name.startswith("tenants_"):
                continue
        if not (enabled and forced):
            yield f"{name}: row-level security is not enabled and forced"
        yield from _policy_faults(cursor, name)
        if oid in with_tenant and name not in KEYED_BY_EVENT:
            yield from _key_faults(cursor, oid, name)


def _policy_faults(cursor: CursorWrapper, name: str) -> Iterator[str]:
    """Each command that app may use is held by a policy that names the setting, and by no other."""
    cursor.execute(
        "SELECT policyname, roles, cmd, qual, with_check, permissive FROM pg_policies WHERE tablename = %s",
        [name],
    )
    held: dict[str, set[str]] = {"using": set(), "check": set()}
    for policy, roles, command, using, check, kind in cursor.fetchall():
        # What is restrictive lets nobody pass: it takes away from what others let through.
        if set(roles) == {"platform"} or kind == "RESTRICTIVE":
            continue
        commands = {"SELECT", "INSERT", "UPDATE", "DELETE"} if command == "ALL" else {command}
        for kind, expression in (("using", using), ("check", check or using)):
            if expression is not None and "app.tenant_id" not in expression:
                yield f"{name}: the policy {policy} lets app pass without the tenant"
            if expression is not None:
                held[kind] |= commands
    rights = APP_RIGHTS.get(name, USUAL_APP_RIGHTS)
    if missing := (rights & {"SELECT", "UPDATE", "DELETE"}) - held["using"]:
        yield f"{name}: no policy with USING for {sorted(missing)}"
    if missing := (rights & {"INSERT", "UPDATE"}) - held["check"]:
        yield f"{name}: no policy with WITH CHECK for {sorted(missing)}"


def _key_faults(cursor: CursorWrapper, oid: int, name: str) -> Iterator[str]:
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, i.indisprimary, (SELECT attname FROM pg_attribute"
        " WHERE attrelid = i.indrelid AND attnum = i.indkey[0])"
        " FROM pg_index i WHERE i.indrelid = %s AND i.indisunique",
        [oid],
    )
    indexes = cursor.fetchall()
    if not any(primary for _, primary, _ in indexes):
        yield f"{name} has no primary key"
    for index, _, first in indexes:
        if first != "tenant_id":
            yield f"{name}: the unique index {index} does not begin with tenant_id"
    cursor.execute("SELECT attnotnull FROM pg_attribute WHERE attrelid = %s AND attname = 'tenant_id'", [oid])
    if cursor.fetchone() != (True,):
        yield f"{name}: tenant_id may be null"


def foreign_key_faults(cursor: CursorWrapper) -> Iterator[str]:
    """Keys between tenants' tables that do not carry the tenant on both sides, and columns without a key."""
    cursor.execute(
        f"""
        WITH with_tenant AS ({_HAS_TENANT})
        SELECT k.conname, k.conrelid::regclass::text,
            ARRAY(SELECT attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (n, place)
                  JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY place),
            ARRAY(SELECT attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (n, place)
                  JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY place),
            k.confrelid IN (SELECT attrelid FROM with_tenant), k.convalidated
        FROM pg_constraint k
        WHERE k.contype = 'f' AND k.conrelid IN (SELECT attrelid FROM with_tenant)
        """
    )
    kept: dict[str, set[str]] = {}
    for constraint, table, columns, targets, in_tenant, valid in cursor.fetchall():
        kept.setdefault(table, set()).update(columns)
        if not valid:
            yield f"{table}: {constraint} was never validated"
        place = columns.index("tenant_id") if "tenant_id" in columns else None
        if in_tenant and (place is None or targets[place] != "tenant_id"):
            yield f"{table}: {constraint} does not carry the tenant"
    cursor.execute(
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"
        f" AND a.attrelid IN ({_HAS_TENANT}) AND a.attname LIKE '%\\_id' AND a.atttypid = 'uuid'::regtype"
        " AND NOT a.attisdropped"
    )
    for table, column in cursor.fetchall():
        if table not in KEYED_BY_EVENT and column not in kept.get(table, set()):
            yield f"{table}.{column} has no foreign key"


def right_faults(cursor: CursorWrapper) -> Iterator[str]:
    """What the roles app and platform may do beyond, or short of, what is listed."""
    cursor.execute(_TABLES)
    names = [row[1] for row in cursor.fetchall()]
    for name in names:
        usual = set() if name in WITHOUT_TENANT else USUAL_APP_RIGHTS
        yield from _compare(name, "app", _rights(cursor, "app", name), APP_RIGHTS.get(name, usual))
        yield from _compare(
            name, "platform", _rights(cursor, "platform", name), PLATFORM_RIGHTS.get(name, set())
        )
    cursor.execute(
        "SELECT table_name, column_name, privilege_type, grantee FROM information_schema.column_privileges"
        " WHERE table_schema = 'public' AND grantee IN ('app', 'platform', 'PUBLIC')"
    )
    for table, column, right, grantee in cursor.fetchall():
        whole = _rights(cursor, grantee, table) if grantee != "PUBLIC" else set()
        if right not in whole and (table, column, right) not in PLATFORM_COLUMNS:
            yield f"{table}.{column}: {grantee} has {right}"
    cursor.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND CASE WHEN relkind = 'S' THEN has_sequence_privilege('app', oid, 'USAGE, UPDATE, SELECT') END"
    )
    yield from (f"app may use the sequence {row[0]}" for row in cursor.fetchall())


def _compare(table: str, role: str, has: set[str], should: set[str]) -> Iterator[str]:
    if has - should:
        yield f"{table}: {role} has {sorted(has - should)} too much"
    if should - has:
        yield f"{table}: {role} lacks {sorted(should - has)}"


def _rights(cursor: CursorWrapper, role: str, table: str) -> set[str]:
    rights = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")
    cursor.execute(
        "SELECT r FROM unnest(%s::text[]) r WHERE has_table_privilege(%s, %s, r)",
        [list(rights), role, table],
    )
    return {row[0] for row in cursor.fetchall()}


def role_faults(cursor: CursorWrapper) -> Iterator[str]:
    """Attributes and memberships of the roles that serve."""
    cursor.execute(
        "SELECT rolname FROM pg_roles WHERE rolname IN ('app', 'platform')"
        " AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)"
    )
    yield from (f"the role {row[0]} has attributes it must not have" for row in cursor.fetchall())
    cursor.execute("SELECT rolname FROM pg_roles WHERE rolname = 'owner' AND (rolsuper OR NOT rolbypassrls)")
    yield from ("owner must bypass row-level security and be no superuser" for _ in cursor.fetchall())
    cursor.execute(
        "SELECT m.rolname, r.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member"
        " JOIN pg_roles r ON r.oid = a.roleid WHERE m.rolname IN ('app', 'platform')"
    )
    yield from (f"{member} is a member of {role}" for member, role in cursor.fetchall())
    for role in ("app", "platform"):
        cursor.execute(
            "SELECT count(*) FROM pg_shdepend WHERE refobjid = %s::regrole AND deptype = 'o'", [role]
        )
        if cursor.fetchone() != (0,):
            yield f"{role} owns something"
        cursor.execute(
            "SELECT has_schema_privilege(%s, 'public', 'CREATE'),"
            " has_database_privilege(%s, current_database(), 'CREATE'),"
            " has_database_privilege(%s, current_database(), 'TEMPORARY')",
            [role, role, role],
        )
        if cursor.fetchone() != (False, False, False):
            yield f"{role} may create objects"


def view_faults(cursor: CursorWrapper) -> Iterator[str]:
    """Views run as their owner unless told otherwise; materialized ones always did."""
    cursor.execute(
        "SELECT relname, relkind::text, coalesce(reloptions::text, ''),"
        " has_table_privilege('app', oid, 'SELECT')"
        " FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
    )
    for name, kind, options, readable in cursor.fetchall():
        if kind == "v" and "security_invoker=true" not in options:
            yield f"the view {name} runs as its owner"
        if kind == "m" and readable:
            yield f"app may read the materialized view {name}"


def function_faults(cursor: CursorWrapper) -> Iterator[str]:
    """Functions that run as the owner: listed, on a fixed path, and nobody's by default."""
    cursor.execute(
        "SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',"
        " coalesce(p.proconfig, '{}'), p.proacl IS NULL OR p.proacl::text ~ '[{,]=X'"
        " FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
    )
    rows: list[tuple[Any, ...]] = cursor.fetchall()
    for name, settings, public in rows:
        if name not in DEFINERS:
            yield f"{name} runs as the owner and is not on the list"
        if "search_path=pg_catalog, pg_temp" not in settings:
            yield f"{name} runs as the owner on a path that a caller can change"
        if public:
            yield f"{name} runs as the owner for everybody"


def all_faults(cursor: CursorWrapper) -> list[str]:
    """Everything above."""
    checks = (
        table_faults,
        foreign_key_faults,
        right_faults,
        role_faults,
        view_faults,
        function_faults,
    )
    return [fault for check in checks for fault in check(cursor)]
