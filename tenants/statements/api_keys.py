"""API keys as the database decides them: whether one still opens, for whom, and when it was used."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tenants import ids
from tenants.scope import require_tenant_id
from tenants.statements.rights import rights_of

# The key counts as long as its maker could log in: tenant, membership and person are live.
_FOR_ACCESS = """
SELECT k.membership_id, k.scopes, m.role, custom.capabilities, k.expires_at, used.last_used_at,
       m.legal_entities
FROM tenants_apikey k
JOIN tenants_tenant t ON t.id = k.tenant_id AND t.is_active
JOIN tenants_membership m ON m.tenant_id = k.tenant_id AND m.id = k.membership_id AND m.is_active
JOIN tenants_user u ON u.id = m.user_id AND u.is_active
LEFT JOIN tenants_role custom ON custom.tenant_id = m.tenant_id AND custom.name = m.role AND custom.is_active
LEFT JOIN tenants_apikeyuse used ON used.tenant_id = k.tenant_id AND used.api_key_id = k.id
WHERE k.tenant_id = %(tenant)s AND k.id = %(key)s AND k.revoked_at IS NULL AND k.expires_at > %(now)s
"""

# A request must not wait for the disk because of this: what a crash loses is a time of day.
_TOUCH = """
WITH hasty AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO tenants_apikeyuse AS used (tenant_id, id, created_at, updated_at, api_key_id, last_used_at)
SELECT %(tenant)s, %(id)s, %(now)s, %(now)s, %(key)s, %(now)s FROM hasty
ON CONFLICT (tenant_id, api_key_id) DO UPDATE
SET last_used_at = excluded.last_used_at, updated_at = excluded.updated_at
WHERE used.last_used_at < excluded.last_used_at - interval '1 minute'
"""


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key that opens: what it may do is what is in `scopes` and in the `rights` of its maker."""

    membership_id: UUID
    scopes: frozenset[str]
    role: str
    rights: frozenset[str]
    expires_at: datetime
    last_used_at: datetime | None
    legal_entities: frozenset[UUID]


def key_for_access(*, key_id: UUID, now: datetime) -> KeyRow | None:
    """The key of the current tenant as it stands now; None if it opens nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(_FOR_ACCESS, {"tenant": require_tenant_id(), "key": key_id, "now": now})
        row = cursor.fetchone()
    if row is None:
        return None
    membership_id, scopes, role, custom, expires_at, last_used_at, held = row
    return KeyRow(
        membership_id,
        frozenset(json.loads(scopes)),
        role,
        rights_of(role, custom, held),
        expires_at,
        last_used_at,
        frozenset(held),
    )


def touch(*, key_id: UUID, now: datetime) -> None:
    """Note that the key was used, unless that was noted within the last minute."""
    values: dict[str, Any] = {"tenant": require_tenant_id(), "id": ids.uuid7(), "key": key_id, "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_TOUCH, values)
