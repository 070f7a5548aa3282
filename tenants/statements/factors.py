"""Second factors as every login asks for them: all of it in one statement."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from tenants.scope import require_tenant_id

_KEPT = """
SELECT
    EXISTS (SELECT FROM tenants_totpdevice
            WHERE tenant_id = %(tenant)s AND membership_id = %(member)s AND confirmed_at IS NOT NULL),
    EXISTS (SELECT FROM tenants_passkey WHERE tenant_id = %(tenant)s AND membership_id = %(member)s),
    EXISTS (SELECT FROM tenants_recoverycode
            WHERE tenant_id = %(tenant)s AND membership_id = %(member)s AND used_at IS NULL),
    EXISTS (SELECT FROM tenants_loginconfiguration
            WHERE tenant_id = %(tenant)s
              AND (second_factor = 'required' OR second_factor_roles @> to_jsonb(%(role)s::text)))
"""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a member has, and whether the tenant demands a factor of the member's role."""

    has_totp: bool
    has_passkey: bool
    has_recovery_codes: bool
    is_required: bool


def kept_of(*, membership_id: UUID, role: str) -> Kept:
    """The factors of a member of the current tenant."""
    values: dict[str, Any] = {"tenant": require_tenant_id(), "member": membership_id, "role": role}
    with connection.cursor() as cursor:
        cursor.execute(_KEPT, values)
        return Kept(*cursor.fetchone())
