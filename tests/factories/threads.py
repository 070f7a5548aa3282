"""Threads that start together or wait for each other, each with its own database connections."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Event
from types import TracebackType
from typing import Self, TypeVar

from django.db import connection, connections, transaction

from tenants.models import Tenant
from tests.factories.tenancy import scope_of

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


@contextmanager
def impatient() -> Iterator[None]:
    """A transaction that waits a tenth of a second for a lock."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '100ms'")
        yield


@contextmanager
def hurried() -> Iterator[None]:
    """A transaction whose statements have two tenths of a second."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '200ms'")
        yield


@contextmanager
def meanwhile(tenant: Tenant, hold: Callable[[], object]) -> Iterator[None]:
    """Somebody else's transaction is open, behind what `hold` did in it, while the block runs."""
    held, done = Event(), Event()

    def work() -> None:
        try:
            with scope_of(tenant), transaction.atomic():
                hold()
                held.set()
                done.wait(30)
        finally:
            held.set()
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        holder = pool.submit(work)
        held.wait(30)
        try:
            yield
        finally:
            done.set()
        holder.result()
