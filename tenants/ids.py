"""Identifiers: UUIDv7 inside, a prefixed text such as `inv_01jd…` outside."""

import os
import re
import threading
import time
from functools import lru_cache
from uuid import UUID

from tenants.errors import DomainError, Kind

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_VALUES = {letter: value for value, letter in enumerate(_ALPHABET)}
# Pairs of letters: ten bits a step halve the work of an encoding.
_PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)
# 26 letters carry 130 bits; the first may not exceed 7, or the value would not fit 128.
_BODY = re.compile(rf"[0-7][{_ALPHABET}]{{25}}", re.ASCII)
_PREFIX = re.compile(r"[a-z]{2,8}", re.ASCII)

_VERSION_AND_VARIANT = (0x7 << 76) | (0b10 << 62)
_COUNTER_BITS = 42
_COUNTER_LIMIT = 1 << _COUNTER_BITS


class InvalidId(DomainError):
    """There is nothing here under this name."""

    kind, code = Kind.NOT_FOUND, "not-found"


class _Clock:
    """Last timestamp and counter handed out by this process.

    RFC 9562 section 6.2, method 1: a counter of 42 bits (12 of rand_a, 30 of rand_b), seeded at
    random with its top bit clear each millisecond, then 32 random bits.
    """

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.milliseconds = 0
        self.counter = 0

    def reset(self) -> None:
        self.lock = threading.Lock()
        self.milliseconds = 0

    def next(self) -> int:
        random = int.from_bytes(os.urandom(10), "big")
        with self.lock:
            now = time.time_ns() // 1_000_000
            if now > self.milliseconds:
                self.milliseconds = now
                self.counter = (random >> 32) & (_COUNTER_LIMIT // 2 - 1)
            else:
                # Same millisecond, or the clock was set back: the old time stands and the counter goes on.
                self.counter += 1
                if self.counter == _COUNTER_LIMIT:
                    self.milliseconds += 1
                    self.counter = (random >> 32) & (_COUNTER_LIMIT // 2 - 1)
            milliseconds, counter = self.milliseconds, self.counter
        return (
            (milliseconds & 0xFFFF_FFFF_FFFF) << 80
            | _VERSION_AND_VARIANT
            | (counter >> 30) << 64
            | (counter & 0x3FFF_FFFF) << 32
            | (random & 0xFFFF_FFFF)
        )


_clock = _Clock()
# A forked worker must not continue its parent's counter, nor inherit a lock that is held.
os.register_at_fork(after_in_child=_clock.reset)


def uuid7() -> UUID:
    """A new UUIDv7 (RFC 9562), greater than every one this process made before."""
    return UUID(int=_clock.next())


def encode(prefix: str, value: UUID) -> str:
    """`encode("inv", uuid)` → "inv_" and 26 letters of Crockford's base 32, lower case."""
    return f"{prefix}_{_letters(value.int)}"


# The same few sellers, customers and users are spelled on every page and in every request.
@lru_cache(maxsize=8192)
def _letters(number: int) -> str:
    return "".join([_PAIRS[(number >> shift) & 0x3FF] for shift in range(120, -1, -10)])


def decode(prefix: str, text: str) -> UUID:
    """The inverse of `encode`; takes nothing but the form `encode` gives.

    Raises InvalidId, which reads like a missing record: in a path the two must not differ.
    """
    head, separator, body = text.partition("_")
    if head != prefix or not separator or not _BODY.fullmatch(body):
        raise InvalidId
    number = 0
    for letter in body:
        number = number << 5 | _VALUES[letter]
    return UUID(int=number)


class PublicId:
    """The two directions for one prefix, as models and views keep them: `INVOICE_ID = PublicId("inv")`."""

    def __init__(self, prefix: str) -> None:
        if not _PREFIX.fullmatch(prefix):
            raise ValueError(f"not a prefix of 2 to 8 lower-case letters: {prefix!r}")
        self.prefix = prefix

    def encode(self, value: UUID) -> str:
        return encode(self.prefix, value)

    def decode(self, text: str) -> UUID:
        return decode(self.prefix, text)
