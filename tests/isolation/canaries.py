"""Strings that must never be seen by another tenant, and how they are recognised in any output."""

import base64
import binascii
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from tenants import ids

_CANARY = re.compile(r"cnry[0-9a-f]{10}")
_NUMBER = re.compile(r"77\d{8}")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_PUBLIC = re.compile(r"_([0-7][0-9a-hjkmnp-tv-z]{25})(?![0-9a-z])")
_ENCODED = re.compile(r"[A-Za-z0-9_-]{24,}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){14,}")


@dataclass
class Canaries:
    """The secrets of one tenant: canary words, odd numbers and ids. `mark` keeps them apart from others'."""

    mark: int = field(default_factory=lambda: secrets.randbelow(1000))
    words: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    ids: set[UUID] = field(default_factory=set)

    def word(self) -> str:
        """A new word of 14 characters, such as cnry3e70000001."""
        made = f"cnry{self.mark:03x}{len(self.words):07x}"
        self.words.add(made)
        return made

    def number(self) -> Decimal:
        """A new amount with ten digits before the point that nothing else has."""
        made = f"77{self.mark:03d}{len(self.numbers):05d}"
        self.numbers.add(made)
        return Decimal(f"{made}.25")

    @property
    def count(self) -> int:
        return len(self.words) + len(self.numbers)

    def seen_in(self, text: str, *, sent: Iterable[str] = ()) -> set[str]:
        """What of this tenant stands in `text`, decoding what is encoded; `sent` is forgiven.

        Only what the caller itself said in the same request is forgiven: to be told one's own words
        reveals nothing.
        """
        found: set[str] = set()
        for spelling in _spellings(text):
            found |= {word for word in _CANARY.findall(spelling) if word in self.words}
            found |= {number for number in _NUMBER.findall(spelling) if number in self.numbers}
            found |= {str(each) for each in _ids_in(spelling) if each in self.ids}
        if not found:
            return found
        forgiven = " ".join(sent)
        return found - {*_CANARY.findall(forgiven), *_NUMBER.findall(forgiven), *map(str, _ids_in(forgiven))}


def _ids_in(text: str) -> set[UUID]:
    return {UUID(found) for found in _UUID.findall(text)} | {
        ids.decode("any", f"any_{found}") for found in _PUBLIC.findall(text)
    }


def _spellings(text: str) -> Iterable[str]:
    yield text
    for found in _ENCODED.findall(text):
        try:
            decoded = base64.urlsafe_b64decode(found + "=" * (-len(found) % 4)).decode("latin-1")
        except (binascii.Error, ValueError):
            continue
        yield decoded
    for found in _HEX.findall(text):
        yield bytes.fromhex(found).decode("latin-1")
