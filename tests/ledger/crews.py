"""Clients of the ledger in processes, each with a connection of its own."""

import gc
import multiprocessing
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

from django.db import connections

from tests.ledger.clients import WARM, Figures, Office, total, work

_fork = multiprocessing.get_context("fork")


class Crew(AbstractContextManager["Crew"]):
    """So many clients at work; leave the block when `figures` has been asked for.

    They begin together once each has done `warm` postings that do not count. Together they do `operations`
    of them, or each works for `seconds`.
    """

    def __init__(
        self,
        office: Office,
        clients: int,
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
        self._answers = _fork.SimpleQueue()
        start = _fork.Barrier(clients)
        share, rest = divmod(operations or 0, clients)
        self._processes = [
            _fork.Process(
                target=_be_process,
                args=(office, seed * 100 + number),
                kwargs={
                    "operations": None if operations is None else share + (number < rest),
                    "seconds": seconds,
                    "warm": warm,
                    "start": start,
                    "answers": self._answers,
                },
            )
            for number in range(clients)
        ]

    def __enter__(self) -> Self:
        for process in self._processes:
            process.start()
        return self

    def figures(self) -> Figures:
        """What all did, once all are done."""
        return total([self._answers.get() for _ in self._processes])

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            if kind is not None:
                process.terminate()
            process.join()


def _be_process(
    office: Office,
    seed: int,
    *,
    operations: int | None,
    seconds: float | None,
    warm: int,
    start: Any,
    answers: Any,
) -> None:
    answers.put(work(office, seed, operations, seconds=seconds, warm=warm, begin=start.wait))
