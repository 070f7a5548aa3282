"""Rows and scopes for tests; each says what matters and leaves the rest to a default.

    acme = make_tenant("acme")
    member = make_member(acme, role="editor")
    with scope_of(acme, role="admin"):
        …
    client = client_of(member)              # a real session, opened by the service
    client = ApiClient().log_in(member)     # through POST auth/token, needs make_member(password=…)

Nothing is rolled back, so every tenant is new and its slug random.
"""

from tests.factories.clients import ApiClient, an_address, client_of
from tests.factories.tenancy import (
    PASSWORD,
    deactivate_tenant,
    make_member,
    make_tenant,
    make_user,
    scope_of,
    unique,
)

__all__ = [
    "PASSWORD",
    "ApiClient",
    "an_address",
    "client_of",
    "deactivate_tenant",
    "make_member",
    "make_tenant",
    "make_user",
    "scope_of",
    "unique",
]
