"""What a view says it demands, and whether every view says it.

Free of models and of REST framework, so that the check can be registered while apps are loading.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, cast

from django.apps import AppConfig
from django.core import checks
from django.urls import URLPattern, URLResolver, get_resolver

from tenants.capabilities import ALL

SIGNED_IN: Final = "signed-in"
_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")
_READING: Final = {"HEAD": "GET", "OPTIONS": "GET"}


def capability_of(view: Any, method: str) -> str | None:
    """What `view` demands for `method`; None where nothing is said about it."""
    declared = getattr(view, "capability", None)
    if isinstance(declared, Mapping):
        return cast(str | None, declared.get(method, declared.get(_READING.get(method, ""))))
    return cast(str | None, declared)


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every view of the URL tree, as its class if it has one, with its route: `api/v2/invoices/<str:id>`."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from routes(entry, route)
        elif isinstance(entry, URLPattern):
            callback = entry.callback
            yield route, getattr(callback, "cls", None) or getattr(callback, "view_class", callback)


def methods_of(view: Any) -> list[str]:
    """The methods a view answers, OPTIONS aside."""
    return [name.upper() for name in view.http_method_names if name != "options" and hasattr(view, name)]


def faults_of(route: str, view: Any) -> list[str]:
    """What is missing in how a view is guarded."""
    if getattr(view, "public", False):
        return []
    if not hasattr(view, "http_method_names"):
        return ["a function says nothing about what it demands: make it a Page"]
    declared = {method: capability_of(view, method) for method in methods_of(view)}
    known = ALL | {SIGNED_IN}
    faults = [f"{method} demands {needed!r}" for method, needed in declared.items() if needed not in known]
    guards = getattr(view, "permission_classes", [view])
    if not any(getattr(each, "checks_capability", False) for each in guards):
        faults.append("nothing checks what it demands: no HasCapability, no Page")
    odd = [name for name in _PARAMETER.findall(route) if not name.endswith("_id")]
    if odd and any(needed != SIGNED_IN for needed in declared.values()):
        faults.append(f"a record in a path is named …_id, not {odd[0]}")
    return faults


def check_views_are_guarded(
    app_configs: Sequence[AppConfig] | None, **_: Any
) -> Sequence[checks.CheckMessage]:
    """System check: every view of the API and every page says what it demands, in capabilities that exist."""
    del app_configs
    return [
        checks.Error(f"/{route} ({view.__qualname__}): {fault}.", id="tenants.E002")
        for route, view in routes()
        for fault in faults_of(route, view)
    ]
