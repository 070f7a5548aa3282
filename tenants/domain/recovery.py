"""Recovery codes: what they look like, however they are typed, and what is kept of them."""

import hashlib
from typing import Final
from uuid import UUID

COUNT: Final = 10
# Crockford's: no I, L, O or U, which are misread.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
# 16 signs are 80 bits: too many to be found from the digest, however fast that is.
LENGTH: Final = 16
_GROUP: Final = 4
_MISREAD: Final = str.maketrans({"o": "0", "i": "1", "l": "1", "-": None, " ": None})


def shown(code: str) -> str:
    """`code` in groups of four, as it is printed."""
    return "-".join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def digest_of(code: str, *, membership_id: UUID) -> bytes | None:
    """What is stored of a code, 32 bytes; None for a text that can be none."""
    plain = code.casefold().translate(_MISREAD)
    if len(plain) != LENGTH or not set(plain) <= set(ALPHABET):
        return None
    return hashlib.sha256(membership_id.bytes + plain.encode()).digest()
