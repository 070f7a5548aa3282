"""What a login has proved, and which role a directory's groups make."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tenants.domain.group_names import normalised

MULTIPLE = "mfa"
# The backend that keeps its passwords here.
PASSWORD = "password"  # noqa: S105 a name, not a password


@dataclass(frozen=True, slots=True)
class Proved:
    """What is known of a login that is under way.

    `backend` names the way of logging in; `factors` are the proofs by their names in RFC 8176, with
    "mfa" once there were several. `credential_set_at` is when the compared password had been set, None
    where nobody knows. `must_change`: the password was right but has to be changed first. `auth_time`
    and `ends_at` are those of the login that this one continues in another tenant, if any.
    """

    backend: str
    factors: tuple[str, ...] = ("pwd",)
    credential_set_at: datetime | None = None
    must_change: bool = False
    auth_time: datetime | None = None
    ends_at: datetime | None = None

    @property
    def shows_second_factor(self) -> bool:
        return MULTIPLE in self.factors


@dataclass(frozen=True, slots=True)
class RoleRule:
    """Members of `group` get `role`."""

    group: str
    role: str


@dataclass(frozen=True, slots=True)
class Rules:
    """How a tenant's directory decides about members.

    Without `roles` it decides nothing: roles are given by hand, and new members get `default_role`. With
    them the first rule whose group somebody is in decides; who is in none gets `default_role`, and where
    that is '' is no member.
    """

    provisions: bool = False
    links_by_username: bool = False
    default_role: str = ""
    roles: tuple[RoleRule, ...] = field(default_factory=tuple)

    @property
    def decides(self) -> bool:
        return bool(self.roles)

    def role_of(self, groups: Collection[str]) -> str:
        """The role that these groups make, '' for none; compared as `group_names.normalised` has it."""
        held = {normalised(group) for group in groups}
        return next((rule.role for rule in self.roles if normalised(rule.group) in held), self.default_role)


def rules_of(
    *, provisions: bool, links_by_username: bool, default_role: str, group_roles: Iterable[Mapping[str, str]]
) -> Rules:
    """The rules as they are stored."""
    roles = tuple(RoleRule(each["group"], each["role"]) for each in group_roles)
    return Rules(provisions, links_by_username, default_role, roles)
