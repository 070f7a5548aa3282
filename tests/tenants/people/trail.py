"""What the trail was told of one request or one record."""

from typing import Any

from django.db import connections

from tenants.models import Tenant


def events_of(tenant: Tenant | None, *, request_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """The events (no row changes) of a request: name, actor, data."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT operation, actor, new_values FROM audit_pendingentry"
            " WHERE request_id = %s AND tenant_id IS NOT DISTINCT FROM %s"
            " AND operation NOT IN ('insert', 'update', 'delete') ORDER BY event_id",
            [request_id, None if tenant is None else tenant.id],
        )
        found: list[tuple[str, str, dict[str, Any]]] = cursor.fetchall()
    return found


def names_of(tenant: Tenant | None, *, request_id: str) -> list[str]:
    """Their names."""
    return [name for name, _, _ in events_of(tenant, request_id=request_id)]


def written_about(tenant: Tenant) -> str:
    """Everything the trail holds for a tenant, as text."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(e::text, ' ') FROM audit_pendingentry e WHERE tenant_id = %s", [tenant.id]
        )
        return cursor.fetchone()[0] or ""
