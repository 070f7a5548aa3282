"""Several dispatchers at once: together they keep to the limits of one."""

from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.db import connections, transaction
from django.utils import timezone

from tenants import jobs
from tenants.models import Tenant
from tenants.services import jobs as services
from tenants.statements import jobs as statements
from tests.factories import scope_of

_WAITING = """
    SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
    WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted
"""


def waits_for_a_lock() -> bool:
    with connections["owner"].cursor() as cursor:
        cursor.execute(_WAITING)
        return bool(cursor.fetchone()[0])


def ended_or_waiting(dispatching: "Future[int]") -> None:
    """Until the other dispatcher has claimed what it could, or stands before the lock."""
    while not dispatching.done() and not waits_for_a_lock():
        wait([dispatching], timeout=0.01)


def dispatch_one() -> int:
    try:
        return services.dispatch(at_most=1, per_tenant=1)
    finally:
        connections.close_all()


def defer_one(tenant: Tenant, *, run_after: datetime) -> None:
    with scope_of(tenant):
        jobs.defer("tests.leave_trace", args={"text": "1"}, run_after=run_after)


def test_a_claim_that_is_not_committed_yet_counts_for_the_next_dispatcher(
    acme: Tenant, globex: Tenant
) -> None:
    defer_one(acme, run_after=timezone.now())
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic(using=statements.PLATFORM):
            statements.exclude_other_dispatchers()
            assert statements.claim(at_most=1, per_tenant=1) == 1
            # What comes first by now is another job than the one that is claimed.
            defer_one(globex, run_after=timezone.now() - timedelta(hours=1))
            other = pool.submit(dispatch_one)
            ended_or_waiting(other)
        assert other.result() == 0, "one job is in hand, and no more were asked for"
