"""Tickets: a token must not stand in the address of a socket, and a browser can send it nowhere else."""

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone

from tenants.errors import DomainError, Kind
from tenants.models import SocketTicket
from tenants.scope import require_tenant_id

LIFETIME: Final = timedelta(seconds=30)


class TicketRefused(DomainError):
    """This ticket is unknown, used or over; draw another."""

    kind, code = Kind.UNAUTHENTICATED, "ticket-refused"


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket as its owner gets it, once: for one socket, which closes at `closes_at`."""

    secret: str = field(repr=False)
    expires_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Used:
    """What a ticket was good for."""

    session_id: UUID
    closes_at: datetime


def draw_ticket(*, session_id: UUID, closes_at: datetime) -> NewTicket:
    """Make a ticket for a login of the current tenant; one statement."""
    secret = f"qt_{secrets.token_urlsafe(32)}"
    expires_at = min(timezone.now() + LIFETIME, closes_at)
    SocketTicket.objects.create(
        tenant_id=require_tenant_id(),
        session_id=session_id,
        digest=digest_of(secret),
        expires_at=expires_at,
        closes_at=closes_at,
    )
    return NewTicket(secret, expires_at, closes_at)


def use_ticket(*, ticket_id: UUID) -> Used:
    """Use a ticket of the current tenant up. Raises TicketRefused.

    Of several who come with it at once, the one whose statement deletes it gets in.
    """
    found = SocketTicket.objects.filter(id=ticket_id).first()
    if found is None or found.expires_at <= timezone.now():
        raise TicketRefused
    deleted, _ = SocketTicket.objects.filter(id=ticket_id).delete()
    if not deleted:
        raise TicketRefused
    return Used(found.session_id, found.closes_at)


def digest_of(secret: str) -> bytes:
    """What is kept of a ticket."""
    return hashlib.sha256(secret.encode(errors="replace")).digest()
