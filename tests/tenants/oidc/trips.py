"""Trips to a provider and back, as a browser makes them through our API and our pages."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tenants.models import Tenant
from tests.factories import ApiClient
from tests.factories.openid import House

START, CALLBACK = "/api/{version}/auth/sso/{slug}/start", "/api/{version}/auth/sso/callback"


def start(client: Any, tenant: Tenant, version: str = "v2") -> Any:
    """Ask to be sent to the provider."""
    return client.get(START.format(version=version, slug=tenant.slug))


def parameters_of(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


def leave(client: Any, tenant: Tenant, house: House, username: str = "ada", version: str = "v2") -> str:
    """Go there and sign in; returns the address one is sent back to, not yet visited."""
    sent = start(client, tenant, version)
    assert sent.status_code == 302, sent.content
    return house.sign_in(sent["Location"], username)


def come_back(client: Any, url: str, **changes: str | None) -> Any:
    """Visit the address one was sent back to; `changes` are made to its query, None takes one out."""
    parts = urlsplit(url)
    query = {**parameters_of(url), **changes}
    return client.get(f"{parts.path}?{urlencode({k: v for k, v in query.items() if v is not None})}")


def travel(tenant: Tenant, house: House, username: str = "ada", version: str = "v2") -> Any:
    """A whole trip in a new browser; returns our answer at the end."""
    client = ApiClient()
    return come_back(client, leave(client, tenant, house, username, version))
