"""URL patterns that take a path with and without its trailing slash, without a redirect."""

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import URLPattern
from django.urls.resolvers import RoutePattern


class OptionalSlashPattern(RoutePattern):
    """A redirect would turn a POST into a GET, so both spellings are the same route."""

    def match(self, path: str) -> Any:
        return super().match(path.removesuffix("/"))


def route(pattern: str, view: Callable[..., HttpResponseBase], *, name: str) -> URLPattern:
    """`route("invoices/<str:invoice_id>/issue", IssueInvoice.as_view(), name="invoice-issue")`.

    Written and reversed without the trailing slash.
    """
    if pattern.endswith("/"):
        raise ValueError(f"write the route without its trailing slash: {pattern!r}")
    return URLPattern(OptionalSlashPattern(pattern, name=name, is_endpoint=True), view, None, name)
