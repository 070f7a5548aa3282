"""The end of every login on pages: the browser has a new session, and a former one is over."""

from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from tenants.services.pairs import Pair
from tenants.services.sessions import RefreshRefused
from tenants.tokens import InvalidToken
from tenants.web import cookies
from tenants.web.pages import Page
from tenants.workflows import logins


def admit(page: Page, pair: Pair) -> None:
    """Put a fresh login into the cookies of the page's answer."""
    end_former(page.request)
    rotate_token(page.request)
    page.visit.pair = pair


def end_former(request: HttpRequest) -> None:
    """End the session whose cookies are about to be replaced: nobody could end it afterwards."""
    refresh = cookies.read(request)[1]
    if not refresh:
        return
    try:
        logins.log_out(token=refresh)
    except (InvalidToken, RefreshRefused):
        return
