"""The database's half of the trail: the functions that write pending entries.

They belong to the owner and run as the owner (SECURITY DEFINER), because the role `app` has no rights
on the table they write to. Tenant, actor and request id come from the settings of the scope.
"""

from typing import Final

TENANT_ROWS: Final = "audit_record_tenant_rows"
INSTALLATION_ROWS: Final = "audit_record_installation_rows"
REFUSE_TRUNCATE: Final = "audit_refuse_truncate"

# Transition tables joined by a nested loop are quadratic, hence enable_nestloop. The joined rows are
# compared as images (*<>), for which 1.0 and 1.00 differ and every column type is comparable. The join
# is a full one, so that a row whose key was changed is recorded too, as one that left and one that came.
# Rows become json and not jsonb: it keeps the digits just as well and takes half the time.
_RECORD_ROWS = """
CREATE OR REPLACE FUNCTION public.{name}() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET enable_nestloop = off
AS $$
DECLARE
    entity text := tg_argv[0];
    hidden text[] := tg_argv[1:];
    actor text := coalesce(nullif(current_setting('app.actor', true), ''), 'system:unknown@' || session_user);
    request text := coalesce(current_setting('app.request_id', true), '');
BEGIN
    IF tg_op = 'INSERT' THEN
        INSERT INTO public.audit_pendingentry (event_id, tenant_id, sequence, entity_type, record_id,
            operation, old_values, new_values, actor, request_id, created_at)
        SELECT uuidv7(), {new_tenant}, nextval('public.audit_sequence'), entity, n.id::text,
            'insert', NULL, {new}, actor, request, clock_timestamp()
        FROM new_rows n;
    ELSIF tg_op = 'DELETE' THEN
        INSERT INTO public.audit_pendingentry (event_id, tenant_id, sequence, entity_type, record_id,
            operation, old_values, new_values, actor, request_id, created_at)
        SELECT uuidv7(), {old_tenant}, nextval('public.audit_sequence'), entity, o.id::text,
            'delete', {old}, NULL, actor, request, clock_timestamp()
        FROM old_rows o;
    ELSE
        INSERT INTO public.audit_pendingentry (event_id, tenant_id, sequence, entity_type, record_id,
            operation, old_values, new_values, actor, request_id, created_at)
        SELECT uuidv7(), coalesce({new_tenant}, {old_tenant}), nextval('public.audit_sequence'), entity,
            coalesce(n.id, o.id)::text,
            CASE WHEN o.id IS NULL THEN 'insert' WHEN n.id IS NULL THEN 'delete' ELSE 'update' END,
            {old}, {new}, actor, request, clock_timestamp()
        FROM old_rows o FULL JOIN new_rows n ON n.id = o.id
        WHERE o.id IS NULL OR n.id IS NULL OR o *<> n;
    END IF;
    RETURN NULL;
END
$$;
"""

# The record's id goes into the digest, so that equal secrets of two records do not look equal.
_REDACT = """
CREATE OR REPLACE FUNCTION public.audit_redact(row_values jsonb, hidden text[]) RETURNS json LANGUAGE sql
    STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT json_object_agg(key, CASE WHEN key = ANY (hidden) AND value <> 'null'
        THEN to_jsonb('redacted:' || left(encode(sha256(convert_to(
            (row_values ->> 'id') || ':' || (value #>> '{}'), 'UTF8')), 'hex'), 16))
        ELSE value END)
    FROM jsonb_each(row_values)
$$;
"""

_RECORD_EVENT = """
CREATE OR REPLACE FUNCTION public.audit_record_event(name text, entity text, record text, data jsonb)
    RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO public.audit_pendingentry (event_id, tenant_id, sequence, entity_type, record_id,
        operation, old_values, new_values, actor, request_id, created_at)
    VALUES (uuidv7(), nullif(current_setting('app.tenant_id', true), '')::uuid,
        nextval('public.audit_sequence'), entity, record, name, NULL, data::json,
        coalesce(nullif(current_setting('app.actor', true), ''), 'system:unknown@' || session_user),
        coalesce(current_setting('app.request_id', true), ''), clock_timestamp())
$$;
"""

# TRUNCATE fires no trigger that could see the rows.
_REFUSE_TRUNCATE = """
CREATE OR REPLACE FUNCTION public.audit_refuse_truncate() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RAISE EXCEPTION 'table % is audited: DELETE leaves a trail, TRUNCATE does not', tg_table_name
        USING ERRCODE = 'object_not_in_prerequisite_state';
END
$$;
"""

_RIGHTS = """
REVOKE ALL ON FUNCTION public.audit_record_tenant_rows(), public.audit_record_installation_rows(),
    public.audit_redact(jsonb, text[]), public.audit_refuse_truncate(),
    public.audit_record_event(text, text, text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION public.audit_record_event(text, text, text, jsonb) TO app, platform;
"""


def definitions() -> str:
    """The SQL that makes or replaces every function of the trail; to be run as the owner."""
    return (
        _REDACT
        + _record_rows(TENANT_ROWS, new_tenant="n.tenant_id", old_tenant="o.tenant_id")
        + _record_rows(INSTALLATION_ROWS, new_tenant="NULL::uuid", old_tenant="NULL::uuid")
        + _RECORD_EVENT
        + _REFUSE_TRUNCATE
        + _RIGHTS
    )


def _record_rows(name: str, *, new_tenant: str, old_tenant: str) -> str:
    return _RECORD_ROWS.format(
        name=name, new_tenant=new_tenant, old_tenant=old_tenant, new=_json_of("n"), old=_json_of("o")
    )


def _json_of(row: str) -> str:
    hidden = f"public.audit_redact(to_jsonb({row}), hidden)"
    return f"CASE WHEN tg_nargs > 1 THEN {hidden} ELSE row_to_json({row}) END"
