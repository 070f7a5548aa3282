"""What makes an answer one of v1 or of v2: envelope and headers.

Every API view derives from `V1View` or `V2View`. v1 is deprecated from its first release on and
kept for N-1; dropping it is dropping this module's first half and `config/api_v1.py`.
"""

from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.http import http_date
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from tenants.http.rendering import JSONBytes

Version = Literal["v1", "v2"]

V1_DEPRECATED_SINCE = datetime(2026, 11, 1, tzinfo=UTC)
V1_SUNSET = datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)
_DEPRECATION = f"@{int(V1_DEPRECATED_SINCE.timestamp())}"
_SUNSET = http_date(V1_SUNSET.timestamp())
_BODILESS = (204, 205, 304)


def version_of(request: HttpRequest) -> Version | None:
    """Which version a path belongs to; None outside the API."""
    path = request.path_info
    if path.startswith("/api/v1/"):
        return "v1"
    return "v2" if path.startswith("/api/") else None


def mark_deprecated(response: HttpResponseBase, request: HttpRequest) -> None:
    """Announce the end of v1 (RFC 9745, RFC 8594) and where v2 has the same thing (RFC 8288)."""
    response.headers["Deprecation"] = _DEPRECATION
    response.headers["Sunset"] = _SUNSET
    successor = request.get_full_path_info().split("?", 1)[0].replace("/api/v1/", "/api/v2/", 1)
    response.headers["Link"] = f'<{successor}>; rel="successor-version"'


class V1View(APIView):
    """An API view of v1: `{"success": true, "data": …}` and the headers of a deprecated version."""

    version: ClassVar[Version] = "v1"

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(response, Response):
            if response.status_code not in _BODILESS:
                response.data = {"success": True, "data": response.data}
        elif isinstance(response, JSONBytes) and response.status_code not in _BODILESS:
            response.content = b'{"success":true,"data":' + response.content + b"}"
        final = super().finalize_response(request, response, *args, **kwargs)
        mark_deprecated(final, request)
        return final


class V2View(APIView):
    """An API view of v2: the resource itself."""

    version: ClassVar[Version] = "v2"
