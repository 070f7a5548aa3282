"""Access tokens this process has verified a moment ago, with the actor they stand for.

Verifying a signature and asking the database about session and membership costs far more than a
look-up, and invariant 9 grants five seconds. What ends a session in this process is noticed at once.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings

from tenants.actors import Actor

MOST_ENTRIES = 20_000


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that was found good: whose it is, and when it ends (seconds since the epoch, UTC)."""

    tenant_id: UUID
    actor: Actor
    expires_at: float


class VerifiedTokens:
    """A map from the digest of a token to what it was verified as, each entry for `seconds` at most."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        # Not the wall clock: one that is set back would keep a revoked session alive.
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[bytes, tuple[float, Verified]] = {}

    def get(self, token: str) -> Verified | None:
        """What `token` was verified as, unless that is too old or the token itself has ended."""
        entry = self._entries.get(_digest(token))
        if entry is None or entry[0] <= self._clock() or entry[1].expires_at <= time.time():
            return None
        return entry[1]

    def put(self, token: str, found: Verified) -> None:
        with self._lock:
            now = self._clock()
            if len(self._entries) >= MOST_ENTRIES:
                self._entries = {key: entry for key, entry in self._entries.items() if entry[0] > now}
            if len(self._entries) >= MOST_ENTRIES:
                self._entries = {}
            self._entries[_digest(token)] = (now + self._seconds, found)

    def drop(self, applies: Callable[[Verified], bool]) -> None:
        with self._lock:
            self._entries = {key: entry for key, entry in self._entries.items() if not applies(entry[1])}


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


tokens = VerifiedTokens(settings.MEMBERSHIP_CACHE_SECONDS)


def forget(
    *,
    session_id: UUID | None = None,
    membership_id: UUID | None = None,
    user_id: UUID | None = None,
    key_id: UUID | None = None,
    tenant_id: UUID | None = None,
) -> None:
    """Drop what this process remembers about a session, membership, user, API key or tenant.

    To be called once the change is committed.
    """
    tokens.drop(
        lambda found: (
            (session_id is not None and found.actor.session_id == session_id)
            or (membership_id is not None and found.actor.membership_id == membership_id)
            or (user_id is not None and found.actor.id == user_id)
            or (key_id is not None and found.actor.id == key_id)
            or (tenant_id is not None and found.tenant_id == tenant_id)
        )
    )
