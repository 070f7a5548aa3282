"""API keys: made, followed by another, taken back. The secret is seen once, by whoever made it."""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants import verified
from tenants.capabilities import ALL, NOT_FOR_KEYS
from tenants.domain.keys import PREFIX
from tenants.errors import DomainError, FieldError, InvalidInput, Kind, NotFound
from tenants.events import Event, publish
from tenants.models import ApiKey
from tenants.scope import require_tenant_id
from tenants.services.rights import ensure_can_give
from tenants.statements import api_keys as statements

ENTITY: Final = "tenants.apikey"
LIVES: Final = timedelta(days=90)
LIVES_AT_MOST: Final = timedelta(days=366)
OVERLAP: Final = timedelta(hours=24)
OVERLAP_AT_MOST: Final = timedelta(days=7)
MOST_KEYS: Final = 200
USE_NOTED_EVERY: Final = timedelta(minutes=1)


class KeyOver(DomainError):
    """This key is revoked or over: make a new one."""

    kind, code = Kind.CONFLICT, "key-over"


class KeyReplaced(DomainError):
    """Another key has replaced this one already: rotate that one."""

    kind, code = Kind.CONFLICT, "key-replaced"


class TooManyKeys(DomainError):
    """A company can have two hundred keys at a time: revoke one that nobody needs."""

    kind, code = Kind.CONFLICT, "too-many-keys"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key with its secret, which is nowhere else. `replaced` is the one it follows in a rotation."""

    key: ApiKey
    token: str
    replaced: ApiKey | None = None


def digest_of(token: str) -> bytes:
    """What is stored of a key. A plain hash will do: the secret has 256 bits of chance."""
    return hashlib.sha256(token.encode()).digest()


@transaction.atomic
def create_key(
    *, name: str, scopes: Sequence[str], membership_id: UUID, lifetime: timedelta = LIVES
) -> NewKey:
    """Make a key that may do what is in `scopes` for as long as the member who makes it may.

    Raises InvalidInput, GrantsTooMuch, TooManyKeys.
    """
    now = timezone.now()
    faults = _faults_of(scopes)
    if not timedelta(0) < lifetime <= LIVES_AT_MOST:
        faults.append(FieldError("/expires_in_days", "out-of-range", "Expected 1 to 366 days."))
    if faults:
        raise InvalidInput(faults)
    ensure_can_give(scopes, pointer="/scopes")
    if ApiKey.objects.filter(revoked_at=None, expires_at__gt=now).count() >= MOST_KEYS:
        raise TooManyKeys
    made = _insert(name=name, scopes=scopes, membership_id=membership_id, expires_at=now + lifetime)
    publish(Event("key.created", ENTITY, str(made.key.id), {"name": name, "scopes": made.key.scopes}))
    return made


@transaction.atomic
def rotate_key(*, key_id: UUID, membership_id: UUID, overlap: timedelta = OVERLAP) -> NewKey:
    """Make a key that follows another: same name, same scopes, a lifetime as long.

    The old one works until `overlap` is over (0 ends it at once), or until its own end if that is
    sooner. The new one is whose who rotates. Raises InvalidInput, GrantsTooMuch, KeyOver, KeyReplaced,
    NotFound.
    """
    if not timedelta(0) <= overlap <= OVERLAP_AT_MOST:
        raise InvalidInput([FieldError("/overlap_seconds", "out-of-range", "Expected at most seven days.")])
    now = timezone.now()
    old = _lock(key_id=key_id)
    if old.revoked_at is not None or old.expires_at is None or old.expires_at <= now:
        raise KeyOver
    if ApiKey.objects.filter(replaces_id=old.id, revoked_at=None, expires_at__gt=now).exists():
        raise KeyReplaced
    ensure_can_give(old.scopes, pointer="")
    lifetime = min(max(old.expires_at - old.created_at, timedelta(days=1)), LIVES_AT_MOST)
    made = _insert(
        name=old.name,
        scopes=old.scopes,
        membership_id=membership_id,
        expires_at=now + lifetime,
        replaces_id=old.id,
    )
    old.expires_at = min(old.expires_at, now + overlap)
    old.save(update_fields=["expires_at", "updated_at"])
    data = {"replaces": old.public_id, "old_works_until": old.expires_at}
    publish(Event("key.rotated", ENTITY, str(made.key.id), data))
    transaction.on_commit(lambda: verified.forget(key_id=old.id))
    return NewKey(made.key, made.token, old)


@transaction.atomic
def revoke_key(*, key_id: UUID) -> None:
    """End a key at once; one that is revoked already stays as it is. Raises NotFound."""
    key = _lock(key_id=key_id)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at", "updated_at"])
        publish(Event("key.revoked", ENTITY, str(key.id), {"name": key.name}))
    transaction.on_commit(lambda: verified.forget(key_id=key_id))


def note_use(*, key_id: UUID, last_used_at: datetime | None) -> None:
    """Take down that a key is being used, once a minute at most; `last_used_at` is what is known of it."""
    now = timezone.now()
    if last_used_at is None or last_used_at < now - USE_NOTED_EVERY:
        statements.touch(key_id=key_id, now=now)


def _insert(
    *,
    name: str,
    scopes: Sequence[str],
    membership_id: UUID,
    expires_at: datetime,
    replaces_id: UUID | None = None,
) -> NewKey:
    shown = PREFIX + _drawn(5)
    token = f"{shown}_{_drawn(32)}"
    key: ApiKey = ApiKey.objects.create(
        tenant_id=require_tenant_id(),
        name=name,
        shown=shown,
        digest=digest_of(token),
        scopes=sorted(set(scopes)),
        membership_id=membership_id,
        expires_at=expires_at,
        replaces_id=replaces_id,
    )
    return NewKey(key, token)


def _drawn(size: int) -> str:
    """Letters and digits without an underscore, so that a double click marks the whole."""
    return base64.b32encode(secrets.token_bytes(size)).decode().rstrip("=").lower()


def _lock(*, key_id: UUID) -> ApiKey:
    key: ApiKey | None = ApiKey.objects.select_for_update(no_key=True).filter(id=key_id).first()
    if key is None:
        raise NotFound
    return key


def _faults_of(scopes: Sequence[str]) -> list[FieldError]:
    known = ALL - NOT_FOR_KEYS
    faults = [
        FieldError(f"/scopes/{place}", "unknown-scope", "No key can have this scope.")
        for place, each in enumerate(scopes)
        if each not in known
    ]
    return faults if scopes else [FieldError("/scopes", "empty", "A key without a scope opens nothing.")]
