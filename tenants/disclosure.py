"""Fields that take a right of their own to be seen, wherever they appear (field-level rights).

A field is told by its name, at any depth: a column of a record, a member of what a document froze, of an
account in a list, of a row in the trail. Whoever lacks the right gets an answer without it. It is left out
and not null, because null says that there is none.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeVar, cast

from tenants import scope
from tenants.actors import ActorKind
from tenants.capabilities import BANK_DETAILS_READ
from tenants.errors import DomainError, FieldError, Kind

T = TypeVar("T")

GUARDED: Final[Mapping[str, str]] = {
    "iban": BANK_DETAILS_READ,
    "bic": BANK_DETAILS_READ,
    "bank_accounts": BANK_DETAILS_READ,
}
"""The names of guarded fields, and the capability that each takes."""


class HiddenField(DomainError):
    """You cannot write what you may not see."""

    kind, code = Kind.FORBIDDEN, "hidden-field"


def hidden() -> frozenset[str]:
    """The guarded fields that the actor may not see; the system itself sees all."""
    actor = scope.current().actor
    if actor.kind is ActorKind.SYSTEM:
        return frozenset()
    return frozenset(name for name, capability in GUARDED.items() if not actor.can(capability))


def disclosed(value: T) -> T:
    """A JSON value as the actor may see it: without hidden fields, at any depth. The given one stays."""
    names = hidden()
    return cast(T, _without(value, names)) if names else value


def ensure_not_hidden(stated: Mapping[str, Any]) -> None:
    """Raises HiddenField where a write names a field that the actor may not see, with its pointer."""
    faults = [
        FieldError(f"/{name}", HiddenField.code, "You cannot write what you may not see.")
        for name in sorted(hidden() & stated.keys())
    ]
    if faults:
        raise HiddenField(errors=faults)


def _without(value: Any, names: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {name: _without(inner, names) for name, inner in value.items() if name not in names}
    if isinstance(value, list):
        return [_without(inner, names) for inner in value]
    return value
