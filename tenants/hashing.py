"""Password hashes: argon2, as slow whether or not there is anybody to compare with, and few at a time.

One hash keeps a core busy for a tenth of a second and takes 100 MB, so a storm of logins must not
crowd out the rest: this process computes HASHING_CONCURRENCY at once, lets as many again wait for a
moment and turns the others away.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import is_password_usable, make_password
from django.contrib.auth.hashers import verify_password as _verify

from tenants.errors import DomainError, Kind


class TooManyLogins(DomainError):
    """Too many logins at this moment; try again in a second."""

    kind, code = Kind.THROTTLED, "too-many-logins"


class Gate:
    """At most `at_once` callers inside and as many again waiting, each for at most `patience` seconds."""

    def __init__(self, at_once: int, patience: float) -> None:
        self._slots = threading.BoundedSemaphore(at_once)
        self._callers = threading.BoundedSemaphore(at_once * 2)
        self._patience = patience

    @contextmanager
    def enter(self) -> Iterator[None]:
        """Raises TooManyLogins when the queue is full or patience runs out."""
        if not self._callers.acquire(blocking=False):
            raise TooManyLogins(retry_after=1)
        try:
            if not self._slots.acquire(timeout=self._patience):
                raise TooManyLogins(retry_after=1)
            try:
                yield
            finally:
                self._slots.release()
        finally:
            self._callers.release()


@cache
def gate() -> Gate:
    """The gate of this process."""
    return Gate(settings.HASHING_CONCURRENCY, settings.HASHING_PATIENCE_SECONDS)


@cache
def _nobody() -> str:
    return make_password(secrets.token_urlsafe(32))


def hash_password(password: str) -> str:
    """The text to store for `password`. Raises TooManyLogins."""
    with gate().enter():
        return make_password(password)


def verify_password(password: str, stored: str | None) -> tuple[bool, bool]:
    """Whether `password` matches, and whether its hash should be made anew with today's parameters.

    `stored` is None where nobody was found; that takes as long as a wrong password. Raises
    TooManyLogins.
    """
    known = stored is not None and is_password_usable(stored)
    with gate().enter():
        matches, outdated = _verify(password, stored if known and stored is not None else _nobody())
    return matches and known, outdated and known
