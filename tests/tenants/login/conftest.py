"""Tenants whose people are on paper."""

from collections.abc import Callable
from typing import Any

import pytest

from tenants.backends.configured import write_secrets
from tenants.backends.registry import backends
from tenants.models import LoginConfiguration, Tenant
from tests.factories import make_tenant, scope_of
from tests.factories.directories import TOKEN, PaperDirectory

Configure = Callable[..., Tenant]


@pytest.fixture
def paper(monkeypatch: pytest.MonkeyPatch) -> PaperDirectory:
    """A directory that this process knows under the name "paper"."""
    directory = PaperDirectory()
    monkeypatch.setitem(backends()._backends, directory.name, directory)
    return directory


@pytest.fixture
def on_paper(paper: PaperDirectory) -> Configure:
    """`on_paper(provisions=True)`: a tenant that logs in by the paper directory, with these rules."""

    def configure(tenant: Tenant | None = None, **rules: Any) -> Tenant:
        tenant = tenant or make_tenant("acme")
        with scope_of(tenant):
            Tenant.objects.filter(id=tenant.id).update(auth_backend=paper.name)
            LoginConfiguration.objects.create(
                tenant_id=tenant.id,
                settings={"drawer": "paper:top"},
                secrets=write_secrets({"token": TOKEN}),
                **rules,
            )
            tenant.refresh_from_db()
        return tenant

    return configure


@pytest.fixture
def company(on_paper: Configure) -> Tenant:
    """Whoever is on paper becomes a member; the group "staff" makes editors, "boss" administrators."""
    roles = [{"group": "boss", "role": "admin"}, {"group": "staff", "role": "editor"}]
    return on_paper(provisions=True, group_roles=roles)
