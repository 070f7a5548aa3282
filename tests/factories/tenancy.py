"""Tenants, people, memberships and the scopes to act in."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from tenants import capabilities, ids, scope
from tenants.actors import Actor, ActorKind
from tenants.models import Membership, Tenant, User
from tenants.services import members, onboarding

PASSWORD = "correct horse battery staple"


def unique(prefix: str) -> str:
    """`prefix` and eight random letters: tests share one database."""
    return f"{prefix}-{secrets.token_hex(4)}"


def make_tenant(name: str = "acme", *, time_zone: str = "Europe/Berlin", **settings: object) -> Tenant:
    """A new tenant without members; `settings` are columns such as `access_token_minutes=15`."""
    tenant = onboarding.onboard_tenant(slug=unique(name), name=name.title(), time_zone=time_zone)
    if settings:
        with scope_of(tenant):
            Tenant.objects.filter(id=tenant.id).update(**settings)
            tenant.refresh_from_db()
    return tenant


def deactivate_tenant(tenant: Tenant) -> None:
    """Switch a tenant off, as the operator of the installation does."""
    with scope_of(tenant):
        Tenant.objects.filter(id=tenant.id).update(is_active=False)


def make_user(tenant: Tenant, *, name: str = "Ada", password: str | None = None) -> User:
    """A person who is a viewer in `tenant`; with a password only if one is given."""
    return make_member(tenant, name=name, password=password, role="viewer").user


def make_member(
    tenant: Tenant,
    *,
    role: str = "admin",
    username: str | None = None,
    name: str = "Ada Lovelace",
    email: str = "",
    password: str | None = None,
    user: User | None = None,
) -> Membership:
    """A member of `tenant`, or `user`'s membership there; logs in by PASSWORD if that is given."""
    with scope_of(tenant):
        membership = members.add_member(
            username=username or unique("ada"),
            role=role,
            name=name,
            email=email,
            user_id=None if user is None else user.id,
        )
        if password is not None and user is None:
            # Hashed once for all tests: a tenth of a second each adds up.
            stored = _hash(password)
            User.objects.filter(id=membership.user_id).update(
                password=stored, password_changed_at=timezone.now()
            )
        loaded: Membership = Membership.objects.select_related("user", "tenant").get(id=membership.id)
    return loaded


@contextmanager
def scope_of(
    tenant: Tenant, role: str = "admin", *, member: Membership | None = None, request_id: str = "test"
) -> Iterator[scope.Scope]:
    """Act in `tenant` with the capabilities of `role`, or as `member` with those of the member's role."""
    if member is not None:
        role = member.role
    actor = Actor(
        kind=ActorKind.USER,
        id=ids.uuid7() if member is None else member.user_id,
        role=role,
        capabilities=capabilities.of_role(role),
        membership_id=None if member is None else member.id,
    )
    with scope.enter(scope.Scope(tenant.id, actor, request_id, "127.0.0.1")) as entered:
        yield entered


@cache
def _hash(password: str) -> str:
    return make_password(password)
