"""Who works for a tenant, and as what."""

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils import timezone

from tenants import ids, verified
from tenants.capabilities import MEMBERS_MANAGE
from tenants.errors import DomainError, Kind, NotFound
from tenants.events import Event, publish
from tenants.hashing import hash_password
from tenants.models import ExternalIdentity, Membership, User
from tenants.scope import require_tenant_id
from tenants.selectors.existence import ensure_exists
from tenants.services import sessions
from tenants.services.rights import (
    LastAdministrator,
    UnknownRole,
    ensure_administered,
    ensure_can_give,
    ensure_no_more,
    hold_members,
    rights_of_role,
)
from tenants.services.versions import ensure_version
from tenants.statements.rights import rights_of_member

__all__ = ["LastAdministrator", "UnknownRole"]
ENTITY = "tenants.membership"


class UsernameTaken(DomainError):
    """Somebody in this tenant has this name, or this person is a member already."""

    kind, code = Kind.CONFLICT, "username-taken"


class UnknownLegalEntity(DomainError):
    """There is no such legal entity."""

    kind, code = Kind.INVALID, "unknown-legal-entity"


def known_legal_entities(legal_entities: Collection[UUID]) -> list[UUID]:
    """Each once, in an order of their own; the floor knows no legal entities but by their ids.

    Raises UnknownLegalEntity.
    """
    ordered = sorted(set(legal_entities))
    for entity in ordered:
        try:
            ensure_exists(public_id=ids.encode("le", entity))
        except NotFound:
            raise UnknownLegalEntity(pointer="/legal_entities") from None
    return ordered


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
    Without a password nobody can log in by one. Raises UnknownRole, GrantsTooMuch, UsernameTaken,
    TooManyLogins.
    """
    if user_id is not None:
        return insert_member(user=None, user_id=user_id, username=username, role=role)
    user = new_person(name=name, email=email, stored=None if password is None else hash_password(password))
    return insert_member(user=user, user_id=user.id, username=username, role=role)


def new_person(*, name: str, email: str, stored: str | None) -> User:
    """A person who is in no database yet; `stored` is a password's hash, None for nobody's password."""
    return User(
        name=name,
        email=email,
        password=make_password(None) if stored is None else stored,
        password_changed_at=None if stored is None else timezone.now(),
    )


@transaction.atomic
def insert_member(
    *,
    user: User | None,
    user_id: UUID,
    username: str,
    role: str,
    legal_entities: Collection[UUID] = (),
) -> Membership:
    """Write a membership, and its person if given, held to legal entities that are known, or to none.

    Raises UnknownRole, GrantsTooMuch, UsernameTaken.
    """
    ensure_can_give(rights_of_role(role), pointer="/role")
    if user is not None:
        user.save(force_insert=True)
    try:
        with transaction.atomic():
            created: Membership = Membership.objects.create(
                tenant_id=require_tenant_id(),
                user_id=user_id,
                username=username,
                role=role,
                legal_entities=list(legal_entities),
            )
    except IntegrityError as error:
        raise UsernameTaken(pointer="/username") from error
    return created


def change_role(*, membership_id: UUID, role: str) -> Membership:
    """Give a member another role. Raises what `update_member` does."""
    return update_member(membership_id=membership_id, role=role)


@transaction.atomic
def update_member(
    *,
    membership_id: UUID,
    role: str | None = None,
    must_change_password: bool | None = None,
    legal_entities: Collection[UUID] | None = None,
    expected: int | None = None,
) -> Membership:
    """Give a member another role, demand a new password at the next login, or hold them to legal entities.

    None leaves as it is; no legal entities at all let them see every one.

    What was computed from the old role is at most MEMBERSHIP_CACHE_SECONDS old elsewhere. Raises
    UnknownRole, UnknownLegalEntity, GrantsTooMuch, MayDoMore, LastAdministrator, ChangedMeanwhile, NotFound.
    """
    hold_members()
    membership = _lock(membership_id=membership_id)
    ensure_version(membership, expected)
    before, former = rights_of_member(membership_id=membership_id), membership.role
    ensure_no_more(before)
    if role is not None:
        ensure_can_give(rights_of_role(role), pointer="/role")
        membership.role = role
    if must_change_password is not None:
        membership.must_change_password = must_change_password
    if legal_entities is not None:
        membership.legal_entities = known_legal_entities(legal_entities)
    membership.save(update_fields=["role", "must_change_password", "legal_entities", "updated_at"])
    if MEMBERS_MANAGE in before - rights_of_member(membership_id=membership_id):
        ensure_administered()
    if role is not None and role != former:
        publish(Event("role.changed", ENTITY, str(membership.id), {"from": former, "to": role}))
    transaction.on_commit(lambda: verified.forget(membership_id=membership_id))
    return membership


@transaction.atomic
def deactivate_member(*, membership_id: UUID, expected: int | None = None) -> Membership:
    """End a membership: the person's sessions and keys here are refused from now on.

    Raises MayDoMore, LastAdministrator, ChangedMeanwhile, NotFound.
    """
    hold_members()
    membership = _lock(membership_id=membership_id)
    ensure_version(membership, expected)
    rights = rights_of_member(membership_id=membership_id)
    ensure_no_more(rights)
    membership.is_active = False
    membership.save(update_fields=["is_active", "updated_at"])
    sessions.revoke_all(membership_id=membership.id, because="membership-ended")
    publish(Event("membership.ended", ENTITY, str(membership.id), {"username": membership.username}))
    transaction.on_commit(lambda: verified.forget(membership_id=membership_id))
    if MEMBERS_MANAGE in rights:
        ensure_administered()
    return membership


@transaction.atomic
def reactivate_member(*, membership_id: UUID, expected: int | None = None) -> Membership:
    """Make somebody a member again, in the role of before; the sessions of then stay over.

    Raises UnknownRole, GrantsTooMuch, ChangedMeanwhile, NotFound.
    """
    hold_members()
    membership: Membership | None = (
        Membership.all_objects.select_for_update(no_key=True).filter(id=membership_id).first()
    )
    if membership is None:
        raise NotFound
    ensure_version(membership, expected)
    ensure_can_give(rights_of_role(membership.role), pointer="")
    # From now on it is an administrator's word, which the directory does not overrule at a later login.
    ExternalIdentity.objects.filter(membership_id=membership_id).update(lost_at=None)
    if not membership.is_active:
        membership.is_active = True
        membership.save(update_fields=["is_active", "updated_at"])
        publish(Event("membership.restored", ENTITY, str(membership.id), {"role": membership.role}))
    return membership


def _lock(*, membership_id: UUID) -> Membership:
    found: Membership | None = (
        Membership.objects.filter(id=membership_id).select_for_update(no_key=True).first()
    )
    if found is None:
        raise NotFound
    return found
