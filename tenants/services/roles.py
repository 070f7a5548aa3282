"""Roles that a tenant makes out of capabilities; the built-in ones never change."""

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.db import IntegrityError, transaction

from tenants import verified
from tenants.capabilities import ALL, BUILTIN_ROLES, MEMBERS_MANAGE
from tenants.errors import DomainError, FieldError, InvalidInput, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import LoginConfiguration, Membership, Role
from tenants.scope import require_tenant_id
from tenants.services.rights import ensure_administered, ensure_can_give, hold_members
from tenants.services.versions import ensure_version

MOST_ROLES: Final = 100
ENTITY: Final = "tenants.role"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?", re.ASCII)


class RoleNameTaken(DomainError):
    """There is a role of this name."""

    kind, code = Kind.CONFLICT, "role-name-taken"


class RoleInUse(DomainError):
    """Members hold this role, or a login configuration gives it: give them another one first."""

    kind, code = Kind.CONFLICT, "role-in-use"


class TooManyRoles(DomainError):
    """A company can have a hundred roles of its own."""

    kind, code = Kind.CONFLICT, "too-many-roles"


@transaction.atomic
def create_role(*, name: str, title: str, capabilities: Sequence[str]) -> Role:
    """Make a role; `name` is what members hold and never changes.

    Raises InvalidInput, GrantsTooMuch, RoleNameTaken, TooManyRoles.
    """
    faults = _faults_of(capabilities)
    if not _NAME.fullmatch(name):
        faults.append(FieldError("/name", "malformed", "Expected lower-case letters, digits and hyphens."))
    if faults:
        raise InvalidInput(faults)
    ensure_can_give(capabilities, pointer="/capabilities")
    hold_members()
    if name in BUILTIN_ROLES:
        raise RoleNameTaken(pointer="/name")
    if Role.all_objects.count() >= MOST_ROLES:
        raise TooManyRoles
    try:
        role: Role = Role.objects.create(
            tenant_id=require_tenant_id(), name=name, title=title, capabilities=sorted(set(capabilities))
        )
    except IntegrityError as error:
        raise RoleNameTaken(pointer="/name") from error
    return role


@transaction.atomic
def update_role(
    *,
    role_id: UUID,
    title: str | None = None,
    capabilities: Sequence[str] | None = None,
    expected: int | None = None,
) -> Role:
    """Change what a role is called or allows; whoever holds it is bound by that within five seconds.

    Raises InvalidInput, GrantsTooMuch, LastAdministrator, ChangedMeanwhile, NotFound.
    """
    faults = _faults_of(capabilities or ())
    if faults:
        raise InvalidInput(faults)
    hold_members()
    role = _lock(role_id=role_id)
    ensure_version(role, expected)
    # Taking away what one does not have oneself would change somebody who may do more.
    ensure_can_give(role.rights.union(capabilities or ()), pointer="/capabilities")
    loses_administration = False
    if capabilities is not None:
        loses_administration = MEMBERS_MANAGE in role.rights and MEMBERS_MANAGE not in capabilities
        role.capabilities = sorted(set(capabilities))
    if title is not None:
        role.title = title
    role.save(update_fields=["title", "capabilities", "updated_at"])
    if loses_administration:
        ensure_administered()
    _forget()
    return role


@transaction.atomic
def deactivate_role(*, role_id: UUID) -> None:
    """Take a role out of use; it stays readable. Raises GrantsTooMuch, RoleInUse, NotFound."""
    hold_members()
    role = _lock(role_id=role_id)
    ensure_can_give(role.rights, pointer="")
    if Membership.objects.filter(role=role.name).exists() or _is_configured(role.name):
        raise RoleInUse
    role.is_active = False
    role.save(update_fields=["is_active", "updated_at"])
    publish(Event("role.deactivated", ENTITY, str(role.id), {"name": role.name}))
    _forget()


@transaction.atomic
def reactivate_role(*, role_id: UUID) -> Role:
    """Put a role back into use. Raises GrantsTooMuch, NotFound."""
    hold_members()
    role: Role | None = Role.all_objects.select_for_update(no_key=True).filter(id=role_id).first()
    if role is None:
        raise NotFound
    ensure_can_give(role.rights, pointer="")
    role.is_active = True
    role.save(update_fields=["is_active", "updated_at"])
    _forget()
    return role


def _lock(*, role_id: UUID) -> Role:
    role: Role | None = Role.objects.select_for_update(no_key=True).filter(id=role_id).first()
    if role is None:
        raise NotFound
    return role


def _is_configured(name: str) -> bool:
    found: LoginConfiguration | None = LoginConfiguration.objects.order_by("id").first()
    if found is None:
        return False
    return found.default_role == name or any(each.get("role") == name for each in found.group_roles)


def _faults_of(capabilities: Sequence[str]) -> list[FieldError]:
    return [
        FieldError(f"/capabilities/{place}", "unknown-capability", "There is no such capability.")
        for place, each in enumerate(capabilities)
        if each not in ALL
    ]


def _forget() -> None:
    tenant_id = require_tenant_id()
    transaction.on_commit(lambda: verified.forget(tenant_id=tenant_id))
