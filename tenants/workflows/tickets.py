"""Entering by a ticket: who comes, of which tenant, and until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tenants import scope
from tenants.actors import Actor
from tenants.selectors.sessions import actor_of_session
from tenants.selectors.tenants import resolve_socket_ticket
from tenants.services.socket_tickets import TicketRefused, digest_of, use_ticket

_LONGEST: Final = 100


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody who may listen, in one tenant, until `closes_at` and for as long as the login holds."""

    tenant_id: UUID
    actor: Actor
    closes_at: datetime


def admit(*, ticket: str) -> Admission:
    """Use a ticket up. Raises TicketRefused, SessionOver, MembershipRevoked.

    The login is looked at again: a logout between drawing and using a ticket closes this door, too.
    """
    resolved = resolve_socket_ticket(digest=digest_of(ticket)) if len(ticket) <= _LONGEST else None
    if resolved is None:
        raise TicketRefused
    ticket_id, tenant_id = resolved
    with scope.enter(scope.Scope(tenant_id, Actor.system("ticket"))):
        used = use_ticket(ticket_id=ticket_id)
        return Admission(tenant_id, actor_of_session(session_id=used.session_id), used.closes_at)
