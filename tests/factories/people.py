"""Roles, invitations and keys for tests, made by the services, and what a mail brings."""

import re
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from tenants.models import Invitation, Membership, OutgoingMail, Role, Tenant
from tenants.services import api_keys, invitations, roles
from tenants.services.api_keys import NewKey
from tests.factories.clients import ApiClient
from tests.factories.tenancy import make_member, scope_of, unique

_TOKEN = re.compile(r"token=(qi_[a-z2-7]+)")


def make_role(tenant: Tenant, *capabilities: str, name: str | None = None) -> Role:
    """A role of the tenant's own; without capabilities it may look at invoices."""
    with scope_of(tenant):
        return roles.create_role(
            name=name or unique("role"), title="A role", capabilities=capabilities or ["invoices.read"]
        )


def make_key(
    maker: Tenant | Membership,
    scopes: Sequence[str] = ("invoices.read",),
    *,
    lifetime: timedelta = api_keys.LIVES,
) -> NewKey:
    """A key with its token, made by a member, or by a new admin of a tenant."""
    member = make_member(maker, role="admin") if isinstance(maker, Tenant) else maker
    with scope_of(member.tenant, member=member):
        return api_keys.create_key(
            name="A program", scopes=scopes, membership_id=member.id, lifetime=lifetime
        )


def program_with(key: NewKey) -> ApiClient:
    """A client that presents a key."""
    client = ApiClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key.token}")
    return client


def make_invitation(
    inviter: Tenant | Membership,
    *,
    email: str | None = None,
    role: str = "viewer",
    legal_entities: Sequence[UUID] = (),
) -> Invitation:
    """An open invitation by a member, or by a new admin of a tenant; its mail is in the outbox."""
    member = make_member(inviter, role="admin") if isinstance(inviter, Tenant) else inviter
    with scope_of(member.tenant, member=member):
        return invitations.invite(
            email=email or f"{unique('grace')}@example.com",
            role=role,
            membership_id=member.id,
            legal_entities=legal_entities,
        )


def token_of(tenant: Tenant, invitation: Invitation) -> str:
    """The token in the mail that was sent last to whoever is invited."""
    with scope_of(tenant):
        sent = OutgoingMail.objects.filter(recipients__contains=[invitation.email]).order_by("-id")[0]
    found = _TOKEN.search(sent.text_body)
    assert found is not None
    return found[1]
