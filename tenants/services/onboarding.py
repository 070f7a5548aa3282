"""How a company joins the installation."""

import re
from dataclasses import replace
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction

from tenants import ids, scope
from tenants.actors import Actor
from tenants.errors import DomainError, FieldError, InvalidInput, Kind
from tenants.models import Tenant

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


class SlugTaken(DomainError):
    """Another tenant has this name for logging in."""

    kind, code = Kind.CONFLICT, "slug-taken"


def onboard_tenant(*, slug: str, name: str, time_zone: str = "UTC") -> Tenant:
    """Make a tenant without members; `slug` is what people type at login.

    Runs in the new tenant's own scope, because row-level security lets nobody else write the row;
    the caller's actor is kept. Raises InvalidInput, SlugTaken.
    """
    faults = []
    if not _SLUG.fullmatch(slug):
        detail = "Expected lower-case letters, digits and inner hyphens."
        faults.append(FieldError("/slug", "malformed", detail))
    if time_zone not in available_timezones():
        detail = "Expected an IANA name such as Europe/Berlin."
        faults.append(FieldError("/time_zone", "unknown-time-zone", detail))
    if faults:
        raise InvalidInput(faults)
    tenant = Tenant(id=ids.uuid7(), slug=slug, name=name, time_zone=time_zone)
    outer = scope.current_or_none() or scope.Scope(None, Actor.system("onboarding"))
    with scope.enter(replace(outer, tenant_id=tenant.id)):
        _insert(tenant=tenant)
    return tenant


@transaction.atomic
def _insert(*, tenant: Tenant) -> None:
    try:
        tenant.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken(pointer="/slug") from error
