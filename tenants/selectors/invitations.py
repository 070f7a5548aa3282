"""Reading invitations of the current tenant."""

from typing import Final, Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from tenants.models import Invitation

State = Literal["open", "accepted", "expired", "revoked"]
STATES: Final[tuple[State, ...]] = ("open", "accepted", "expired", "revoked")


def invitations(*, state: State | None = None) -> "QuerySet[Invitation]":
    """All, or those of a state, newest first (ids follow time)."""
    found: QuerySet[Invitation] = Invitation.objects.order_by("-id")
    pending = Q(accepted_at=None, revoked_at=None)
    wanted = {
        "open": pending & Q(expires_at__gt=timezone.now()),
        "accepted": ~Q(accepted_at=None),
        "expired": pending & Q(expires_at__lte=timezone.now()),
        "revoked": ~Q(revoked_at=None),
    }
    return found if state is None else found.filter(wanted[state])


def invitation(*, invitation_id: UUID) -> Invitation | None:
    """One invitation."""
    return invitations().filter(id=invitation_id).first()


def state_of(invitation: Invitation) -> State:
    """What has become of it."""
    if invitation.accepted_at is not None:
        return "accepted"
    if invitation.revoked_at is not None:
        return "revoked"
    return "open" if invitation.expires_at > timezone.now() else "expired"
