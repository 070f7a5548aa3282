"""A tenant that logs in through a directory, and what its backend says."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import msgspec

from tenants.backends.base import DirectoryUnavailable, Identity, Standing, Step
from tenants.backends.configured import write_secrets
from tenants.backends.ldap.backend import LdapBackend
from tenants.backends.ldap.settings import BIND_PASSWORD, LdapSettings
from tenants.models import ExternalIdentity, LoginConfiguration, Membership, Tenant
from tenants.workflows import provisioning
from tests.factories import scope_of
from tests.tenants.ldap.slapd import PEOPLE, READER, READER_PASSWORD, Person, Slapd


class Configure(Protocol):
    def __call__(self, **settings: object) -> "Configured": ...


class Home:
    """A tenant that logs in through LDAP, and the configuration it has at the moment."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self._current: Configured | None = None
        with scope_of(tenant):
            Tenant.objects.filter(id=tenant.id).update(auth_backend="ldap")
            tenant.refresh_from_db()

    @contextmanager
    def having(self, configured: "Configured") -> Iterator[None]:
        """Inside the tenant's scope, configured like that."""
        with scope_of(self.tenant):
            if self._current is not configured:
                self._current = configured
                LoginConfiguration.objects.update_or_create(
                    tenant_id=self.tenant.id,
                    defaults={
                        "settings": msgspec.to_builtins(configured.settings),
                        "secrets": write_secrets(configured.secrets),
                        "provisions": True,
                        "default_role": "viewer",
                    },
                )
            yield


@dataclass(frozen=True, eq=False)
class Configured:
    """A tenant with these settings, and what its backend says."""

    home: Home
    settings: LdapSettings
    secrets: Mapping[str, str]

    def inside(self) -> AbstractContextManager[None]:
        """The tenant's scope, with this configuration in force."""
        return self.home.having(self)

    def log_in(self, username: str, password: str) -> Identity | None:
        with self.inside():
            return LdapBackend().authenticate(tenant=self.home.tenant, username=username, password=password)

    def as_person(self, person: Person) -> Identity | None:
        return self.log_in(person.uid, person.password)

    def look_up(self, identity: Identity) -> Standing | None:
        asked = ExternalIdentity(
            tenant_id=self.home.tenant.id, issuer=identity.issuer, subject=identity.subject
        )
        with self.inside():
            return LdapBackend().look_up(identity=asked)

    def member_for(self, person: Person) -> Membership:
        """The member that somebody's first login makes."""
        identity = self.as_person(person)
        assert identity is not None
        with self.inside():
            member = provisioning.member_for(identity=identity, backend="ldap")
        assert member is not None
        return member

    def forget_identities(self) -> None:
        with self.inside():
            ExternalIdentity.objects.all().delete()

    def test(self) -> list[Step]:
        with self.inside():
            return LdapBackend().test(settings=self.settings, secrets=self.secrets)

    def answer(self, username: str, password: str) -> str:
        """How a login ends: "in", "must change", "refused" or "unavailable"."""
        try:
            identity = self.log_in(username, password)
        except DirectoryUnavailable as error:
            return "unavailable" if error.retry_after else "unavailable without a hint"
        if identity is None:
            return "refused"
        return "must change" if identity.must_change else "in"


def configured(home: Home, slapd: Slapd, settings: Mapping[str, Any]) -> Configured:
    """The usual configuration but for `settings`; `bind_password` among them is the secret."""
    given = {
        "servers": [slapd.ldaps_url],
        "ca_certificates": slapd.authority.pem,
        "user_base": PEOPLE,
        "bind_dn": READER,
        BIND_PASSWORD: READER_PASSWORD,
        **settings,
    }
    secrets = {BIND_PASSWORD: password} if (password := given.pop(BIND_PASSWORD)) else {}
    return Configured(home, msgspec.convert(given, LdapSettings), secrets)
