"""Counting failed logins in the database, where nobody can flush them (see `tenants.domain.lockout`)."""

from datetime import timedelta
from math import ceil
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from tenants.domain.lockout import Rule, digest_of_name, digest_of_place, network_of
from tenants.errors import NotFound
from tenants.events import Event, publish
from tenants.models import LoginGuard, Membership
from tenants.services.rights import ensure_no_more
from tenants.statements import lockout as statements
from tenants.statements.lockout import Standing
from tenants.statements.rights import rights_of_member


def rule() -> Rule:
    """The rule of this installation."""
    return Rule(
        quota=settings.LOGIN_FAILURES_PER_ACCOUNT,
        window=timedelta(seconds=settings.LOGIN_WINDOW_SECONDS),
        shortest=timedelta(seconds=settings.LOGIN_LOCK_SECONDS),
        longest=timedelta(seconds=settings.LOGIN_LONGEST_LOCK_SECONDS),
    )


def begin(*, slug: str, username: str, address: str) -> Standing:
    """Count an attempt in the current tenant as failed, in advance; one statement whoever is asked for."""
    network = network_of(address)
    return statements.begin(
        username=username,
        digest=digest_of_name(slug, username),
        place=digest_of_place(network),
        network=network,
        rule=rule(),
        now=timezone.now(),
    )


def seconds_locked(standing: Standing) -> int:
    """For how many more seconds, 1 at least, nobody may try; 0 where the name is not locked."""
    if standing.locked_until is None:
        return 0
    return max(1, ceil((standing.locked_until - timezone.now()).total_seconds()))


def forgive(*, standing: Standing) -> None:
    """The attempt succeeded: earlier failures from this place are forgotten."""
    statements.forgive(guard_id=standing.guard_id)


def give_back(*, standing: Standing) -> None:
    """The attempt was no guess: a service was down, or something else is asked for first."""
    statements.give_back(guard_id=standing.guard_id, rule=rule(), now=timezone.now())


@transaction.atomic
def unlock(*, membership_id: UUID) -> Membership:
    """Forget all failures under a member's name, from every place.

    Whoever may do less must not help somebody guess. Raises NotFound, MayDoMore.
    """
    member: Membership | None = (
        Membership.all_objects.select_related("user", "tenant").filter(id=membership_id).first()
    )
    if member is None:
        raise NotFound
    ensure_no_more(rights_of_member(membership_id=membership_id))
    digest = digest_of_name(member.tenant.slug, member.username)
    LoginGuard.objects.filter(username_digest=digest).delete()
    publish(Event("login.unlocked", "tenants.membership", str(member.id), {"username": member.username}))
    return member
