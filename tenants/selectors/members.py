"""Reading who works for the current tenant."""

from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.models import Membership


def members(*, after: UUID | None = None) -> "QuerySet[Membership]":
    """The active members with their persons, oldest first; those behind `after` only."""
    found = Membership.objects.select_related("user").order_by("id")
    return found if after is None else found.filter(Q(id__gt=after))


def own_membership(*, membership_id: UUID | None) -> Membership | None:
    """The membership an actor acts through, with person and tenant."""
    return Membership.objects.select_related("user", "tenant").filter(id=membership_id).first()


def membership_of_user(*, user_id: UUID) -> Membership | None:
    """The active membership of a person in the current tenant."""
    return Membership.objects.filter(user_id=user_id).first()
