"""What a trip to a provider needs of HTTP: the cookie that binds it to a browser, and its addresses."""

import re
from typing import Final, Literal

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from tenants.services.sso import LIFETIME
from tenants.workflows.sso import Answer, Places

Version = Literal["v1", "v2"]
COOKIE: Final = "quittance_sso"
_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_LONGEST: Final = 4096


def name_of_cookie() -> str:
    """Over https a `__Host-` cookie, which no neighbouring host can plant."""
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def browser_of(request: HttpRequest) -> str:
    """The value that an earlier trip left with this browser, "" if none."""
    value = request.COOKIES.get(name_of_cookie(), "")
    return value if _VALUE.fullmatch(value) else ""


def bind(response: HttpResponseBase, browser: str) -> None:
    """Let this browser, and no other, return. It comes back by a link, with which Lax cookies go."""
    response.set_cookie(
        name_of_cookie(),
        browser,
        max_age=int(LIFETIME.total_seconds()),
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def places_of(version: Version, slug: str) -> Places:
    """Where a provider sends back to, as it has to know it: PUBLIC_BASE_URL, whatever the request's host."""
    return Places(shared=_address(version), own=_address(version, slug))


def answer_in(request: HttpRequest, version: Version, slug: str = "") -> Answer:
    """What the provider sent along. Its further parameters are ignored, as the standard demands.

    A parameter that is given twice counts as missing: it cannot be told which one was meant.
    """

    def given(name: str) -> str:
        values = request.GET.getlist(name)
        is_plain = len(values) == 1 and len(values[0]) <= _LONGEST and values[0].isprintable()
        return values[0] if is_plain else ""

    return Answer(
        state=given("state"),
        code=given("code"),
        issuer=given("iss"),
        error=given("error"),
        place=_address(version, slug),
        slug=slug,
    )


def _address(version: Version, slug: str = "") -> str:
    if slug:
        return settings.PUBLIC_BASE_URL + reverse(f"{version}-auth-sso-own-callback", args=[slug])
    return settings.PUBLIC_BASE_URL + reverse(f"{version}-auth-sso-callback")
