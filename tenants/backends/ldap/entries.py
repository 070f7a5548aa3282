"""Entries as they came from a directory, with values by name in any case."""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

_EPOCH_OF_WINDOWS: Final = datetime(1601, 1, 1, tzinfo=UTC)
_NEVER: Final = frozenset({0, 0x7FFF_FFFF_FFFF_FFFF})


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its DN as the server writes it, and the values that were asked for."""

    dn: str
    values: Mapping[str, list[bytes]]

    @classmethod
    def of(cls, dn: str, values: Mapping[str, Iterable[bytes]]) -> "Entry":
        """`values` by names in any case, options such as ";lang-en" dropped."""
        found: dict[str, list[bytes]] = {}
        for name, some in values.items():
            found.setdefault(name.partition(";")[0].lower(), []).extend(some)
        return cls(dn, found)

    def octets(self, name: str) -> bytes | None:
        """The first value, None if there is none (or it may not be read)."""
        some = self.values.get(name.lower())
        return some[0] if some else None

    def text(self, name: str) -> str:
        """The first value as text in NFC, '' if there is none or it is no UTF-8."""
        return next(iter(self.texts(name)), "")

    def texts(self, name: str) -> list[str]:
        """All values as texts in NFC, those left out that are no UTF-8."""
        found = []
        for value in self.values.get(name.lower(), ()):
            try:
                found.append(unicodedata.normalize("NFC", value.decode()))
            except UnicodeDecodeError:
                continue
        return found

    def number(self, name: str) -> int | None:
        """The first value as an integer, None if there is none or it is not one."""
        text = self.text(name)
        digits = text.removeprefix("-")
        return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 20 else None

    def flag(self, name: str) -> bool:
        """Whether the first value says yes (TRUE, or 1 as Oracle writes it)."""
        return self.text(name).upper() in ("TRUE", "1")

    def time(self, name: str) -> datetime | None:
        """A generalized time in UTC (RFC 4517, 3.3.13), fractions dropped."""
        text = self.text(name).upper()
        if not text.endswith("Z"):
            return None
        digits = text[:-1].partition(".")[0].partition(",")[0]
        form = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M"}.get(len(digits))
        if form is None or not (digits.isascii() and digits.isdigit()):
            return None
        try:
            return datetime.strptime(digits, form).replace(tzinfo=UTC)
        except ValueError:
            return None

    def filetime(self, name: str) -> datetime | None:
        """A time in 100 ns since 1601 as Windows counts; None where it means never, or is beyond 9999."""
        ticks = self.number(name)
        if ticks is None or ticks in _NEVER or ticks < 0:
            return None
        try:
            return _EPOCH_OF_WINDOWS + timedelta(microseconds=ticks // 10)
        except OverflowError:
            return None

    def windows_uuid(self, name: str) -> UUID | None:
        """Sixteen bytes in the order of Windows, whose first three parts are little-endian."""
        value = self.octets(name)
        return UUID(bytes_le=value) if value is not None and len(value) == 16 else None
