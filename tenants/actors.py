"""Who acts: a person, a program with an API key, or a part of the system itself."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from tenants import ids


class ActorKind(StrEnum):
    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"


_PREFIXES = {ActorKind.USER: "usr", ActorKind.API_KEY: "key"}


@dataclass(frozen=True, slots=True)
class Actor:
    """The one on whose behalf a unit of work runs, with what it may do.

    `id` is the user or key. `membership_id` is the membership through which a user acts, or that of
    the member who made the key; `session_id` the login of a user. Both are None for the system.
    With `legal_entities` it is held to those, without any it is not.
    `is_authenticated` is what Django and REST framework ask of a request's user.
    """

    kind: ActorKind
    id: UUID | None
    name: str = ""
    role: str = ""
    capabilities: frozenset[str] = frozenset()
    membership_id: UUID | None = None
    session_id: UUID | None = None
    legal_entities: frozenset[UUID] = frozenset()

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A named part of the system, such as `relay` or `migration`."""
        return cls(kind=ActorKind.SYSTEM, id=None, name=name)

    @classmethod
    def from_label(cls, label: str) -> "Actor":
        """The actor a label names, without capabilities: what it may do was checked when it asked."""
        for kind, prefix in _PREFIXES.items():
            if label.startswith(f"{prefix}_"):
                return cls(kind=kind, id=ids.decode(prefix, label))
        return cls.system(label.removeprefix("system:"))

    @property
    def label(self) -> str:
        """How the trail names the actor: `usr_…`, `key_…` or `system:name`."""
        if self.id is None:
            return f"system:{self.name}"
        return ids.encode(_PREFIXES[self.kind], self.id)

    @property
    def is_person(self) -> bool:
        return self.kind is ActorKind.USER

    @property
    def is_authenticated(self) -> bool:
        return self.kind is not ActorKind.SYSTEM

    def can(self, capability: str) -> bool:
        return capability in self.capabilities
