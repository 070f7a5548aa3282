"""Browsers without a screen: they keep cookies and send the forms they were given."""

from typing import Any

from django.test import Client

from tenants.models import Membership
from tenants.web import cookies
from tests.factories.clients import an_address, client_of
from tests.factories.tenancy import PASSWORD


class PageClient(Client):
    """Django's client with CSRF protection on, from an address of its own unless REMOTE_ADDR is given."""

    def __init__(self, **defaults: Any) -> None:
        defaults.setdefault("REMOTE_ADDR", an_address())
        super().__init__(enforce_csrf_checks=True, **defaults)

    @property
    def access(self) -> str:
        return self._kept(cookies.ACCESS)

    @property
    def refresh(self) -> str:
        return self._kept(cookies.REFRESH)

    def submit(self, path: str, fields: dict[str, str] | None = None, **extra: Any) -> Any:
        """Send a form with the token that stands in the forms of our pages."""
        for page in ("/login?tenant=any", "/invoices"):
            if not self._kept("csrftoken"):
                self.get(page)
        token = {"csrfmiddlewaretoken": self._kept("csrftoken")}
        return self.post(path, {**(fields or {}), **token}, **extra)

    def log_in(self, member: Membership, password: str = PASSWORD, **fields: str) -> Any:
        """Send the login form and return the answer. The member must have been made with a password."""
        names = {"tenant": member.tenant.slug, "username": member.username, "password": password}
        return self.submit("/login", {**names, **fields})

    def carry(self, *, access: str, refresh: str) -> "PageClient":
        """Present these tokens from now on; "" leaves one out."""
        for name, value in ((cookies.ACCESS, access), (cookies.REFRESH, refresh)):
            self.cookies.pop(name, None)
            if value:
                self.cookies[name] = value
        return self

    def _kept(self, name: str) -> str:
        kept = self.cookies.get(name)
        return kept.value if kept else ""


def pages_of(member: Membership) -> PageClient:
    """A browser with a session of `member`, opened by the service that logins end in."""
    api = client_of(member)
    client = PageClient(REMOTE_ADDR=api.defaults["REMOTE_ADDR"])
    return client.carry(access=api.access, refresh=api.refresh)
