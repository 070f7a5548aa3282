"""Who may give which rights, and that somebody is left who manages the members.

Whatever changes the rights of members holds the tenant's row first: two administrators who remove each
other at the same moment come one after the other, and the second finds that it would be the last.
"""

from collections.abc import Collection

from tenants import scope
from tenants.actors import ActorKind
from tenants.capabilities import BUILTIN_ROLES
from tenants.errors import DomainError, Kind, NotFound
from tenants.models import Role, Tenant
from tenants.scope import require_tenant_id
from tenants.statements.rights import is_administered


class UnknownRole(DomainError):
    """There is no role of this name."""

    kind, code = Kind.INVALID, "unknown-role"


class LastAdministrator(DomainError):
    """Somebody must be left who can manage the members."""

    kind, code = Kind.CONFLICT, "last-administrator"


class GrantsTooMuch(DomainError):
    """Nobody can give a right that they do not have."""

    kind, code = Kind.FORBIDDEN, "grants-too-much"


class MayDoMore(DomainError):
    """This concerns somebody who may do more than you."""

    kind, code = Kind.FORBIDDEN, "may-do-more"


def hold_members() -> None:
    """Wait for whoever is changing rights in this tenant, and keep others out until the commit."""
    if Tenant.objects.select_for_update(no_key=True).filter(id=require_tenant_id()).first() is None:
        raise NotFound


def ensure_administered() -> None:
    """To be asked after the change, while the members are held. Raises LastAdministrator."""
    if not is_administered():
        raise LastAdministrator


def ensure_can_give(rights: Collection[str], *, pointer: str) -> None:
    """Raises GrantsTooMuch unless the actor has all of `rights`; the system itself gives any."""
    if not _has(rights):
        raise GrantsTooMuch(pointer=pointer)


def ensure_no_more(rights: Collection[str]) -> None:
    """Raises MayDoMore where somebody with `rights` may do what the actor may not."""
    if not _has(rights):
        raise MayDoMore


def rights_of_role(name: str, *, pointer: str = "/role") -> frozenset[str]:
    """What a role allows; one of the tenant's is held until the commit. Raises UnknownRole."""
    if name in BUILTIN_ROLES:
        return BUILTIN_ROLES[name]
    found: Role | None = Role.objects.select_for_update(no_key=True).filter(name=name).first()
    if found is None:
        raise UnknownRole(pointer=pointer)
    return found.rights


def _has(rights: Collection[str]) -> bool:
    actor = scope.current().actor
    return actor.kind is ActorKind.SYSTEM or actor.capabilities.issuperset(rights)
