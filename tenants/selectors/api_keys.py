"""Reading API keys: the one that was presented, and those there are."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from tenants.actors import Actor, ActorKind
from tenants.capabilities import NOT_FOR_KEYS
from tenants.errors import DomainError, Kind
from tenants.models import ApiKey, ApiKeyUse
from tenants.statements import api_keys as statements

State = Literal["active", "revoked", "expired"]


class InvalidKey(DomainError):
    """This API key is unknown, revoked or over."""

    kind, code = Kind.UNAUTHENTICATED, "invalid-key"


@dataclass(frozen=True, slots=True)
class Opened:
    """A key that was found good: who acts, until when at most, and when it was used last."""

    actor: Actor
    expires_at: datetime
    last_used_at: datetime | None


def open_key(*, key_id: UUID) -> Opened:
    """The actor a key stands for at this moment, in the scope of its tenant. Raises InvalidKey.

    It may do what is in its scopes and what its maker may do now; through the maker's membership it is
    forgotten when that changes.
    """
    found = statements.key_for_access(key_id=key_id, now=timezone.now())
    if found is None:
        raise InvalidKey
    actor = Actor(
        kind=ActorKind.API_KEY,
        id=key_id,
        role=found.role,
        capabilities=(found.scopes & found.rights) - NOT_FOR_KEYS,
        membership_id=found.membership_id,
        legal_entities=found.legal_entities,
    )
    return Opened(actor, found.expires_at, found.last_used_at)


def api_keys(*, state: State | None = None) -> "QuerySet[ApiKey]":
    """The tenant's keys with their makers and `last_used_at`, newest first (ids follow time)."""
    used = ApiKeyUse.objects.filter(api_key_id=OuterRef("id")).values("last_used_at")[:1]
    found: QuerySet[ApiKey] = (
        ApiKey.objects.select_related("membership__user")
        .annotate(last_used_at=Subquery(used))
        .order_by("-id")
    )
    now = timezone.now()
    if state == "active":
        return found.filter(revoked_at=None, expires_at__gt=now)
    if state == "revoked":
        return found.exclude(revoked_at=None)
    return found if state is None else found.filter(revoked_at=None, expires_at__lte=now)


def api_key(*, key_id: UUID) -> ApiKey | None:
    """One key, as `api_keys` reads it."""
    return api_keys().filter(id=key_id).first()
