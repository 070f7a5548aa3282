"""The two cookies of a login on pages: the tokens of the session row that the API would use as well.

A third one holds the token of a challenge while a login is under way. None can be read by scripts, none
travels with a request that another site makes, except for a link that is followed. Over https they are
`__Host-` cookies, which no neighbouring host can plant.
"""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from tenants.services.pairs import Pair

ACCESS, REFRESH = "quittance_access", "quittance_refresh"
CHALLENGE = "quittance_challenge"


def name_of(cookie: str) -> str:
    """What a cookie is called on this installation."""
    return f"__Host-{cookie}" if settings.SESSION_COOKIE_SECURE else cookie


def read(request: HttpRequest) -> tuple[str, str]:
    """The access and the refresh token of a request, each "" where there is none."""
    return request.COOKIES.get(name_of(ACCESS), ""), request.COOKIES.get(name_of(REFRESH), "")


def put(response: HttpResponseBase, pair: Pair) -> None:
    """Hand out a pair; the browser keeps each token as long as it is good for something."""
    _set(response, ACCESS, pair.access, pair.expires_in)
    _set(response, REFRESH, pair.refresh, pair.refresh_expires_in)


def clear(response: HttpResponseBase) -> None:
    """Take both back."""
    _set(response, ACCESS, "", 0)
    _set(response, REFRESH, "", 0)


def read_challenge(request: HttpRequest) -> str:
    """The token of the login under way, "" where there is none."""
    return request.COOKIES.get(name_of(CHALLENGE), "")


def put_challenge(response: HttpResponseBase, token: str, seconds: int) -> None:
    """Remember a login under way for so long; "" and 0 forget it."""
    _set(response, CHALLENGE, token, seconds)


def _set(response: HttpResponseBase, cookie: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name_of(cookie),
        value,
        max_age=seconds,
        path="/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
