"""Sessions as the database decides them: who gets in, who is still in, and who was first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from tenants.domain.sessions import Login
from tenants.scope import require_tenant_id
from tenants.statements.rights import rights_of

_STANDING = """
    t.is_active, m.is_active, u.is_active, u.password_changed_at, s.auth_time, s.ends_at, s.revoked_at, m.role
"""

_FOR_ACCESS = f"""
SELECT {_STANDING}, custom.capabilities, m.legal_entities
FROM tenants_tenant t
LEFT JOIN tenants_membership m ON m.tenant_id = t.id AND m.id = %(membership)s AND m.user_id = %(user)s
LEFT JOIN tenants_user u ON u.id = m.user_id
LEFT JOIN tenants_session s ON s.tenant_id = t.id AND s.id = %(session)s AND s.membership_id = m.id
LEFT JOIN tenants_role custom ON custom.tenant_id = t.id AND custom.name = m.role AND custom.is_active
WHERE t.id = %(tenant)s
"""

_FOR_REFRESH = f"""
SELECT {_STANDING}, r.id, r.session_id, r.used_at, r.used_by, r.successor, r.expires_at,
    m.id, u.id, u.name, u.email, t.slug, t.name, t.access_token_minutes, t.refresh_token_days,
    s.backend, t.auth_backend, m.is_break_glass, s.factors,
    coalesce(c.second_factor = 'required' OR c.second_factor_roles ? m.role, false)
FROM tenants_refreshtoken r
JOIN tenants_session s ON s.tenant_id = r.tenant_id AND s.id = r.session_id
JOIN tenants_membership m ON m.tenant_id = s.tenant_id AND m.id = s.membership_id
JOIN tenants_user u ON u.id = m.user_id
JOIN tenants_tenant t ON t.id = r.tenant_id
LEFT JOIN tenants_loginconfiguration c ON c.tenant_id = r.tenant_id
WHERE r.tenant_id = %(tenant)s AND r.digest = %(digest)s
"""

# The person's row is locked, so that a password cannot change while a login by the old one is written.
_LOCK_MEMBER = """
SELECT m.id, m.username, m.role, m.is_break_glass, u.id, u.name, u.email, u.password_changed_at,
    t.slug, t.name, t.auth_backend, t.login_lifetime_hours, t.access_token_minutes, t.refresh_token_days
FROM tenants_membership m
JOIN tenants_user u ON u.id = m.user_id AND u.is_active
JOIN tenants_tenant t ON t.id = m.tenant_id AND t.is_active
WHERE m.tenant_id = %(tenant)s AND m.id = %(membership)s AND m.is_active
FOR NO KEY UPDATE OF u
"""

_OPEN = """
WITH opened AS (
    INSERT INTO tenants_session
        (tenant_id, id, created_at, updated_at, membership_id, auth_time, ends_at, last_seen_at,
         revoked_because, client_address, user_agent, backend, factors)
    VALUES (%(tenant)s, %(session)s, %(now)s, %(now)s, %(membership)s, %(auth_time)s, %(ends_at)s, %(now)s,
            '', %(address)s::inet, %(user_agent)s, %(backend)s, %(factors)s::jsonb)
)
INSERT INTO tenants_refreshtoken
    (tenant_id, id, created_at, updated_at, session_id, digest, expires_at, used_by)
VALUES (%(tenant)s, %(first_id)s, %(now)s, %(now)s, %(session)s, %(first_digest)s, %(first_ends)s, '')
"""

# The row is consumed, its successor made and the session touched together or not at all; whoever
# comes second waits for the first to commit and then finds used_at set.
_CONSUME = """
WITH spent AS (
    UPDATE tenants_refreshtoken
    SET used_at = %(now)s, used_by = %(client)s, successor = %(sealed)s, updated_at = %(now)s
    WHERE tenant_id = %(tenant)s AND digest = %(digest)s AND used_at IS NULL
    RETURNING id, session_id
), seen AS (
    UPDATE tenants_session s SET last_seen_at = %(now)s, updated_at = %(now)s
    FROM spent WHERE s.tenant_id = %(tenant)s AND s.id = spent.session_id
)
INSERT INTO tenants_refreshtoken
    (tenant_id, id, created_at, updated_at, session_id, parent_id, digest, expires_at, used_by)
