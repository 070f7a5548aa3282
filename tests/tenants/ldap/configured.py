"""A tenant that logs in through a directory, and what its backend says."""

from collections.abc import Mapping
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


@dataclass(frozen=True)
class Configured:
    """A tenant with its settings, and its backend inside its scope."""

    tenant: Tenant
    settings: LdapSettings
    secrets: Mapping[str, str]

    def log_in(self, username: str, password: str) -> Identity | None:
        with scope_of(self.tenant):
            return LdapBackend().authenticate(tenant=self.tenant, username=username, password=password)

    def as_person(self, person: Person) -> Identity | None:
        return self.log_in(person.uid, person.password)

    def look_up(self, identity: Identity) -> Standing | None:
        asked = ExternalIdentity(tenant_id=self.tenant.id, issuer=identity.issuer, subject=identity.subject)
        with scope_of(self.tenant):
            return LdapBackend().look_up(identity=asked)

    def member_for(self, person: Person) -> Membership:
        """The member that somebody's first login makes."""
        identity = self.as_person(person)
        assert identity is not None
        with scope_of(self.tenant):
            member = provisioning.member_for(identity=identity, backend="ldap")
        assert member is not None
        return member

    def forget_identities(self) -> None:
        with scope_of(self.tenant):
            ExternalIdentity.objects.all().delete()

    def test(self) -> list[Step]:
        with scope_of(self.tenant):
            return LdapBackend().test(settings=self.settings, secrets=self.secrets)

    def forget(self) -> None:
        """Delete what was configured."""
        with scope_of(self.tenant):
            LoginConfiguration.objects.all().delete()

    def answer(self, username: str, password: str) -> str:
        """How a login ends: "in", "must change", "refused" or "unavailable"."""
        try:
            identity = self.log_in(username, password)
        except DirectoryUnavailable as error:
            return "unavailable" if error.retry_after else "unavailable without a hint"
        if identity is None:
            return "refused"
        return "must change" if identity.must_change else "in"


def configured(tenant: Tenant, slapd: Slapd, settings: Mapping[str, Any]) -> Configured:
    """Write a configuration that is the usual one but for `settings`; `bind_password` is the secret."""
    given = {
        "servers": [slapd.ldaps_url],
        "ca_certificates": slapd.authority.pem,
        "user_base": PEOPLE,
        "bind_dn": READER,
        BIND_PASSWORD: READER_PASSWORD,
        **settings,
    }
    secrets = {BIND_PASSWORD: password} if (password := given.pop(BIND_PASSWORD)) else {}
    typed = msgspec.convert(given, LdapSettings)
    with scope_of(tenant):
        LoginConfiguration.objects.create(
            tenant_id=tenant.id,
            settings=msgspec.to_builtins(typed),
            secrets=write_secrets(secrets),
            provisions=True,
            default_role="viewer",
        )
        Tenant.objects.filter(id=tenant.id).update(auth_backend="ldap")
        tenant.refresh_from_db()
    return Configured(tenant, typed, secrets)
