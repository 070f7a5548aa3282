"""What a directory says about people, written down: who is a member, as what, and who is no longer.

A directory that takes somebody away also takes the last administrator: an account that was disabled
must not stay open because nobody else is left, which has an event of its own. Changes wait for those that
people make, so that nobody is removed because somebody is left whom the directory is just taking. Break-glass
members keep their membership; what they logged in to by the directory ends.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from tenants import verified
from tenants.backends.base import Identity
from tenants.capabilities import MEMBERS_MANAGE
from tenants.domain.logins import PASSWORD, Rules
from tenants.events import Event, publish
from tenants.models import ExternalIdentity, Membership, Session, User
from tenants.scope import require_tenant_id
from tenants.services.rights import hold_members
from tenants.services.sessions import revoke
from tenants.statements.rights import is_administered, rights_of_member

MEMBER = "tenants.membership"
MOST_NAMES = 100


@dataclass(frozen=True, slots=True)
class Said:
    """What a directory said: the groups somebody is in, and what renews asking.

    `asked_at` is when it was asked after somebody who was not there; None if the person came along.
    """

    groups: Collection[str]
    renewal: str = ""
    asked_at: datetime | None = None


@transaction.atomic
def take_in(*, identity: Identity, backend: str, rules: Rules, may_link: bool) -> Membership | None:
    """Make somebody whom the directory proved a member for the first time; None if the rules say no.

    With `may_link` an active member of exactly this user name whom this backend has never proved and who
    does not break the glass is recognised; e-mail addresses are never compared. Else, where the tenant
    provisions, a person without a password is made under the first free spelling of the name. Raises
    IntegrityError where the same person or name came in at the same moment: then ask again.
    """
    role = rules.role_of(identity.groups)
    if rules.decides and not role:
        return None
    hold_members()
    member = _member_named(identity.username, backend) if may_link and rules.links_by_username else None
    if member is not None:
        _publish("identity.linked", member, issuer=identity.issuer, subject=identity.subject)
        if rules.decides:
            _give_role(member, role)
    elif rules.provisions and role:
        member = _make_member(identity, role)
        _publish("member.provisioned", member, issuer=identity.issuer, subject=identity.subject, role=role)
    else:
        return None
    ExternalIdentity.objects.create(
        tenant_id=require_tenant_id(),
        membership_id=member.id,
        backend=backend,
        issuer=identity.issuer,
        subject=identity.subject,
        groups=sorted(identity.groups),
        renewal=identity.renewal,
        checked_at=timezone.now(),
    )
    return member


@transaction.atomic
def follow(*, identity_id: UUID, said: Said, rules: Rules, gives_back: bool) -> Membership | None:
    """Bring a member up to what the directory says; None if there is no membership (any more).

    Whoever is in no group that makes a role loses the membership and all sessions. `gives_back`: a
    membership which the directory took is restored (at a login; a re-check only takes).
    """
    identity, member = _lock(identity_id)
    role = rules.role_of(said.groups)
    if rules.decides and not role:
        _take(identity, member, because="directory-group-lost", at=said.asked_at)
        return None
    if not member.is_active and gives_back and identity.lost_at is not None:
        _restore(identity, member)
    if member.is_active and rules.decides and not member.is_break_glass:
        _give_role(member, role)
    identity.groups = sorted(said.groups)
    identity.renewal = said.renewal or identity.renewal
    identity.checked_at = said.asked_at or identity.checked_at
    identity.save(update_fields=["groups", "renewal", "checked_at", "lost_at", "updated_at"])
    return member if member.is_active else None


@transaction.atomic
def take_away(*, identity_id: UUID, because: str, at: datetime) -> None:
    """The directory knows somebody no longer, or has disabled the account: membership and sessions end."""
    identity, member = _lock(identity_id)
    _take(identity, member, because=because, at=at)


@transaction.atomic
def note_asked(*, identity_id: UUID, at: datetime) -> None:
    """The directory was asked in vain: whoever looks for those who are due finds this one later."""
    ExternalIdentity.objects.filter(id=identity_id).update(checked_at=at)


def _lock(identity_id: UUID) -> tuple[ExternalIdentity, Membership]:
    # In this order, as all who change members do.
    hold_members()
    membership_id = ExternalIdentity.objects.values_list("membership_id", flat=True).get(id=identity_id)
    member: Membership = Membership.all_objects.select_for_update(no_key=True).get(id=membership_id)
    identity: ExternalIdentity = ExternalIdentity.objects.select_for_update(no_key=True).get(id=identity_id)
    return identity, member


def _take(identity: ExternalIdentity, member: Membership, *, because: str, at: datetime | None) -> None:
    identity.checked_at = at or identity.checked_at
    if member.is_active and not member.is_break_glass:
        was_administrator = _administers(member)
        member.is_active = False
        member.save(update_fields=["is_active", "updated_at"])
        identity.lost_at = timezone.now()
        _publish("membership.lost", member, because=because)
        if was_administrator:
            _note_if_nobody_is_left(member)
    identity.save(update_fields=["checked_at", "lost_at", "updated_at"])
    live = Session.objects.filter(membership_id=member.id, revoked_at=None)
    if member.is_break_glass:
        live = live.exclude(backend=PASSWORD)
    revoke(session_ids=list(live.values_list("id", flat=True)), because=because)
    _forget(member)


def _restore(identity: ExternalIdentity, member: Membership) -> None:
    identity.lost_at = None
    member.is_active = True
    member.save(update_fields=["is_active", "updated_at"])
    _publish("membership.returned", member)


def _give_role(member: Membership, role: str) -> None:
    if member.role == role:
        return
    was_administrator = _administers(member)
    _publish("role.changed", member, before=member.role, after=role, because="directory-groups")
    member.role = role
    member.save(update_fields=["role", "updated_at"])
    if was_administrator:
        _note_if_nobody_is_left(member)
    _forget(member)


def _administers(member: Membership) -> bool:
    return MEMBERS_MANAGE in rights_of_member(membership_id=member.id)


def _note_if_nobody_is_left(member: Membership) -> None:
    if not is_administered():
        _publish("administration.lost", member)


def _member_named(username: str, backend: str) -> Membership | None:
    free = Membership.objects.filter(username=username, is_break_glass=False)
    # A backend may know several directories: the Ada of one is not the Ada of another.
    found: Membership | None = (
        free.exclude(id__in=ExternalIdentity.objects.filter(backend=backend).values("membership_id"))
        .select_for_update(of=("self",), no_key=True)
        .first()
    )
    return found


def _make_member(identity: Identity, role: str) -> Membership:
    user = User(name=(identity.name or identity.username)[:200], email=identity.email[:254])
    user.password = make_password(None)
    user.save(force_insert=True)
    made: Membership = Membership.objects.create(
        tenant_id=require_tenant_id(), user_id=user.id, username=_free_name(identity.username), role=role
    )
    return made


def _free_name(username: str) -> str:
    """`ada`, or `ada-2` and so on where somebody else bears the name: names prove nothing here."""
    stem = username[:140]
    candidates = [stem, *(f"{stem}-{number}" for number in range(2, MOST_NAMES))]
    taken = set(Membership.all_objects.filter(username__in=candidates).values_list("username", flat=True))
    return next(name for name in candidates if name not in taken)


def _publish(name: str, member: Membership, **data: Any) -> None:
    publish(Event(name, MEMBER, str(member.id), {"username": member.username, **data}))


def _forget(member: Membership) -> None:
    transaction.on_commit(lambda: verified.forget(membership_id=member.id))
