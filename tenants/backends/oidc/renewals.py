"""Refresh tokens of providers: redeemed by one request at a time, kept as soon as they are replaced."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django_redis import get_redis_connection
from redis.exceptions import LockError, RedisError

from tenants.backends.base import DirectoryUnavailable
from tenants.models import ExternalIdentity

logger = logging.getLogger(__name__)

_HOLD_SECONDS = 30.0
_WAIT_SECONDS = 20.0


@contextmanager
def one_at_a_time(identity: ExternalIdentity) -> Iterator[str]:
    """Yields the refresh token as it is now, while nobody else redeems it.

    A provider that rotates takes a second use for a theft and ends everything, yet two sessions of one
    person refresh when they like. Without Redis everybody goes ahead: the lock is a courtesy, and
    nothing of record. Raises DirectoryUnavailable after waiting in vain.
    """
    lock = get_redis_connection("default").lock(
        f"renewal:{identity.id}", timeout=_HOLD_SECONDS, blocking_timeout=_WAIT_SECONDS
    )
    try:
        held = lock.acquire()
    except RedisError as error:
        logger.warning("renewals are not queued: %s", type(error).__name__)
        yield _current(identity)
        return
    if not held:
        raise DirectoryUnavailable
    try:
        yield _current(identity)
    finally:
        try:
            lock.release()
        except (LockError, RedisError) as error:
            logger.warning("a renewal took longer than its turn: %s", type(error).__name__)


def keep(identity: ExternalIdentity, renewal: str) -> None:
    """Store the refresh token that replaces the one just redeemed."""
    if renewal != identity.renewal:
        ExternalIdentity.objects.filter(id=identity.id).update(renewal=renewal)
        identity.renewal = renewal


def _current(identity: ExternalIdentity) -> str:
    found: str | None = (
        ExternalIdentity.objects.filter(id=identity.id).values_list("renewal", flat=True).first()
    )
    current = found or str(identity.renewal)
    identity.renewal = current
    return current
