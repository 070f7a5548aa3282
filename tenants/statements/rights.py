"""What members may do by their roles: built-in ones by name, those of the tenant by their rows."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from tenants import capabilities
from tenants.scope import require_tenant_id

_OF_MEMBER = """
SELECT m.role, custom.capabilities, m.legal_entities
FROM tenants_membership m
JOIN tenants_user u ON u.id = m.user_id AND u.is_active
LEFT JOIN tenants_role custom ON custom.tenant_id = m.tenant_id AND custom.name = m.role AND custom.is_active
WHERE m.tenant_id = %(tenant)s AND m.id = %(membership)s AND m.is_active
"""

_IS_ADMINISTERED = """
SELECT EXISTS (
    SELECT FROM tenants_membership m
    JOIN tenants_user u ON u.id = m.user_id AND u.is_active
    LEFT JOIN tenants_role custom
        ON custom.tenant_id = m.tenant_id AND custom.name = m.role AND custom.is_active
    WHERE m.tenant_id = %(tenant)s AND m.is_active AND m.legal_entities = '{}'
      AND (m.role = ANY(%(builtin)s) OR custom.capabilities ? %(capability)s)
)
"""


def rights_of(role: str, custom: str | None, legal_entities: Sequence[UUID] | None = None) -> frozenset[str]:
    """What a member may do by their role, held to these legal entities or to none.

    `custom` is the JSON list of the tenant's role of this name, None without one.
    """
    rights = capabilities.resolved(role, None if custom is None else json.loads(custom))
    return rights - capabilities.OF_THE_WHOLE if legal_entities else rights


def rights_of_member(*, membership_id: UUID) -> frozenset[str]:
    """What an active member may do at this moment; nothing for anybody else."""
    row = _one(_OF_MEMBER, {"membership": membership_id})
    return frozenset() if row is None else rights_of(*row)


def is_administered() -> bool:
    """Whether anybody active in the current tenant can manage its members."""
    builtin = [
        name for name, rights in capabilities.BUILTIN_ROLES.items() if capabilities.MEMBERS_MANAGE in rights
    ]
    found: bool = _one(_IS_ADMINISTERED, {"builtin": builtin, "capability": capabilities.MEMBERS_MANAGE})[0]
    return found


def _one(statement: str, parameters: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**parameters, "tenant": require_tenant_id()})
        return cursor.fetchone()
