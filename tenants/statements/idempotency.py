"""One statement that decides what a repeated request gets, and one that keeps the answer."""

import json
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, connections


class Claim(NamedTuple):
    """What the key's owner asks: the key in all its parts, and the digest of what was sent."""

    id: UUID
    tenant: UUID
    actor: str
    method: str
    route: str
    key: str
    fingerprint: bytes
    lock: int


class Known(NamedTuple):
    """`is_ours`: the key is new and this transaction holds it. Else the stored answer, if there is one."""

    is_ours: bool
    fingerprint: bytes | None
    status: int | None
    headers: dict[str, str]
    body: bytes


# The lock is tried only where no answer is stored, so repetitions do not hinder each other. A row that
# was committed between this statement's snapshot and its lock shows as a conflict, neither known nor made:
# as good as in flight.
_BEGIN = """
with known as (
    select fingerprint, status, headers, body from tenants_idempotencykey
    where tenant_id = %(tenant)s and actor = %(actor)s and method = %(method)s and route = %(route)s
      and key = %(key)s and expires_at > statement_timestamp()
), held as materialized (
    select pg_try_advisory_xact_lock(%(lock)s) as ok where not exists (select from known)
), made as (
    insert into tenants_idempotencykey
        (id, tenant_id, actor, method, route, key, fingerprint, headers, created_at, updated_at, expires_at)
    select %(id)s, %(tenant)s, %(actor)s, %(method)s, %(route)s, %(key)s, %(fingerprint)s, '{}',
           statement_timestamp(), statement_timestamp(), statement_timestamp() + %(kept)s::interval
    from held where ok
    on conflict (tenant_id, actor, method, route, key) do update
        set id = excluded.id, fingerprint = excluded.fingerprint, status = null, body = null,
            headers = '{}', created_at = excluded.created_at, updated_at = excluded.updated_at,
            expires_at = excluded.expires_at
        where tenants_idempotencykey.expires_at <= excluded.created_at
    returning 1
)
select exists (select from made), known.fingerprint, known.status, known.headers::text, known.body
from (select 1) as always left join known on true
"""

_KEEP = """
update tenants_idempotencykey set status = %s, headers = %s::jsonb, body = %s
where tenant_id = %s and id = %s
"""

_PURGE = """
delete from tenants_idempotencykey where (tenant_id, id) in (
    select tenant_id, id from tenants_idempotencykey where expires_at <= now() order by expires_at limit %s
)
"""


def begin(claim: Claim, *, kept: timedelta) -> Known:
    """Take the key for this transaction, or find out who has it. Must run in a transaction."""
    values: dict[str, Any] = {**claim._asdict(), "kept": kept}
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, values)
        is_ours, fingerprint, status, headers, body = cursor.fetchone()
    return Known(
        is_ours,
        None if fingerprint is None else bytes(fingerprint),
        status,
        json.loads(headers) if headers else {},
        b"" if body is None else bytes(body),
    )


def keep(claim: Claim, *, status: int, headers: dict[str, str], body: bytes) -> None:
    """Store the answer beside the effect, in its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, (status, json.dumps(headers), body, claim.tenant, claim.id))


def purge(*, at_most: int) -> int:
    """Delete expired keys of all tenants, as `platform`; returns how many, `at_most` a call."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(_PURGE, (at_most,))
        return int(cursor.rowcount)
