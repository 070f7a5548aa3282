"""Clients of the API that carry real tokens of real sessions."""

from __future__ import annotations

import secrets
from typing import Any

from rest_framework.test import APIClient

from tenants.domain.people import Client
from tenants.models import Membership
from tenants.services import sessions
from tenants.web import cookies
from tests.factories.tenancy import PASSWORD, scope_of


class ApiClient(APIClient):
    """REST framework's client that speaks JSON and keeps the tokens of its session.

    Each comes from an address of its own unless REMOTE_ADDR is given: refused logins are counted by
    address, and tests share the counters. `access`, `refresh` and `member` are set once it is logged in.
    """

    access: str = ""
    refresh: str = ""
    member: Membership | None = None

    def __init__(self, **defaults: Any) -> None:
        defaults.setdefault("REMOTE_ADDR", an_address())
        super().__init__(**defaults)
        self.default_format = "json"

    def log_in(self, member: Membership, password: str = PASSWORD, *, version: str = "v2") -> ApiClient:
        """Log in over HTTP. The member must have been made with a password."""
        body = {"tenant": member.tenant.slug, "username": member.username, "password": password}
        answer = self.post(f"/api/{version}/auth/token", body)
        assert answer.status_code == 200, answer.content
        data = answer.json()
        data = data["data"] if version == "v1" else data
        return self.carry(member, access=data["access"], refresh=data["refresh"])

    def carry(self, member: Membership, *, access: str, refresh: str = "") -> ApiClient:
        """Present these tokens from now on."""
        self.member, self.access, self.refresh = member, access, refresh
        self.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
        # Pages find the same session in their cookies; the API does not look at them.
        self.cookies[cookies.ACCESS], self.cookies[cookies.REFRESH] = access, refresh
        return self


def an_address() -> str:
    """A random address of the networks for benchmarks (RFC 2544)."""
    return f"198.{18 + secrets.randbelow(2)}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"


def client_of(member: Membership, **defaults: Any) -> ApiClient:
    """A client with a session of `member`, opened by the service that logins end in.

    `defaults` are entries of the WSGI environment, such as `REMOTE_ADDR="192.0.2.7"`.
    """
    client = ApiClient(**defaults)
    with scope_of(member.tenant, member=member):
        tokens = sessions.open_session(
            membership_id=member.id,
            client=Client(
                address=client.defaults["REMOTE_ADDR"],
                user_agent=client.defaults.get("HTTP_USER_AGENT", ""),
            ),
        )
    return client.carry(member, access=tokens.access, refresh=tokens.refresh)
