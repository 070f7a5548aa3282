"""Reading the tenant one is in, and finding those one may enter."""

from django.db.models import QuerySet

from tenants.errors import NotFound
from tenants.models import Tenant
from tenants.scope import require_tenant_id
from tenants.statements.resolvers import (
    MembershipRow,
    TenantRow,
    resolve_api_key,
    resolve_invitation,
    resolve_memberships,
    resolve_socket_ticket,
    resolve_tenant,
)

__all__ = [
    "MembershipRow",
    "TenantRow",
    "current_tenant",
    "resolve_api_key",
    "resolve_invitation",
    "resolve_memberships",
    "resolve_socket_ticket",
    "resolve_tenant",
    "tenant_rows",
]


def tenant_rows() -> "QuerySet[Tenant]":
    """The current tenant as a query of at most one row."""
    return Tenant.objects.filter(id=require_tenant_id()).order_by("id")


def current_tenant() -> Tenant:
    """The current tenant. Raises NotFound."""
    tenant = tenant_rows().first()
    if tenant is None:
        raise NotFound
    return tenant
