"""Connections that are lost, shared, pooled or left to another thread never carry somebody else's scope."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any, cast

import pytest
from asgiref.sync import sync_to_async
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper

from invoicing.models import Customer
from tenants import scope
from tenants.models import Tenant
from tests.factories import scope_of
from tests.factories.invoicing import make_customer
from tests.tenants.scope.observing import raw, settings_of


def end_session() -> None:
    """End this connection's server session from another connection of the same role."""
    pid = raw().info.backend_pid
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def in_a_thread(work: Callable[[], Any]) -> Any:
    """Run in a new thread, which closes the connections it opened."""

    def whole() -> Any:
        try:
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(whole).result()


def count_of_customers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM invoicing_customer")
        count: int = cursor.fetchone()[0]
    return count


def test_a_lost_connection_is_an_operational_error_and_is_opened_anew(acme: Tenant) -> None:
    with scope_of(acme):
        make_customer()
        end_session()
        with pytest.raises(OperationalError):
            count_of_customers()
        connection.close_if_unusable_or_obsolete()
        assert count_of_customers() == 1
    assert settings_of().tenant_id == ""


def test_a_connection_lost_before_the_scope_is_answered_as_lost(acme: Tenant) -> None:
    count_of_customers()
    end_session()
    with scope_of(acme), pytest.raises(OperationalError):
        count_of_customers()
    connection.close_if_unusable_or_obsolete()
    with scope_of(acme):
        assert count_of_customers() == 0


def test_a_connection_lost_in_a_transaction_ends_the_scope_in_order(acme: Tenant) -> None:
    with pytest.raises(OperationalError), scope_of(acme), transaction.atomic():
        make_customer()
        end_session()
        make_customer()
    assert scope.current_or_none() is None
    connection.close_if_unusable_or_obsolete()
    assert count_of_customers() == 0
    with scope_of(acme):
        assert count_of_customers() == 0, "what was not committed is gone"


def test_a_scope_ends_in_order_although_its_connection_was_lost_meanwhile(acme: Tenant) -> None:
    with scope_of(acme):
        count_of_customers()
        end_session()
    assert scope.current_or_none() is None
    connection.close_if_unusable_or_obsolete()
    assert settings_of().tenant_id == ""


def test_another_thread_has_no_scope(acme: Tenant) -> None:
    with scope_of(acme):
        make_customer()
        assert in_a_thread(scope.current_or_none) is None
        assert in_a_thread(count_of_customers) == 0
        with pytest.raises(scope.NoScope):
            in_a_thread(lambda: Customer.objects.count())


def test_threads_in_turn_on_one_connection_each_see_their_own_tenant(acme: Tenant, globex: Tenant) -> None:
    with scope_of(globex):
        make_customer()
    barrier = threading.Barrier(2)

    def work(tenant: Tenant) -> list[int]:
        seen = []
        for _ in range(50):
            barrier.wait(10)
            with scope_of(tenant):
                seen.append(count_of_customers())
        connections.close_all()
        return seen

    with ThreadPoolExecutor(2) as pool:
        ours, theirs = pool.map(work, (acme, globex))
    assert set(ours) == {0}
    assert set(theirs) == {1}


def test_tasks_of_one_event_loop_do_not_see_each_others_scope(acme: Tenant, globex: Tenant) -> None:
    for tenant, count in ((acme, 1), (globex, 2)):
        with scope_of(tenant):
            for _ in range(count):
                make_customer()

    async def work(tenant: Tenant) -> list[int]:
        seen = []
        with scope_of(tenant):
            for _ in range(20):
                # All of them share the one thread that Django gives to synchronous code.
                seen.append(await sync_to_async(count_of_customers)())
                await asyncio.sleep(0)
        return seen

    async def both() -> tuple[list[int], list[int], Any]:
        ours, theirs = await asyncio.gather(work(acme), work(globex))
        return ours, theirs, await sync_to_async(count_of_customers)()

    ours, theirs, outside = asyncio.run(both())
    assert (set(ours), set(theirs), outside) == ({1}, {2}, 0)


def test_a_task_that_outlives_its_parents_scope_stays_in_it_and_nobody_elses(
    acme: Tenant, globex: Tenant
) -> None:
    async def late() -> Any:
        await asyncio.sleep(0)
        current = scope.current_or_none()
        return None if current is None else current.tenant_id

    async def parent() -> tuple[Any, Any]:
        with scope_of(acme):
            child = asyncio.create_task(late())
        with scope_of(globex):
            return await child, scope.require_tenant_id()

    assert asyncio.run(parent()) == (acme.id, globex.id)


def test_rows_read_lazily_stay_those_of_the_scope_they_were_asked_in(acme: Tenant, globex: Tenant) -> None:
    for tenant in (acme, globex):
        with scope_of(tenant):
            for number in range(5):
                make_customer(name=f"{tenant.slug} {number}")
    with scope_of(acme):
        rows = Customer.objects.order_by("name").iterator(chunk_size=1)
        first = next(rows).name
        with scope_of(globex):
            rest = [row.name for row in rows]
    assert [first, *rest] == [f"{acme.slug} {number}" for number in range(5)]


@pytest.fixture
def pooled() -> Iterator[Any]:
    """`default` on a pool of two connections."""
    connection.close()
    options = connections.settings["default"]
    before = {**options, "OPTIONS": dict(options["OPTIONS"])}
    options["OPTIONS"]["pool"] = {"min_size": 2, "max_size": 2, "timeout": 10}
    options["CONN_MAX_AGE"] = 0
    yield connection
    connection.close()
    cast(DatabaseWrapper, connections["default"]).close_pool()
    options.clear()
    options.update(before)


def test_the_next_borrower_of_a_pooled_connection_finds_nothing_left(
    pooled: Any, acme: Tenant, globex: Tenant
) -> None:
    with scope_of(acme):
        make_customer()
    for _ in range(4):
        with scope_of(acme):
            assert count_of_customers() == 1
        pooled.close()
        assert settings_of(pooled).tenant_id == ""
        pooled.close()
        with scope_of(globex):
            assert count_of_customers() == 0
        pooled.close()


def test_a_connection_given_back_in_the_middle_of_a_scope_is_cleared_when_handed_out(
    pooled: Any, acme: Tenant
) -> None:
    with scope_of(acme):
        make_customer()
        for _ in range(2):
            count_of_customers()
            pooled.close()
    for _ in range(4):
        assert count_of_customers() == 0
        assert settings_of(pooled).tenant_id == ""
        pooled.close()


def test_a_failed_transaction_leaves_nothing_on_a_pooled_connection(pooled: Any, acme: Tenant) -> None:
    for _ in range(2):
        with pytest.raises(DatabaseError), transaction.atomic(), scope_of(acme):
            make_customer()
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1 / 0")
        pooled.close()
    for _ in range(4):
        assert count_of_customers() == 0
        pooled.close()


def test_every_alias_follows_the_scope(acme: Tenant) -> None:
    for alias in ("default", "platform", "audit"):
        with scope_of(acme):
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT 1")
            assert settings_of(connections[alias]).tenant_id == str(acme.id)
        assert settings_of(connections[alias]).tenant_id == ""
