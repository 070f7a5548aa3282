"""What has to be found or cleared away for all tenants at once; everything here runs as `platform`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import connections

_UNASKED = """
SELECT DISTINCT i.tenant_id FROM tenants_externalidentity i
JOIN tenants_tenant t ON t.id = i.tenant_id AND t.is_active AND t.auth_backend = i.backend
WHERE i.checked_at < %(before)s AND i.lost_at IS NULL AND NOT EXISTS (
    SELECT FROM tenants_job j
    WHERE j.tenant_id = i.tenant_id AND j.name = %(job)s AND j.state IN ('waiting', 'running')
)
ORDER BY i.tenant_id
"""

# A token that is good for nothing any more may have a living descendant, which forgets it.
_TOKENS = """
WITH doomed AS MATERIALIZED (
    SELECT tenant_id, id FROM tenants_refreshtoken
    WHERE expires_at < %(before)s ORDER BY expires_at LIMIT %(at_most)s
), orphaned AS (
    UPDATE tenants_refreshtoken child SET parent_id = NULL
    FROM doomed WHERE child.tenant_id = doomed.tenant_id AND child.parent_id = doomed.id
        AND NOT EXISTS (SELECT FROM doomed d WHERE d.tenant_id = child.tenant_id AND d.id = child.id)
)
DELETE FROM tenants_refreshtoken token USING doomed
WHERE token.tenant_id = doomed.tenant_id AND token.id = doomed.id
"""

_EXPIRED = """
DELETE FROM {table} WHERE (tenant_id, id) IN (
    SELECT tenant_id, id FROM {table} WHERE {dead} LIMIT %(at_most)s
)
"""
_DEAD: Final[Mapping[str, str]] = {
    "tenants_session": "ends_at < %(before)s AND NOT EXISTS ("
    "SELECT FROM tenants_refreshtoken t"
    " WHERE t.tenant_id = tenants_session.tenant_id AND t.session_id = tenants_session.id)",
    "tenants_loginchallenge": "expires_at < %(before)s",
    "tenants_ssoround": "expires_at < %(before)s",
    "tenants_socketticket": "expires_at < %(before)s",
    "tenants_loginguard": "updated_at < %(before)s AND coalesce(locked_until < %(before)s, true)",
    "tenants_invitation": "expires_at < %(before)s",
}


def tenants_with_unasked(*, before: datetime, job: str) -> list[UUID]:
    """Tenants with somebody whom the directory was not asked about since `before`, and no `job` under way."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(_UNASKED, {"before": before, "job": job})
        return [row[0] for row in cursor.fetchall()]


def delete_refresh_tokens(*, before: datetime, at_most: int) -> int:
    """Delete tokens that ended before; returns how many, `at_most` a call."""
    return _execute(_TOKENS, {"before": before, "at_most": at_most})


def delete_dead(table: str, *, before: datetime, at_most: int) -> int:
    """Delete rows of one of the tables of `_DEAD` that ended before; returns how many, `at_most` a call."""
    statement = _EXPIRED.format(table=table, dead=_DEAD[table])
    return _execute(statement, {"before": before, "at_most": at_most})


def _execute(statement: str, values: dict[str, Any]) -> int:
    with connections["platform"].cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
