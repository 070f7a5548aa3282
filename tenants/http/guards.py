"""System check: every API view says what it demands."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final, cast

from django.apps import AppConfig
from django.core import checks
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from tenants.capabilities import ALL
from tenants.http.permissions import SIGNED_IN, HasCapability, capability_of

_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")


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
