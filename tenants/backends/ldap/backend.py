"""The backend "ldap": a tenant's people are in the directory that its configuration names."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from django.utils import timezone

from tenants.backends.base import (
    DirectoryUnavailable,
    Identity,
    PasswordInfo,
    PasswordUnchangeable,
    Standing,
    Step,
)
from tenants.backends.configured import load
from tenants.backends.ldap.available import INSTALLED, MISSING
from tenants.backends.ldap.errors import DirectoryFault
from tenants.backends.ldap.settings import BIND_PASSWORD, LdapSettings, faults_of
from tenants.errors import FieldError
from tenants.models import ExternalIdentity, Tenant

if INSTALLED:
    from tenants.backends.ldap import checks
    from tenants.backends.ldap.directory import Directory

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5


class LdapBackend:
    """Search and bind, by the settings of the current tenant."""

    name: ClassVar[str] = "ldap"
    is_external: ClassVar[bool] = True
    names_are_assigned: ClassVar[bool] = True
    settings_type: ClassVar[type[msgspec.Struct]] = LdapSettings
    secret_names: ClassVar[frozenset[str]] = frozenset({BIND_PASSWORD})
    secrets_follow: ClassVar[frozenset[str]] = frozenset({"servers", "ca_certificates", "bind_dn"})

    def authenticate(self, *, tenant: Tenant | None, username: str, password: str) -> Identity | None:
        """Who this is; a name that nobody has costs a bind, too. Raises DirectoryUnavailable."""
        if tenant is None or not tenant.is_active:
            return None
        settings, directory = _configured()
        with _available():
            found = directory.authenticate(username=username, password=password, now=timezone.now())
        if found is None:
            return None
        return Identity(
            issuer=checks.issuer_of(settings),
            subject=found.subject,
            username=found.username,
            name=found.name,
            email=found.email,
            groups=found.groups,
            must_change=found.must_change,
        )

    def look_up(self, *, identity: ExternalIdentity) -> Standing | None:
        """What the directory says today. Raises DirectoryUnavailable."""
        settings, directory = _configured()
        if identity.issuer != checks.issuer_of(settings):
            # Of a directory that the tenant has left.
            return None
        with _available():
            found = directory.look_up(subject=identity.subject, now=timezone.now())
        return None if found is None else Standing(is_active=found.is_active, groups=found.groups)

    def get_password_info(self, *, user_id: UUID) -> PasswordInfo:
        """What the directory tells of the password. Raises DirectoryUnavailable."""
        identity, directory = _identity_of(user_id)
        if identity is None:
            return PasswordInfo(can_change=False)
        with _available():
            state = directory.password_state(subject=identity.subject, now=timezone.now())
        if state is None:
            return PasswordInfo(can_change=False)
        rules = {"min_length": state.min_length, "history": state.history}
        return PasswordInfo(
            can_change=True,
            expires_at=state.expires_at,
            must_change=state.must_change,
            policy={name: value for name, value in rules.items() if value},
        )

    def change_password(self, *, user_id: UUID, old_password: str, new_password: str) -> None:
        """In the directory and by its rules.

        Raises WrongPassword, WeakPassword, PasswordUnchangeable, DirectoryUnavailable (then it is not
        known which password holds).
        """
        identity, directory = _identity_of(user_id)
        if identity is None:
            raise PasswordUnchangeable
        with _available():
            directory.change_password(
                subject=identity.subject,
                old_password=old_password,
                new_password=new_password,
                now=timezone.now(),
            )

    def validate(self, *, settings: Any, secrets: Mapping[str, str]) -> list[FieldError]:
        """Every fault that shows without asking the directory."""
        if not INSTALLED:
            return [FieldError("/backend", "extra-missing", MISSING)]
        return [*faults_of(settings, secrets), *checks.faults_of_names(settings)]

    def test(self, *, settings: Any, secrets: Mapping[str, str]) -> list[Step]:
        """resolve, connect, tls, bind of each server; search base, people, group base."""
        if not INSTALLED:
            return [Step("extra", ok=False, detail=MISSING)]
        return checks.steps_of(settings, secrets, now=timezone.now())


def _configured() -> "tuple[LdapSettings, Directory]":
    if not INSTALLED:
        logger.error(MISSING)
        raise DirectoryUnavailable
    found = load(LdapSettings)
    return found.settings, Directory(found.settings, found.secrets)


def _identity_of(user_id: UUID) -> "tuple[ExternalIdentity | None, Directory]":
    settings, directory = _configured()
    mine = ExternalIdentity.objects.filter(membership__user_id=user_id, issuer=checks.issuer_of(settings))
    return mine.first(), directory


@contextmanager
def _available() -> Iterator[None]:
    try:
        yield
    except DirectoryFault as fault:
        raise DirectoryUnavailable(retry_after=RETRY_AFTER_SECONDS) from fault
