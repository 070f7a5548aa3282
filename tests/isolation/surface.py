"""Everything a tenant can reach, read from the code: routes with their methods and schemas, jobs, commands.

Whatever is added to the URL tree, registered as a job handler or put into a commands folder joins the
sweep and the catalogue by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.core.management import get_commands
from django.urls import URLPattern, URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator

from tenants import jobs
from tests.architecture.source import TOWER
from tests.isolation.bodies import resolved

METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Route:
    """One endpoint or page. `operations` are the OpenAPI operations by lower-case method, where known."""

    template: str
    view: Any
    methods: tuple[str, ...]
    operations: dict[str, dict[str, Any]] = field(hash=False, compare=False)

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(re.findall(r"{(\w+)}", self.template))

    def path(self, **values: str) -> str:
        return self.template.format(**values)


@lru_cache(maxsize=4)
def routes(urlconf: str | None = None) -> tuple[Route, ...]:
    """Every route of the URL tree. Raises ValueError for a pattern whose path cannot be written down."""
    operations: dict[str, dict[str, Any]] = {}
    for branch in get_resolver(urlconf).url_patterns:
        # Branch by branch: two versions may give the same name to different components.
        schema = SchemaGenerator(patterns=[branch]).get_schema(request=None, public=True)
        components = schema.get("components", {}).get("schemas", {})
        for path, methods in schema["paths"].items():
            operations[path.rstrip("/")] = resolved(methods, components)
    found = []
    for template, callback in _walk(get_resolver(urlconf), "/"):
        view = getattr(callback, "cls", None) or getattr(callback, "view_class", callback)
        known = operations.get(template.rstrip("/"), {})
        found.append(
            Route(template, view, _methods_of(view), {m: o for m, o in known.items() if m in METHODS})
        )
    return tuple(found)


def job_names() -> tuple[str, ...]:
    """Every registered job."""
    # Handlers that other tests made up are no surface of the product.
    return tuple(sorted(name for name in jobs._handlers if not name.startswith("tests.")))


def command_names() -> tuple[str, ...]:
    """Every management command of the tower."""
    return tuple(sorted(name for name, app in get_commands().items() if app in TOWER))


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, Any]]:
    for entry in resolver.url_patterns:
        written = str(entry.pattern)
        if any(sign in written for sign in "^$(\\"):
            raise ValueError(f"a route the sweep cannot call: {prefix}{written}")
        path = prefix + _PARAMETER.sub(r"{\1}", written)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        elif isinstance(entry, URLPattern):
            yield path, entry.callback


def _methods_of(view: Any) -> tuple[str, ...]:
    if not hasattr(view, "http_method_names"):
        return ("get", "post")
    return tuple(name for name in view.http_method_names if name in METHODS and hasattr(view, name))
