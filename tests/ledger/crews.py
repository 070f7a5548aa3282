"""Clients of the ledger in processes: each with a connection of its own, or as the product serves them."""

import gc
import multiprocessing
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, cast

from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from tests.ledger.clients import WARM, Figures, Office, total, work

_fork = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Serving:
    """How clients reach the database.

    As many processes as `processes`, the clients threads of them that take turns with `pool` connections
    a process; without a pool each client is a process with a connection of its own.
    """

    name: str
    processes: int | None = None
    pool: int | None = None

    def divide(self, clients: int) -> list[int]:
        """How many clients each process has."""
        processes = min(clients, self.processes or clients)
        share, rest = divmod(clients, processes)
        return [share + (number < rest) for number in range(processes)]


class Crew(AbstractContextManager["Crew"]):
    """So many clients at work; leave the block when `figures` has been asked for.

    They begin together once each has done `warm` postings that do not count. Together they do `operations`
    of them, or each works for `seconds`.
    """

    def __init__(
        self,
        office: Office,
        clients: int,
        serving: Serving,
        *,
        seed: int,
        operations: int | None = None,
        seconds: float | None = None,
        warm: int = WARM,
    ) -> None:
        connections.close_all()
        # What is frozen is not touched by the children's collectors, so its pages are not copied.
        gc.collect()
        gc.freeze()
        parts = serving.divide(clients)
        self._answers = _fork.SimpleQueue()
        start = _fork.Barrier(len(parts))
        share, rest = divmod(operations or 0, clients)
        numbers = iter(range(clients))
        self._processes = [
            _fork.Process(
                target=_be_process,
                args=(
                    office,
                    [
                        (seed * 100 + number, None if operations is None else share + (number < rest))
                        for number in (next(numbers) for _ in range(size))
                    ],
                    seconds,
                    warm,
                    serving.pool,
                    start,
                    self._answers,
                ),
            )
            for size in parts
        ]

    def __enter__(self) -> Self:
        for process in self._processes:
            process.start()
        return self

    def figures(self) -> Figures:
        """What all did, once all are done."""
        return total([one for _ in self._processes for one in self._answers.get()])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            if kind is not None:
                process.terminate()
            process.join()


def _be_process(
    office: Office,
    clients: Sequence[tuple[int, int | None]],
    seconds: float | None,
    warm: int,
    pool: int | None,
    start: Any,
    answers: Any,
) -> None:
    if pool is not None:
        settings = connections["default"].settings_dict
        settings["OPTIONS"]["pool"] = {"min_size": pool, "max_size": pool, "timeout": 60}
        settings["CONN_MAX_AGE"] = 0
    begin = threading.Barrier(len(clients), action=start.wait)

    def be_client(client: tuple[int, int | None]) -> Figures:
        seed, operations = client
        return work(office, seed, operations, seconds=seconds, warm=warm, begin=begin.wait)

    with ThreadPoolExecutor(len(clients)) as threads:
        answers.put(list(threads.map(be_client, clients)))
    cast(DatabaseWrapper, connections["default"]).close_pool()
