"""Reading who works for the current tenant."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet

from tenants.domain.people import Person
from tenants.models import Membership


def members(*, after: UUID | None = None) -> "QuerySet[Membership]":
    """The active members with their persons, oldest first; those behind `after` only."""
    found = Membership.objects.select_related("user").order_by("id")
    return found if after is None else found.filter(id__gt=after)


def own_membership(*, membership_id: UUID | None) -> Membership | None:
    """The membership an actor acts through, with person and tenant."""
    return Membership.objects.select_related("user", "tenant").filter(id=membership_id).first()


def membership_of_user(*, user_id: UUID) -> Membership | None:
    """The active membership of a person in the current tenant."""
    return Membership.objects.filter(user_id=user_id).first()


def names_of(*, user_ids: Sequence[UUID]) -> dict[UUID, str]:
    """What those people are called who work for the current tenant, or did; others are left out."""
    found = Membership.all_objects.filter(user_id__in=user_ids).order_by("id")
    rows = found.values_list("user_id", "user__name", "username")
    return {user_id: name or username for user_id, name, username in rows}


def person_of(member: Membership) -> Person:
    """A member as a login shows it; person and tenant must have been read with it."""
    return Person(
        tenant_id=member.tenant_id,
        tenant_slug=member.tenant.slug,
        tenant_name=member.tenant.name,
        user_id=member.user_id,
        user_name=member.user.name,
        user_email=member.user.email,
        membership_id=member.id,
        role=member.role,
    )
