"""What a view demands of whoever calls it: a capability, a login, or nothing at all.

    class Members(V2View):
        capability = MEMBERS_READ                                        # every method
        capability = {"GET": SETTINGS_READ, "PATCH": SETTINGS_MANAGE}    # or each its own
        capability = SIGNED_IN                                           # whoever is logged in; no API key
        public = True                                                    # anybody

Before anybody is told that a right is missing, the records named in the path are looked for: one of
another tenant looks missing to everybody, whatever they may do.
"""

from collections.abc import Mapping
from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants import scope
from tenants.actors import Actor
from tenants.errors import DomainError, Kind
from tenants.http.guards import SIGNED_IN, capability_of
from tenants.selectors.existence import ensure_exists

__all__ = ["SIGNED_IN", "Forbidden", "HasCapability", "capability_of", "ensure_allowed", "ensure_capability"]


class Forbidden(DomainError):
    """Your role does not allow this."""

    kind, code = Kind.FORBIDDEN, "forbidden"


class PersonsOnly(DomainError):
    """This is for people who are logged in, not for API keys."""

    kind, code = Kind.FORBIDDEN, "persons-only"


class HasCapability(BasePermission):
    """The one permission class: 401 without a login, 404 for what is not there, then 403."""

    checks_capability = True

    def has_permission(self, request: Request, view: Any) -> bool:
        """False where nobody is logged in. Raises NotFound, Forbidden."""
        if getattr(view, "public", False):
            return True
        actor = cast(Actor | None, request.user)
        if actor is None:
            return False
        if request.method not in view.allowed_methods:
            # Answered with 405 further on; it is nobody's secret which methods there are.
            return True
        ensure_allowed(actor, capability_of(view, request.method or ""), view.kwargs)
        return True


def ensure_allowed(actor: Actor, needed: str | None, path: Mapping[str, Any]) -> None:
    """`needed` is what `capability_of` says, `path` the parameters of the route.

    Raises NotFound where a record named in the path is not there, else Forbidden, or PersonsOnly for an
    API key where somebody has to be logged in.
    """
    if actor.is_person if needed == SIGNED_IN else needed is not None and actor.can(needed):
        return
    for name, value in path.items():
        if name.endswith("_id"):
            ensure_exists(public_id=str(value))
    raise PersonsOnly if needed == SIGNED_IN else Forbidden


def ensure_capability(capability: str) -> None:
    """For a right that depends on what the body asks for. Raises Forbidden."""
    if not scope.current().actor.can(capability):
        raise Forbidden
