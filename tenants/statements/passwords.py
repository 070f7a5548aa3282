"""What a login by name and password is decided by, in one look-up."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from tenants.scope import require_tenant_id

_FIND = """
SELECT m.username, m.must_change_password, u.id, u.name, u.email, u.is_active, u.password,
    u.password_changed_at, coalesce(u.password_changed_at, u.created_at), c.password_max_age_days
FROM tenants_membership m
JOIN tenants_user u ON u.id = m.user_id
LEFT JOIN tenants_loginconfiguration c ON c.tenant_id = m.tenant_id
WHERE m.tenant_id = %(tenant)s AND m.username = %(username)s AND m.is_active
"""


class Known(NamedTuple):
    """An active member with the person's password; `is_active` is the person, who may be blocked.

    `changed_at` is None for a password that never was; `set_at` is then when the person was made. It has
    to be changed after `max_age_days`, if ever.
    """

    username: str
    must_change: bool
    user_id: UUID
    name: str
    email: str
    is_active: bool
    password: str
    changed_at: datetime | None
    set_at: datetime
    max_age_days: int | None


def find(*, username: str) -> Known | None:
    """The member of the current tenant by that name."""
    with connection.cursor() as cursor:
        cursor.execute(_FIND, {"tenant": require_tenant_id(), "username": username})
        row = cursor.fetchone()
    return None if row is None else Known(*row)
