"""Reading roles: the built-in ones first, then those of the current tenant by name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Count

from tenants.capabilities import BUILTIN_ROLES
from tenants.domain.versions import version_of_time
from tenants.models import Membership, Role

TITLES: Final = {"admin": "Administrator", "editor": "Editor", "viewer": "Viewer", "auditor": "Auditor"}


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role as it is shown; a built-in one has no id and no times. `members` counts the active ones."""

    name: str
    title: str
    capabilities: list[str]
    members: int
    id: UUID | None = None
    is_active: bool = True
    created_at: datetime | None = None
    updated_at: datetime | None = None

    @property
    def is_builtin(self) -> bool:
        return self.id is None

    @property
    def version(self) -> int:
        """What an update says it is of; 0 for a built-in one, which has no updates."""
        return 0 if self.updated_at is None else version_of_time(self.updated_at)

    @property
    def sort_key(self) -> tuple[bool, str]:
        return not self.is_builtin, self.name


def roles(*, include_inactive: bool = False) -> list[RoleRow]:
    """Every role; a tenant has a hundred of its own at most."""
    counted = _members_by_role()
    builtin = [
        RoleRow(name, TITLES[name], sorted(rights), counted.get(name, 0))
        for name, rights in BUILTIN_ROLES.items()
    ]
    manager = Role.all_objects if include_inactive else Role.objects
    return [
        *sorted(builtin, key=lambda row: row.name),
        *(_row(each, counted) for each in manager.order_by("name")),
    ]


def role(*, role_id: UUID) -> RoleRow | None:
    """One role of the tenant's own, in use or not."""
    found: Role | None = Role.all_objects.filter(id=role_id).first()
    return None if found is None else _row(found, _members_by_role())


def _row(each: Role, counted: dict[str, int]) -> RoleRow:
    return RoleRow(
        name=each.name,
        title=each.title,
        capabilities=sorted(each.rights),
        members=counted.get(each.name, 0),
        id=each.id,
        is_active=each.is_active,
        created_at=each.created_at,
        updated_at=each.updated_at,
    )


def _members_by_role() -> dict[str, int]:
    rows = Membership.objects.order_by("role").values("role").annotate(members=Count("id"))
    return {row["role"]: row["members"] for row in rows}
