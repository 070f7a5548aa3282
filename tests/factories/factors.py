"""Members with second factors, and the rules of a tenant that ask for them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from tenants.domain.totp import STEP_SECONDS, code_of
from tenants.models import LoginConfiguration, Membership, Tenant
from tenants.services import totp
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


def try_login(member: Membership, password: str = PASSWORD, client: ApiClient | None = None) -> Any:
    """The answer to the first step of a login."""
    body = {"tenant": member.tenant.slug, "username": member.username, "password": password}
    return (client or ApiClient()).post(TOKEN, body)


def challenged(member: Membership, client: ApiClient, password: str = PASSWORD) -> str:
    """The token of the challenge that a right password leads to."""
    return str(try_login(member, password, client).json()["challenge"])
