"""Where a leak may end up beside the answer: log lines, Redis and files."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django_redis import get_redis_connection

from tests.isolation.seeds import Side

Seen = Callable[[str], set[str]]


class LogWatch(logging.Handler):
    """Keeps every record whole: message, arguments, extra fields and traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        extra = {name: value for name, value in vars(record).items() if name not in _USUAL}
        self.lines.append(f"{self.format(record)} {extra}")

    def take(self) -> str:
        """What was logged since the last call."""
        lines, self.lines = self.lines, []
        return "\n".join(lines)


_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"request", "message", "exc_text"}


@contextmanager
def watching_logs() -> Iterator[LogWatch]:
    """Hear every logger at every level, in place of whoever listens otherwise."""
    watch, root = LogWatch(), logging.getLogger()
    level, others = root.level, [(handler, handler.level) for handler in root.handlers]
    for handler, _ in others:
        # Thousands of refusals are what a sweep consists of: nobody reads them on a terminal.
        handler.setLevel(logging.CRITICAL)
    root.addHandler(watch)
    root.setLevel(logging.DEBUG)
    try:
        yield watch
    finally:
        root.removeHandler(watch)
        root.setLevel(level)
        for handler, before in others:
            handler.setLevel(before)


def leaks_in_redis(other: Side, seen: Seen) -> Iterator[str]:
    """Keys that hold something of the other tenant without bearing its name."""
    client = get_redis_connection("default")
    for key in client.scan_iter(count=1000):
        name = key.decode("latin-1")
        if str(other.tenant.id) not in name and (found := seen(f"{name} {_value_of(client, key)}")):
            yield f"redis {name}: {sorted(found)[:3]}"


def _value_of(client: Any, key: bytes) -> str:
    readers = {
        b"string": lambda: client.get(key),
        b"hash": lambda: client.hgetall(key),
        b"list": lambda: client.lrange(key, 0, -1),
        b"set": lambda: client.smembers(key),
        b"zset": lambda: client.zrange(key, 0, -1, withscores=True),
    }
    value = readers[client.type(key)]() if client.type(key) in readers else b""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def leaks_in_files(other: Side, seen: Seen) -> Iterator[str]:
    """Files outside of the other tenant's folder that hold something of it."""
    for directory, _, names in os.walk(Path(settings.DATA_DIR)):
        if other.tenant.id.hex in directory:
            continue
        for name in names:
            path = Path(directory) / name
            if found := seen(f"{name} {path.read_bytes().decode('latin-1')}"):
                yield f"file {path.name}: {sorted(found)[:3]}"
