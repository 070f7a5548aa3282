"""What may be read before a tenant is known: the resolver functions of the database.

They match exactly and list nothing, so that they cannot be used to look around.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection


@dataclass(frozen=True, slots=True)
class TenantRow:
    """A tenant as the world may know it."""

    id: UUID
    slug: str
    name: str
    is_active: bool


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """One live membership of a person, in a live tenant."""

    membership_id: UUID
    tenant_id: UUID
    slug: str
    name: str
    role: str


def resolve_tenant(*, slug: str) -> TenantRow | None:
    """The tenant of exactly this slug, active or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, slug, name, is_active FROM resolve_tenant(%s)", [slug])
        row = cursor.fetchone()
    return None if row is None else TenantRow(*row)


def resolve_memberships(*, user_id: UUID) -> list[MembershipRow]:
    """Where this person works, by slug; inactive memberships and tenants are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT membership_id, tenant_id, slug, name, role FROM resolve_memberships(%s)", [user_id]
        )
        return [MembershipRow(*row) for row in cursor.fetchall()]


def resolve_api_key(*, digest: bytes) -> tuple[UUID, UUID] | None:
    """The id of the key of exactly this digest, whatever has become of it, and that of its tenant."""
    return _found("SELECT id, tenant_id FROM resolve_api_key(%s)", digest)


def resolve_invitation(*, digest: bytes) -> tuple[UUID, UUID] | None:
    """The id of the invitation of exactly this digest, open or not, and that of its tenant."""
    return _found("SELECT id, tenant_id FROM resolve_invitation(%s)", digest)


def resolve_socket_ticket(*, digest: bytes) -> tuple[UUID, UUID] | None:
    """The id of the ticket of exactly this digest, over or not, and that of its tenant."""
    return _found("SELECT id, tenant_id FROM resolve_socket_ticket(%s)", digest)


def _found(statement: str, digest: bytes) -> tuple[UUID, UUID] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, [digest])
        row: tuple[UUID, UUID] | None = cursor.fetchone()
    return row
