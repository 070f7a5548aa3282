"""Members with second factors, and the rules of a tenant that ask for them."""

from __future__ import annotations

from datetime import timedelta
from secrets import token_bytes
from typing import Any
from uuid import UUID

from django.utils import timezone

from tenants.domain.logins import Proved
from tenants.domain.people import Client
from tenants.domain.totp import STEP_SECONDS, code_of
from tenants.errors import DomainError
from tenants.models import LoginConfiguration, Membership, Passkey, Tenant
from tenants.services import totp
from tenants.workflows.steps import proceed
from tests.factories.clients import ApiClient
from tests.factories.tenancy import PASSWORD, scope_of

TOKEN = "/api/v2/auth/token"
VERIFY = "/api/v2/auth/mfa/verify"


def set_rules(tenant: Tenant, **rules: Any) -> None:
    """`set_rules(acme, second_factor="required", password_min_length=20)`."""
    with scope_of(tenant):
        if not LoginConfiguration.objects.update(**rules):
            LoginConfiguration.objects.create(tenant_id=tenant.id, **rules)


class App:
    """An authenticator app on somebody's phone, with the recovery codes that came with it."""

    def __init__(self, device_id: UUID, secret: str, recovery_codes: list[str]) -> None:
        self.device_id, self.secret, self.recovery_codes = device_id, secret, recovery_codes

    def code(self, steps: int = 0) -> str:
        """What it shows now, or showed or will show so many steps from now."""
        return code_of(secret=self.secret, at=timezone.now() + timedelta(seconds=steps * STEP_SECONDS))


def give_app(member: Membership) -> App:
    """Enrol an app and confirm it by the code of the step before: the present one is not spent."""
    with scope_of(member.tenant, member=member):
        begun = totp.enrol(membership_id=member.id, name="Phone")
        app = App(begun.id, begun.secret, [])
        app.recovery_codes = totp.confirm(membership_id=member.id, device_id=begun.id, code=app.code(-1))
    return app


def make_totp(member: Membership) -> UUID:
    """The id of an app of the member, not confirmed."""
    with scope_of(member.tenant, member=member):
        return totp.enrol(membership_id=member.id, name="Phone").id


def make_passkey(member: Membership) -> UUID:
    """The id of a passkey that no authenticator has."""
    values = {"name": "Laptop", "credential_id": token_bytes(32), "public_key": token_bytes(77)}
    with scope_of(member.tenant, member=member):
        made: Passkey = Passkey.objects.create(tenant_id=member.tenant_id, membership_id=member.id, **values)
    return made.id


def try_login(member: Membership, password: str = PASSWORD, client: ApiClient | None = None) -> Any:
    """The answer to the first step of a login."""
    body = {"tenant": member.tenant.slug, "username": member.username, "password": password}
    return (client or ApiClient()).post(TOKEN, body)


def challenged(member: Membership, client: ApiClient) -> str:
    """The token of the challenge that a right password leads this client to, without a hash."""
    with scope_of(member.tenant, member=member):
        known = Membership.objects.select_related("user").get(id=member.id)
        proved = Proved(
            backend="password",
            credential_set_at=known.user.password_changed_at,
            must_change=known.must_change_password,
        )
        try:
            proceed(member=known, proved=proved, client=Client(address=client.defaults["REMOTE_ADDR"]))
        except DomainError as step:
            return str(step.extra["challenge"])
    raise AssertionError("nothing was asked for")
