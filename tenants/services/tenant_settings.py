"""What a tenant decides about itself."""

from collections.abc import Mapping
from typing import Final
from zoneinfo import available_timezones

from django.conf import settings
from django.db import transaction

from tenants.errors import DomainError, FieldError, InvalidInput, Kind, NotFound
from tenants.models import Tenant
from tenants.scope import require_tenant_id

NUMBERS: Final[Mapping[str, tuple[int, int]]] = {
    "access_token_minutes": (15, 60),
    "refresh_token_days": (7, 30),
    "login_lifetime_hours": (1, settings.MAX_LOGIN_LIFETIME_HOURS),
}
TEXTS: Final = ("name", "time_zone")


class TenantChanged(DomainError):
    """Somebody else has changed the settings since they were read."""

    kind, code = Kind.PRECONDITION_FAILED, "precondition-failed"


def version_of(tenant: Tenant) -> int:
    """A number of at most ten digits that another change would not leave the same."""
    return int(tenant.updated_at.timestamp() * 1_000_000) % 10**10


@transaction.atomic
def update_tenant(*, changes: Mapping[str, str | int], expected: int | None = None) -> Tenant:
    """Change settings of the current tenant: the names in NUMBERS and TEXTS.

    `expected` is the version the change is of; None means whichever there is. Logins that are open
    keep the lifetime they began with. Raises InvalidInput, TenantChanged, NotFound.
    """
    faults = [*_faults_of(changes)]
    if faults:
        raise InvalidInput(faults)
    tenant = Tenant.objects.select_for_update(no_key=True).filter(id=require_tenant_id()).first()
    if tenant is None:
        raise NotFound
    if expected is not None and version_of(tenant) != expected:
        raise TenantChanged(pointer="header:If-Match")
    for name, value in changes.items():
        setattr(tenant, name, value)
    tenant.save(update_fields=[*changes, "updated_at"])
    return tenant


def _faults_of(changes: Mapping[str, str | int]) -> list[FieldError]:
    faults = []
    for name, value in changes.items():
        if name in NUMBERS:
            low, high = NUMBERS[name]
            if not isinstance(value, int) or not low <= value <= high:
                faults.append(FieldError(f"/{name}", "out-of-range", f"Expected {low} to {high}."))
        elif name not in TEXTS:
            faults.append(FieldError(f"/{name}", "unknown-field", "There is no such field."))
        elif name == "time_zone" and value not in available_timezones():
            detail = "Expected an IANA name such as Europe/Berlin."
            faults.append(FieldError("/time_zone", "unknown-time-zone", detail))
    return faults
