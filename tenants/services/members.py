"""Who works for a tenant, and as what."""

from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import capabilities, verified
from tenants.errors import DomainError, Kind, NotFound
from tenants.hashing import hash_password
from tenants.models import Membership, User
from tenants.scope import require_tenant_id


class UsernameTaken(DomainError):
    """Somebody in this tenant has this name, or this person is a member already."""

    kind, code = Kind.CONFLICT, "username-taken"


class UnknownRole(DomainError):
    """There is no role of this name."""

    kind, code = Kind.INVALID, "unknown-role"


class LastAdministrator(DomainError):
    """Somebody must be left who can manage the members."""

    kind, code = Kind.CONFLICT, "last-administrator"


def add_member(
    *,
    username: str,
    role: str,
    name: str,
    email: str = "",
    password: str | None = None,
    user_id: UUID | None = None,
) -> Membership:
    """Make somebody a member of the current tenant.

    With `user_id` a person who exists joins; name, e-mail and password are then left as they are.
    Without a password nobody can log in by one. Raises UnknownRole, UsernameTaken, TooManyLogins.
    """
    _ensure_role(role)
    if user_id is not None:
        return _insert(user=None, user_id=user_id, username=username, role=role)
    user = User(
        name=name,
        email=email,
        password=make_password(None) if password is None else hash_password(password),
        password_changed_at=None if password is None else timezone.now(),
    )
    return _insert(user=user, user_id=user.id, username=username, role=role)


@transaction.atomic
def _insert(*, user: User | None, user_id: UUID, username: str, role: str) -> Membership:
    if user is not None:
        user.save(force_insert=True)
    try:
        created: Membership = Membership.objects.create(
            tenant_id=require_tenant_id(), user_id=user_id, username=username, role=role
        )
    except IntegrityError as error:
        raise UsernameTaken(pointer="/username") from error
    return created


@transaction.atomic
def change_role(*, membership_id: UUID, role: str) -> Membership:
    """Give a member another role. Raises UnknownRole, NotFound, LastAdministrator.

    Answers computed from the old role are at most MEMBERSHIP_CACHE_SECONDS old elsewhere.
    """
    _ensure_role(role)
    membership = _lock(membership_id=membership_id, stays_administrator=_administers(role))
    membership.role = role
    membership.save(update_fields=["role", "updated_at"])
    transaction.on_commit(lambda: verified.forget(membership_id=membership_id))
    return membership


@transaction.atomic
def deactivate_member(*, membership_id: UUID) -> Membership:
    """End a membership; the person's sessions here are refused from now on.

    Raises NotFound, LastAdministrator.
    """
    membership = _lock(membership_id=membership_id, stays_administrator=False)
    membership.is_active = False
    membership.save(update_fields=["is_active", "updated_at"])
    transaction.on_commit(lambda: verified.forget(membership_id=membership_id))
    return membership


def _ensure_role(role: str) -> None:
    if role not in capabilities.BUILTIN_ROLES:
        raise UnknownRole(pointer="/role")


def _administers(role: str) -> bool:
    return capabilities.MEMBERS_MANAGE in capabilities.of_role(role)


def _lock(*, membership_id: UUID, stays_administrator: bool) -> Membership:
    """Lock the member and, in the order of their ids, all administrators; then count those."""
    administrators = [role for role in capabilities.BUILTIN_ROLES if _administers(role)]
    locked: list[Membership] = list(
        Membership.objects.filter(role__in=administrators).order_by("id").select_for_update(no_key=True)
    )
    for membership in locked:
        if membership.id == membership_id:
            if len(locked) == 1 and not stays_administrator:
                raise LastAdministrator
            return membership
    found: Membership | None = (
        Membership.objects.filter(id=membership_id).select_for_update(no_key=True).first()
    )
    if found is None:
        raise NotFound
    return found
