"""Whose job comes next, and who may know."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from threading import Event
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.utils import ProgrammingError

from tenants import jobs
from tenants.models import Job, Tenant
from tenants.services import jobs as services
from tenants.statements import jobs as statements
from tests.factories import make_tenant, scope_of
from tests.tenants.jobs.conftest import handed_over


def flood(tenant: Tenant, count: int) -> None:
    with scope_of(tenant):
        jobs.defer_many("tests.leave_trace", each=[{"text": str(number)} for number in range(count)])


def test_a_flood_of_one_tenant_does_not_hold_up_anothers_only_job(acme: Tenant, globex: Tenant) -> None:
    flood(acme, 2_000)
    flood(globex, 1)
    assert services.dispatch(at_most=50, per_tenant=50) == 50
    assert globex.id in [task.tenant for task in handed_over()[:2]]
    assert Counter(task.tenant for task in handed_over()) == {acme.id: 49, globex.id: 1}


def test_tenants_take_turns(acme: Tenant, globex: Tenant) -> None:
    third = make_tenant("initech")
    for tenant in (acme, globex, third):
        flood(tenant, 20)
    services.dispatch(at_most=30, per_tenant=50)
    order = [task.tenant for task in handed_over()]
    assert all(len({*order[turn : turn + 3]}) == 3 for turn in range(0, 30, 3))


def test_what_a_tenant_has_in_hand_counts_against_it(acme: Tenant, globex: Tenant) -> None:
    flood(acme, 100)
    services.dispatch(at_most=50, per_tenant=20)
    flood(globex, 100)
    assert services.dispatch(at_most=50, per_tenant=20) == 20
    assert services.dispatch(at_most=50, per_tenant=20) == 0
    assert services.dispatch(at_most=50, per_tenant=50) == 10
    assert Counter(task.tenant for task in handed_over()) == {acme.id: 25, globex.id: 25}


def test_a_dispatcher_counts_what_another_is_just_handing_over(acme: Tenant, globex: Tenant) -> None:
    flood(acme, 20)
    has_claimed, may_commit = Event(), Event()

    def hold() -> int:
        try:
            with transaction.atomic(using="platform"):
                claimed = services.dispatch(at_most=5, per_tenant=5)
                has_claimed.set()
                may_commit.wait(10)
                return claimed
        finally:
            connections["platform"].close()

    def follow() -> int:
        try:
            return services.dispatch(at_most=5, per_tenant=5)
        finally:
            connections["platform"].close()

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(hold)
        assert has_claimed.wait(10)
        flood(globex, 20)
        second = threads.submit(follow)
        # Either it waits for the first one's lock, or it goes ahead and is done: both are seen here.
        wait([second], timeout=1)
        may_commit.set()
        assert (first.result(), second.result()) == (5, 0)
    assert len(handed_over()) == 5


def test_a_tenants_jobs_start_in_the_order_in_which_they_were_asked_for(acme: Tenant) -> None:
    flood(acme, 30)
    services.dispatch(at_most=50, per_tenant=50)
    with scope_of(acme):
        asked = list(Job.objects.order_by("id").values_list("id", flat=True))
    assert [task.job for task in handed_over()] == asked


def test_a_claim_reads_no_more_rows_however_many_of_one_tenant_wait(acme: Tenant, globex: Tenant) -> None:
    flood(acme, 10_000)
    flood(globex, 1)
    with connections["owner"].cursor() as cursor:
        cursor.execute("analyze tenants_job")
    explain = "explain (analyze, format json, costs off) " + statements._CLAIM
    with transaction.atomic(using="platform"), connections["platform"].cursor() as cursor:
        statements.exclude_other_dispatchers()
        cursor.execute(explain, {"at_most": 50, "per_tenant": 50})
        plan = cursor.fetchone()[0][0]["Plan"]
    rows = [node["Actual Rows"] + node.get("Rows Removed by Filter", 0) for node in nodes(plan)]
    assert max(rows) < 200


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A node of a query plan and all below it."""
    yield plan
    for inner in plan.get("Plans", []):
        yield from nodes(inner)


def test_the_next_look_is_when_something_is_due(acme: Tenant) -> None:
    assert statements.seconds_until_due() is None
    flood(acme, 1)
    due = statements.seconds_until_due()
    assert due is not None
    assert due < 0


def test_the_app_role_cannot_reach_the_engines_tables(acme: Tenant) -> None:
    with (
        scope_of(acme),
        pytest.raises(ProgrammingError, match="permission denied"),
        connection.cursor() as cursor,
    ):
        cursor.execute("select * from procrastinate_jobs")