SELECT %(tenant)s, %(next_id)s, %(now)s, %(now)s, session_id, id, %(next_digest)s, %(next_ends)s, ''
FROM spent
"""


@dataclass(frozen=True, slots=True)
class RefreshRow:
    """A refresh token with everything a new pair is made of. `successor` is sealed.

    `backend` and `factors` are how its login was proved, `auth_backend` and `demands_factor` what its
    tenant asks of one today.
    """

    login: Login
    role: str
    id: UUID
    session_id: UUID
    used_at: datetime | None
    used_by: str
    successor: bytes | None
    expires_at: datetime
    membership_id: UUID
    user_id: UUID
    user_name: str
    user_email: str
    tenant_slug: str
    tenant_name: str
    access_token_minutes: int
    refresh_token_days: int
    backend: str
    auth_backend: str
    is_break_glass: bool
    factors: list[str]
    demands_factor: bool


class MemberRow(NamedTuple):
    """An active member with what a session of theirs is made of."""

    membership_id: UUID
    username: str
    role: str
    is_break_glass: bool
    user_id: UUID
    user_name: str
    user_email: str
    password_changed_at: datetime | None
    tenant_slug: str
    tenant_name: str
    auth_backend: str
    login_lifetime_hours: int
    access_token_minutes: int
    refresh_token_days: int


class NewSession(NamedTuple):
    """A login that begins: `auth_time` is when it was proved, by `backend` and `factors` (RFC 8176)."""

    id: UUID
    membership_id: UUID
    auth_time: datetime
    ends_at: datetime
    address: str | None
    user_agent: str
    backend: str
    factors: Sequence[str]


@dataclass(frozen=True, slots=True)
class Successor:
    """The token that is to follow: its row, and itself sealed for a retry of the same client."""

    id: UUID
    digest: bytes
    expires_at: datetime
    sealed: bytes


def lock_member(*, membership_id: UUID) -> MemberRow | None:
    """An active member of the current tenant, the person's row locked until the transaction ends."""
    row = _one(_LOCK_MEMBER, {"membership": membership_id})
    return None if row is None else MemberRow(*row)


def open_session(*, session: NewSession, first: Successor, now: datetime) -> None:
    """A session with its first refresh token."""
    parameters: dict[str, Any] = {
        "tenant": require_tenant_id(),
        "now": now,
        "session": session.id,
        "membership": session.membership_id,
        "auth_time": session.auth_time,
        "ends_at": session.ends_at,
        "address": session.address,
        "user_agent": session.user_agent,
        "backend": session.backend,
        "factors": json.dumps(list(session.factors)),
        "first_id": first.id,
        "first_digest": first.digest,
        "first_ends": first.expires_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, parameters)


def login_for_access(
    *, membership_id: UUID, user_id: UUID, session_id: UUID
) -> tuple[Login, str, frozenset[str], frozenset[UUID]] | None:
    """The login as it stands now, with the member's role, rights and the legal entities they are held to.

    None without the tenant itself.
    """
    row = _one(_FOR_ACCESS, {"membership": membership_id, "user": user_id, "session": session_id})
    if row is None:
        return None
    role = row[7] or ""
    held = row[9] or ()
    return Login(*row[:7]), role, rights_of(role, row[8], held), frozenset(held)


def find_refresh_token(*, digest: bytes) -> RefreshRow | None:
    """The refresh token of this digest in the current tenant, used or not."""
    row = _one(_FOR_REFRESH, {"digest": digest})
    if row is None:
        return None
    values = list(row)
    values[12] = None if values[12] is None else bytes(values[12])
    values[-2] = json.loads(values[-2])
    return RefreshRow(Login(*values[:7]), *values[7:])


def consume(*, digest: bytes, successor: Successor, client: str, now: datetime) -> bool:
    """Spend the token and put `successor` in its place; False if somebody else was first."""
    parameters: dict[str, Any] = {
        "tenant": require_tenant_id(),
        "digest": digest,
        "now": now,
        "client": client,
        "sealed": successor.sealed,
        "next_id": successor.id,
        "next_digest": successor.digest,
        "next_ends": successor.expires_at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CONSUME, parameters)
        spent: int = cursor.rowcount
    return spent == 1


def _one(statement: str, parameters: dict[str, Any]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, {**parameters, "tenant": require_tenant_id()})
        return cursor.fetchone()
