"""Requests that logins are made of."""

from typing import Any

from django.db import connections

from tenants.models import ExternalIdentity, Membership, Tenant
from tests.factories import PASSWORD, ApiClient, scope_of
from tests.factories.directories import Entry


def log_in(tenant: Tenant, username: str, password: str = PASSWORD, client: ApiClient | None = None) -> Any:
    """The answer to POST auth/token."""
    body = {"tenant": tenant.slug, "username": username, "password": password}
    return (client or ApiClient()).post("/api/v2/auth/token", body)


def inside(tenant: Tenant, entry: Entry, client: ApiClient | None = None) -> ApiClient:
    """A client whom the directory let in."""
    client = client or ApiClient()
    answer = log_in(tenant, entry.username, entry.password, client)
    assert answer.status_code == 200, answer.content
    pair = answer.json()
    client.access, client.refresh = pair["access"], pair["refresh"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {client.access}")
    return client


def refresh(client: ApiClient, token: str = "") -> Any:
    """The answer to POST auth/refresh; the client goes on with what it got."""
    answer = client.post("/api/v2/auth/refresh", {"refresh": token or client.refresh})
    if answer.status_code == 200 and not token:
        client.refresh = answer.json()["refresh"]
    return answer


def code(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["code"]


def member_of(tenant: Tenant, entry: Entry) -> Membership:
    """The membership that the directory's person has, active or not."""
    with scope_of(tenant):
        identity = ExternalIdentity.objects.get(subject=entry.subject)
        found: Membership = Membership.all_objects.select_related("user", "tenant").get(
            id=identity.membership_id
        )
    return found


def how_many(tenant: Tenant) -> int:
    """Memberships of a tenant, active or not."""
    with scope_of(tenant):
        return Membership.all_objects.count()


def events_of(tenant: Tenant, *names: str) -> list[tuple[str, dict[str, Any]]]:
    """The tenant's events of these names in the order they were written: name, data."""
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            "SELECT operation, new_values FROM audit_pendingentry"
            " WHERE tenant_id = %s AND operation = ANY(%s) ORDER BY event_id",
            [tenant.id, list(names)],
        )
        found: list[tuple[str, dict[str, Any]]] = cursor.fetchall()
    return found
