"""Invitations: a link by mail, good once and for a week, that makes whoever opens it a member."""

import base64
import hashlib
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tenants import mail
from tenants.backends.base import Identity
from tenants.capabilities import MEMBERS_MANAGE
from tenants.domain.message import normalise_address
from tenants.errors import DomainError, FieldError, InvalidInput, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import ExternalIdentity, Invitation, Membership, User
from tenants.scope import require_tenant_id
from tenants.selectors.tenants import current_tenant
from tenants.services.members import insert_member, known_legal_entities
from tenants.services.rights import UnknownRole, ensure_can_give, rights_of_role
from tenants.statements.rights import rights_of_member

ENTITY: Final = "tenants.invitation"
GOOD_FOR: Final = timedelta(days=7)
PATH: Final = "/invitations/accept"
PREFIX: Final = "qi_"
MOST_OPEN: Final = 500


class InvitationOver(DomainError):
    """This invitation is unknown, taken back, used or over: ask for a new one."""

    kind, code = Kind.NOT_FOUND, "invitation-over"


class InvitationClosed(DomainError):
    """This invitation was accepted or taken back: it cannot be sent again."""

    kind, code = Kind.CONFLICT, "invitation-closed"


class AlreadyInvited(DomainError):
    """There is an open invitation for this address: send that one again, or take it back."""

    kind, code = Kind.CONFLICT, "already-invited"


class TooManyInvitations(DomainError):
    """Five hundred invitations are open: wait until some are accepted, or take some back."""

    kind, code = Kind.CONFLICT, "too-many-invitations"


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who accepts: `user` is new, or `user_id` exists; `identity` is what `backend` said about them."""

    username: str
    user_id: UUID
    user: User | None = None
    identity: Identity | None = None
    backend: str = ""


def digest_of(token: str) -> bytes:
    """What is stored of a link's token. A plain hash will do: it has 256 bits of chance."""
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def invite(
    *, email: str, role: str, membership_id: UUID, legal_entities: Collection[UUID] = ()
) -> Invitation:
    """Send somebody a link that makes them a member in `role`; `membership_id` is who invites.

    With `legal_entities` the member is held to these from the first moment on. Raises InvalidInput,
    UnknownRole, UnknownLegalEntity, GrantsTooMuch, AlreadyInvited, TooManyInvitations.
    """
    address = normalise_address(email)
    if address is None:
        detail = "Expected an e-mail address such as name@example.com."
        raise InvalidInput([FieldError("/email", "invalid-address", detail)])
    ensure_can_give(rights_of_role(role), pointer="/role")
    held = known_legal_entities(legal_entities)
    now = timezone.now()
    pending = Invitation.objects.filter(accepted_at=None, revoked_at=None, expires_at__gt=now)
    if pending.filter(email=address).exists():
        raise AlreadyInvited(pointer="/email")
    if pending.count() >= MOST_OPEN:
        raise TooManyInvitations
    token = _draw()
    invitation: Invitation = Invitation.objects.create(
        tenant_id=require_tenant_id(),
        email=address,
        role=role,
        digest=digest_of(token),
        invited_by_id=membership_id,
        expires_at=now + GOOD_FOR,
        legal_entities=held,
    )
    _send(invitation, token)
    return invitation


@transaction.atomic
def send_again(*, invitation_id: UUID) -> Invitation:
    """Send another link that is good for a week from now; the one before is good for nothing.

    Raises UnknownRole, GrantsTooMuch, InvitationClosed, NotFound.
    """
    invitation = _lock(invitation_id=invitation_id)
    if invitation.accepted_at is not None or invitation.revoked_at is not None:
        raise InvitationClosed
    ensure_can_give(rights_of_role(invitation.role), pointer="")
    token = _draw()
    invitation.digest = digest_of(token)
    invitation.expires_at = timezone.now() + GOOD_FOR
    invitation.save(update_fields=["digest", "expires_at", "updated_at"])
    _send(invitation, token)
    return invitation


@transaction.atomic
def revoke_invitation(*, invitation_id: UUID) -> None:
    """Take an invitation back; a second time changes nothing. Raises InvitationClosed, NotFound."""
    invitation = _lock(invitation_id=invitation_id)
    if invitation.accepted_at is not None:
        raise InvitationClosed
    if invitation.revoked_at is None:
        invitation.revoked_at = timezone.now()
        invitation.save(update_fields=["revoked_at", "updated_at"])


@transaction.atomic
def accept(*, invitation_id: UUID, digest: bytes, newcomer: Newcomer) -> Membership:
    """Make somebody a member by an invitation whose token has this digest, once.

    Whoever invited must still be able to: an invitation gives nothing that its author has lost. Raises
    InvitationOver, UsernameTaken.
    """
    invitation: Invitation | None = (
        Invitation.objects.select_for_update(no_key=True).filter(id=invitation_id, digest=digest).first()
    )
    if invitation is None or not is_open(invitation) or not _may_still_give(invitation):
        raise InvitationOver
    member = insert_member(
        user=newcomer.user,
        user_id=newcomer.user_id,
        username=newcomer.username,
        role=invitation.role,
        legal_entities=invitation.legal_entities,
    )
    if newcomer.identity is not None:
        _link(member, newcomer.identity, newcomer.backend)
    invitation.accepted_at = timezone.now()
    invitation.accepted_by = member
    invitation.save(update_fields=["accepted_at", "accepted_by", "updated_at"])
    data: Mapping[str, Any] = {"member": member.public_id, "username": member.username, "role": member.role}
    publish(Event("invitation.accepted", ENTITY, str(invitation.id), data))
    return member


def is_open(invitation: Invitation) -> bool:
    """Whether it can be accepted at this moment, its author's rights aside."""
    is_closed = invitation.accepted_at is not None or invitation.revoked_at is not None
    return not is_closed and invitation.expires_at > timezone.now()


def _may_still_give(invitation: Invitation) -> bool:
    rights = rights_of_member(membership_id=invitation.invited_by_id)
    try:
        return rights.issuperset(rights_of_role(invitation.role) | {MEMBERS_MANAGE})
    except UnknownRole:
        return False


def _link(member: Membership, identity: Identity, backend: str) -> None:
    ExternalIdentity.objects.create(
        tenant_id=member.tenant_id,
        membership_id=member.id,
        backend=backend,
        issuer=identity.issuer,
        subject=identity.subject,
        groups=sorted(identity.groups),
        renewal=identity.renewal,
        checked_at=timezone.now(),
    )


def _send(invitation: Invitation, token: str) -> None:
    tenant = current_tenant()
    link = f"{settings.PUBLIC_BASE_URL.rstrip('/')}{PATH}?{urlencode({'token': token})}"
    text = (
        f"{tenant.name} invites you to work with its invoices in Quittance.\n\n"
        f"To accept, open this link within seven days; it works once:\n\n{link}\n\n"
        "If you did not expect this, do nothing.\n"
    )
    mail.send(
        to=[invitation.email],
        subject=f"{tenant.name} invites you to Quittance",
        text=text,
        is_confidential=True,
    )
    publish(Event("invitation.sent", ENTITY, str(invitation.id), {"email": invitation.email}))


def _draw() -> str:
    return PREFIX + base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()


def _lock(*, invitation_id: UUID) -> Invitation:
    found: Invitation | None = (
        Invitation.objects.select_for_update(no_key=True).filter(id=invitation_id).first()
    )
    if found is None:
        raise NotFound
    return found
