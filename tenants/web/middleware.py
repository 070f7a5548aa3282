"""What a browser is told beside a page.

A middleware of ours and not django-csp: the policy is one constant, as no page has an inline script or
style and none needs a nonce, so all that a library could add is a dependency.
"""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from tenants.http.problems import page_not_found
from tenants.http.versions import version_of

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        # Tabler's check marks and arrows are data: images in its style sheet.
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# The reference of the API is Swagger UI, which writes styles and starts itself from an inline script. It
# shows nothing but the public schema.
REFERENCE_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'unsafe-inline'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)


class PageMiddleware:
    """Puts the policy on every HTML answer, and keeps pages out of every cache.

    Synchronous for the same reason as `tenants.http.middleware`.
    """

    sync_capable = True
    async_capable = False

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if settings.DEBUG and response.status_code == 404 and request.resolver_match is None:
            # Django would show its list of routes; what is missing looks as it does in production.
            response = page_not_found(request, Http404())
        if response.headers.get("Content-Type", "").startswith("text/html"):
            is_page = version_of(request) is None
            response.headers.setdefault("Content-Security-Policy", POLICY if is_page else REFERENCE_POLICY)
            if is_page:
                # After a logout the back button must find nothing.
                response.headers.setdefault("Cache-Control", "no-store")
        return response
