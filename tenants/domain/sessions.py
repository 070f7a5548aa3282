"""When a login holds, and how long it may."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class Ended(Enum):
    """Why a login holds no longer; the value is the code of the refusal."""

    TENANT = "tenant-deactivated"
    MEMBERSHIP = "membership-revoked"
    PERSON = "account-disabled"
    CREDENTIAL = "password-changed"
    SESSION = "session-over"


@dataclass(frozen=True, slots=True)
class Login:
    """The facts a login hangs on; None where a row is missing."""

    tenant_is_active: bool
    membership_is_active: bool | None
    user_is_active: bool | None
    password_changed_at: datetime | None
    auth_time: datetime | None
    ends_at: datetime | None
    revoked_at: datetime | None


def why_ended(login: Login, *, now: datetime) -> Ended | None:
    """The first reason for which `login` no longer holds, None if it does (invariant 9).

    A login older than the last change of the password is void in every tenant, which is why it is
    compared by time: a tenant cannot reach the sessions of another.
    """
    if not login.tenant_is_active:
        return Ended.TENANT
    if not login.membership_is_active:
        return Ended.MEMBERSHIP
    if not login.user_is_active:
        return Ended.PERSON
    if login.auth_time is None or login.ends_at is None:
        return Ended.SESSION
    if login.password_changed_at is not None and login.auth_time < login.password_changed_at:
        return Ended.CREDENTIAL
    if login.revoked_at is not None or login.ends_at <= now:
        return Ended.SESSION
    return None


def end_of_login(
    *, auth_time: datetime, tenant_hours: int, installation_hours: int, inherited: datetime | None = None
) -> datetime:
    """When a login that began at `auth_time` is over for good: the earliest of all limits."""
    end = auth_time + timedelta(hours=min(tenant_hours, installation_hours))
    return end if inherited is None else min(end, inherited)
