"""The backends of this installation, checked when they register."""

import inspect
from functools import cache

import msgspec
from django.core.exceptions import ImproperlyConfigured

from tenants.backends.base import Backend
from tenants.backends.ldap.backend import LdapBackend
from tenants.backends.oidc.backend import EntraBackend, OidcBackend
from tenants.backends.password import PasswordBackend
from tenants.errors import DomainError, Kind

_METHODS = {
    "authenticate": {"tenant", "username", "password"},
    "get_password_info": {"user_id"},
    "change_password": {"user_id", "old_password", "new_password"},
    "validate": {"settings", "secrets"},
    "test": {"settings", "secrets"},
    "look_up": {"identity"},
}


class UnknownBackend(DomainError):
    """There is no way of logging in by this name."""

    kind, code = Kind.INVALID, "unknown-backend"


class Registry:
    """Backends by name."""

    def __init__(self) -> None:
        self._backends: dict[str, Backend] = {}

    def register(self, backend: Backend) -> None:
        """Take a backend in. Raises ImproperlyConfigured if it is not one, or the name is taken."""
        name = getattr(backend, "name", None)
        if not isinstance(name, str) or not name.isidentifier():
            raise ImproperlyConfigured(f"{type(backend).__name__} has no proper name")
        if name in self._backends:
            raise ImproperlyConfigured(f"two backends named {name}")
        for method, expected in _METHODS.items():
            found = getattr(backend, method, None)
            if not callable(found) or set(inspect.signature(found).parameters) != expected:
                raise ImproperlyConfigured(f"{name}.{method} must take {', '.join(sorted(expected))}")
        _ensure_declared(name, backend)
        self._backends[name] = backend

    def get(self, name: str) -> Backend:
        """Raises UnknownBackend."""
        try:
            return self._backends[name]
        except KeyError:
            raise UnknownBackend from None

    @property
    def names(self) -> list[str]:
        """What can be chosen, sorted."""
        return sorted(self._backends)


def _ensure_declared(name: str, backend: Backend) -> None:
    for flag in ("is_external", "names_are_assigned"):
        if not isinstance(getattr(backend, flag, None), bool):
            raise ImproperlyConfigured(f"{name}.{flag} must be true or false")
    for names in ("secret_names", "secrets_follow"):
        if not isinstance(getattr(backend, names, None), frozenset):
            raise ImproperlyConfigured(f"{name}.{names} must be a frozenset")
    kind = getattr(backend, "settings_type", None)
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        raise ImproperlyConfigured(f"{name}.settings_type must be a struct")
    if not (kind.__struct_config__.forbid_unknown_fields and kind.__struct_config__.frozen):
        raise ImproperlyConfigured(f"{name}.settings_type must be frozen and refuse unknown fields")
    if strange := backend.secrets_follow - set(kind.__struct_fields__):
        raise ImproperlyConfigured(f"{name}.secrets_follow names no setting: {', '.join(sorted(strange))}")


@cache
def backends() -> Registry:
    """The registry of this process."""
    registry = Registry()
    registry.register(PasswordBackend())
    registry.register(EntraBackend())
    registry.register(OidcBackend())
    registry.register(LdapBackend())
    return registry
