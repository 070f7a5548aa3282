"""What a view demands of whoever calls it: a capability, a login, or nothing at all.

    class Members(V2View):
        capability = MEMBERS_READ                                        # every method
        capability = {"GET": SETTINGS_READ, "PATCH": SETTINGS_MANAGE}    # or each its own
        capability = SIGNED_IN                                           # whoever is logged in
        public = True                                                    # anybody

Before anybody is told that a right is missing, the records named in the path are looked for: one of
another tenant looks missing to everybody, whatever they may do.
"""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants import scope
from tenants.actors import Actor
from tenants.errors import DomainError, Kind
from tenants.selectors.existence import ensure_exists

SIGNED_IN: Final = "signed-in"
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")
_READING: Final = {"HEAD": "GET", "OPTIONS": "GET"}


class Forbidden(DomainError):
    """Your role does not allow this."""

    kind, code = Kind.FORBIDDEN, "forbidden"


def capability_of(view: Any, method: str) -> str | None:
    """What `view` demands for `method`; None where nothing is said about it."""
    declared = getattr(view, "capability", None)
    if isinstance(declared, Mapping):
        found = declared.get(method, declared.get(_READING.get(method, ""), None))
        return cast(str | None, found)
    return cast(str | None, declared)


class HasCapability(BasePermission):
    """The one permission class: 401 without a login, 404 for what is not there, then 403."""

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
        needed = capability_of(view, request.method or "")
        if needed == SIGNED_IN or (needed is not None and actor.can(needed)):
            return True
        for name, value in view.kwargs.items():
            if name.endswith("_id"):
                ensure_exists(public_id=str(value))
        raise Forbidden


def ensure_capability(capability: str) -> None:
    """For a right that depends on what the body asks for. Raises Forbidden."""
    if not scope.current().actor.can(capability):
        raise Forbidden
