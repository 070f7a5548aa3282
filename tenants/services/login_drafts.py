"""A backend, its settings and its secrets as somebody wants them, checked before anything is saved."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tenants.backends.base import Backend
from tenants.backends.configured import read_secrets
from tenants.backends.reading import read_settings
from tenants.backends.registry import UnknownBackend, backends
from tenants.domain.merging import merge
from tenants.errors import FieldError, InvalidInput
from tenants.models import LoginConfiguration
from tenants.selectors.tenants import current_tenant


@dataclass(frozen=True, slots=True)
class Draft:
    """A configuration without a fault. `settings` is of the backend's own type."""

    backend: Backend
    settings: msgspec.Struct
    secrets: Mapping[str, str] = field(repr=False)

    @property
    def stored_settings(self) -> dict[str, Any]:
        """The settings as JSON, the defaults written out."""
        plain: dict[str, Any] = msgspec.to_builtins(self.settings)
        return plain


def draft(*, changes: Mapping[str, Any], merges: bool) -> Draft:
    """What `backend`, `settings` and `secrets` of `changes` lead to in the current tenant.

    With `merges` settings are a merge patch on those of the same backend, else they replace them. Secrets
    are never read back, so those that are not mentioned are kept with the backend, and null removes one;
    whoever changes where they are sent has to give them anew. Raises InvalidInput with every fault.
    """
    tenant, row = current_tenant(), LoginConfiguration.objects.first()
    name = changes.get("backend", tenant.auth_backend)
    try:
        backend = backends().get(name)
    except UnknownBackend:
        known = ", ".join(backends().names)
        raise InvalidInput(
            [FieldError("/backend", "unknown-backend", f"Expected one of: {known}.")]
        ) from None
    is_same = name == tenant.auth_backend and row is not None
    former = dict(row.settings) if is_same and row is not None else {}
    kept = read_secrets(row.secrets) if is_same and row is not None else {}
    given = changes.get("settings")
    wanted = merge(former, given or {}) if merges or given is None else dict(given)
    settings, faults = read_settings(backend.settings_type, wanted)
    secrets, secret_faults = _secrets(backend, kept, changes.get("secrets") or {})
    faults += secret_faults
    if settings is None or faults:
        raise InvalidInput(faults)
    faults += _carried(backend, former, settings, set(kept) - set(changes.get("secrets") or {}))
    faults += backend.validate(settings=settings, secrets=secrets)
    if faults:
        raise InvalidInput(faults)
    return Draft(backend, settings, secrets)


def _secrets(
    backend: Backend, kept: Mapping[str, str], given: Mapping[str, str | None]
) -> tuple[dict[str, str], list[FieldError]]:
    faults = [
        FieldError(f"/secrets/{name}", "unknown-field", "This way of logging in has no such secret.")
        for name in given
        if name not in backend.secret_names
    ]
    both = {**kept, **given}
    return {name: value for name, value in both.items() if value}, faults


def _carried(
    backend: Backend, former: Mapping[str, Any], settings: msgspec.Struct, kept: set[str]
) -> list[FieldError]:
    """Faults of secrets that would be sent to where nobody who knew them has sent them."""
    # Through JSON, as `former` was: a tuple is a list there.
    now = msgspec.json.decode(msgspec.json.encode(settings))
    if all(former.get(name) == now.get(name) for name in backend.secrets_follow):
        return []
    detail = "Give this secret again: what says where it is sent has changed."
    return [FieldError(f"/secrets/{name}", "give-again", detail) for name in sorted(kept)]
