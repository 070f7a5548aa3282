"""What goes over the wire to PostgreSQL: statements, round trips and bytes, as libpq itself counts them."""

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from django.db import connections
from psycopg.pq import Trace

_LINE = re.compile(r"^([FB])\t(\d+)\t(\w+)(?:\t (.*))?$")


@dataclass(frozen=True, slots=True)
class Traffic:
    """`writes` are statements that changed rows; outside of a transaction each is a commit."""

    statements: int
    writes: int
    round_trips: int
    bytes_sent: int
    bytes_received: int

    def __str__(self) -> str:
        return (
            f"{self.statements} statements ({self.writes} writing), {self.round_trips} round trips,"
            f" {self.bytes_sent + self.bytes_received} bytes"
        )


def traffic(work: Callable[[], object], *, alias: str = "default") -> Traffic:
    """What `work` sends through Django's connection, the scope's own statements included.

    It is done a few times before: the first ones also verify a token and prepare statements.
    """
    for _ in range(4):
        work()
    connections[alias].ensure_connection()
    raw = cast("psycopg.Connection[Any]", connections[alias].connection)
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as file:
        raw.pgconn.trace(file.fileno())
        raw.pgconn.set_trace_flags(Trace.SUPPRESS_TIMESTAMPS)
        try:
            work()
        finally:
            raw.pgconn.untrace()
        file.seek(0)
        return _counted(file.read())


def _counted(trace: str) -> Traffic:
    found = [match.groups() for line in trace.splitlines() if (match := _LINE.match(line))]
    kinds = [(side, kind) for side, _, kind, _ in found]
    tags = [detail or "" for side, _, kind, detail in found if (side, kind) == ("B", "CommandComplete")]
    return Traffic(
        statements=kinds.count(("F", "Execute")) + kinds.count(("F", "Query")),
        writes=sum(tag.startswith(('"INSERT', '"UPDATE', '"DELETE', '"MERGE')) for tag in tags),
        round_trips=kinds.count(("F", "Sync")) + kinds.count(("F", "Query")),
        bytes_sent=sum(int(size) for side, size, _, _ in found if side == "F"),
        bytes_received=sum(int(size) for side, size, _, _ in found if side == "B"),
    )
