"""Reading how the current tenant's people log in, fit to be shown: secrets are set or not."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from tenants.backends.configured import read_secrets
from tenants.backends.registry import UnknownBackend, backends
from tenants.models import LoginConfiguration
from tenants.selectors.logins import break_glass_members
from tenants.selectors.tenants import current_tenant


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What holds for passwords that are kept here; `max_age_days` None: they do not grow old."""

    min_length: int = 12
    history: int = 0
    max_age_days: int | None = None


@dataclass(frozen=True, slots=True)
class LoginView:
    """The configuration as it may be shown. `secrets` says which of the backend's secrets are set.

    `break_glass` are memberships; `version` changes with everything here and with the secrets.
    """

    backend: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, bool] = field(default_factory=dict)
    provisions: bool = False
    links_by_username: bool = False
    default_role: str = ""
    group_roles: list[dict[str, str]] = field(default_factory=list)
    second_factor: str = "optional"
    second_factor_roles: list[str] = field(default_factory=list)
    password_policy: PasswordPolicy = field(default_factory=PasswordPolicy)
    break_glass: list[UUID] = field(default_factory=list)
    version: int = 0


def login_view() -> LoginView:
    """The current tenant's configuration; the defaults where nothing was ever saved."""
    return view_of(
        backend=current_tenant().auth_backend,
        row=LoginConfiguration.objects.first(),
        break_glass=list(break_glass_members().values_list("id", flat=True)),
    )


def view_of(*, backend: str, row: LoginConfiguration | None, break_glass: list[UUID]) -> LoginView:
    """What these three make together."""
    if row is None:
        row = LoginConfiguration()
    view = LoginView(
        backend=backend,
        settings=row.settings,
        secrets=_set_or_not(backend, row.secrets),
        provisions=row.provisions,
        links_by_username=row.links_by_username,
        default_role=row.default_role,
        group_roles=row.group_roles,
        second_factor=str(row.second_factor),
        second_factor_roles=row.second_factor_roles,
        password_policy=PasswordPolicy(
            row.password_min_length, row.password_history, row.password_max_age_days
        ),
        break_glass=break_glass,
    )
    shown = json.dumps([asdict(view), str(row.updated_at)], sort_keys=True, default=str)
    digest = hashlib.sha256(shown.encode()).digest()
    return replace(view, version=int.from_bytes(digest[:8], "big") % 10**10)


def _set_or_not(backend: str, secrets: str) -> dict[str, bool]:
    kept = read_secrets(secrets)
    try:
        names = backends().get(backend).secret_names
    except UnknownBackend:
        names = frozenset(kept)
    return {name: name in kept for name in sorted(names)}
