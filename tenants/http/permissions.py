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
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from django.apps import AppConfig
from django.core import checks
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from tenants import scope
from tenants.actors import Actor
from tenants.capabilities import ALL
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

    def has_permission(self, request: Request, view: APIView) -> bool:
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


def api_routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, type[APIView]]]:
    """Every REST framework view of the URL tree with its route, such as `api/v2/invoices/<str:id>`."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from api_routes(entry, route)
        elif isinstance(entry, URLPattern):
            view = getattr(entry.callback, "cls", None)
            if isinstance(view, type) and issubclass(view, APIView):
                yield route, view


def methods_of(view: type[APIView]) -> list[str]:
    """The methods a view answers, OPTIONS aside."""
    return [name.upper() for name in view.http_method_names if name != "options" and hasattr(view, name)]


def faults_of(route: str, view: type[APIView]) -> list[str]:
    """What is missing in how a view is guarded."""
    if getattr(view, "public", False):
        return []
    declared = {method: capability_of(view, method) for method in methods_of(view)}
    known = ALL | {SIGNED_IN}
    faults = [f"{method} demands {needed!r}" for method, needed in declared.items() if needed not in known]
    guarded = any(issubclass(cast(Any, each), HasCapability) for each in view.permission_classes)
    if not guarded:
        faults.append("the permission class is not HasCapability")
    odd = [name for name in _PARAMETER.findall(route) if not name.endswith("_id")]
    if odd and any(needed != SIGNED_IN for needed in declared.values()):
        faults.append(f"a record in a path is named …_id, not {odd[0]}")
    return faults


def check_views_are_guarded(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> Sequence[checks.CheckMessage]:
    """System check: every API view says what it demands, in capabilities that exist."""
    del app_configs
    return [
        checks.Error(f"/{route} ({view.__qualname__}): {fault}.", id="tenants.E002")
        for route, view in api_routes()
        for fault in faults_of(route, view)
    ]
