"""Reading who works for the current tenant."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from tenants.actors import Actor, ActorKind
from tenants.domain.people import Person
from tenants.models import ApiKey, Membership


@dataclass(frozen=True, slots=True)
class MemberFilter:
    """`q` is how a name or user name begins, in any spelling; `role` the name of a role."""

    role: str | None = None
    q: str | None = None
    include_inactive: bool = False


def members(*, after: UUID | None = None, filters: MemberFilter = MemberFilter()) -> "QuerySet[Membership]":
    """The members with their persons, oldest first; those behind `after` only."""
    manager = Membership.all_objects if filters.include_inactive else Membership.objects
    found: QuerySet[Membership] = manager.select_related("user").order_by("id")
    if filters.role is not None:
        found = found.filter(role=filters.role)
    if filters.q is not None:
        found = found.filter(Q(username__istartswith=filters.q) | Q(user__name__istartswith=filters.q))
    return found if after is None else found.filter(id__gt=after)


def member(*, membership_id: UUID) -> Membership | None:
    """One member, active or not, with person and tenant."""
    found: Membership | None = (
        Membership.all_objects.select_related("user", "tenant").filter(id=membership_id).first()
    )
    return found


def own_membership(*, membership_id: UUID | None) -> Membership | None:
    """The membership an actor acts through, with person and tenant."""
    return Membership.objects.select_related("user", "tenant").filter(id=membership_id).first()


def membership_of_user(*, user_id: UUID) -> Membership | None:
    """The active membership of a person in the current tenant, with it."""
    return Membership.objects.select_related("tenant").filter(user_id=user_id).first()


def held_to(actor: Actor) -> frozenset[UUID]:
    """The legal entities a user, or the maker of a key, is held to at this moment; empty for all."""
    found = Membership.all_objects.all()
    if actor.kind is ActorKind.USER:
        found = found.filter(user_id=actor.id)
    elif actor.kind is ActorKind.API_KEY:
        found = found.filter(id__in=ApiKey.objects.filter(id=actor.id).values("membership_id"))
    else:
        return frozenset()
    return frozenset(found.values_list("legal_entities", flat=True).first() or ())


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
