"""What the current tenant has configured for its backend, as backends read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import msgspec

from tenants.errors import DomainError, Kind
from tenants.models import LoginConfiguration

S = TypeVar("S", bound=msgspec.Struct)


class NotConfigured(DomainError):
    """Logging in is not configured for this company; its administrators have to see to it."""

    kind, code = Kind.UNAVAILABLE, "login-not-configured"


@dataclass(frozen=True, slots=True)
class Configured(Generic[S]):
    """Settings and secrets of one tenant; a secret that is not set is missing from `secrets`."""

    settings: S
    secrets: Mapping[str, str]

    def __repr__(self) -> str:
        return f"Configured({self.settings!r}, secrets={sorted(self.secrets)})"


def load(settings_type: type[S]) -> Configured[S]:
    """The current tenant's configuration, in one look-up. Raises NotConfigured.

    What is stored was valid when it was saved. Should a later release demand more, logins answer 503
    until the configuration is saved again, and never fall back.
    """
    row = LoginConfiguration.objects.values_list("settings", "secrets").first()
    stored, secrets = row or ({}, "")
    try:
        settings = msgspec.convert(stored, settings_type)
    except msgspec.ValidationError as error:
        raise NotConfigured from error
    return Configured(settings, read_secrets(secrets))


def read_secrets(text: str) -> dict[str, str]:
    """The secrets by name out of the decrypted column."""
    if not text:
        return {}
    kept: dict[str, str] = json.loads(text)
    return kept


def write_secrets(secrets: Mapping[str, str]) -> str:
    """The column's text for these secrets; '' for none."""
    return json.dumps(dict(sorted(secrets.items()))) if secrets else ""
