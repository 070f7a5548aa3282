"""Threads that start together, each with its own database connections."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from types import TracebackType
from typing import Self, TypeVar

from django.db import connections

T = TypeVar("T")


class Crew:
    """`size` threads that do one thing at the same moment, again and again."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._barrier = Barrier(size, timeout=60)
        self._pool = ThreadPoolExecutor(max_workers=size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Each thread can close only its own connections.
        self.all_do(lambda _: connections.close_all())
        self._pool.shutdown()

    def all_do(self, work: Callable[[int], T]) -> list[T]:
        """`work(number)` on every thread, started together; the results in the order of the numbers."""

        def wait_and_work(number: int) -> T:
            self._barrier.wait()
            return work(number)

        return list(self._pool.map(wait_and_work, range(self.size)))
