"""Real worker processes: quick when all is well, exact when they are killed (invariant 12, short form)."""

import time

import pytest
from django.db import connections

from config import processes
from tenants import jobs
from tenants.models import Job, JobState, Tenant
from tests.factories import scope_of
from tests.faults import jobs as faults
from tests.faults.fleet import Fleet


@pytest.mark.slow
def test_nothing_is_lost_or_done_twice_when_workers_are_killed() -> None:
    figures = faults.run(7, tenants=3, each=100, workers=2, kills=4, limit=90.0)
    assert (figures["kills"], figures["retried"] > 0) == (4, True), figures
    assert {figures[name] for name in ("lost", "double", "phantom", "unfinished")} == {0}, figures


@pytest.mark.slow
def test_a_worker_starts_a_job_within_milliseconds_and_ends_when_asked(acme: Tenant) -> None:
    with Fleet(1) as fleet:
        _finish_one(acme, "warm up")
        waits = sorted(_finish_one(acme, f"job {number}") for number in range(10))
        assert waits[5] < 0.5
        (process,) = fleet.processes
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.slow
def test_a_worker_that_loses_its_database_ends_with_an_error_and_its_successor_goes_on(acme: Tenant) -> None:
    with Fleet(1) as fleet:
        _finish_one(acme, "before")
        with connections["platform"].cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = current_user"
                " and datname = current_database() and pid <> pg_backend_pid()"
            )
        assert fleet.processes[0].wait(20) == 1
        with scope_of(acme):
            jobs.defer("tests.leave_trace", args={"text": "meanwhile"})
    with Fleet(1):
        _finish_one(acme, "after")
        with scope_of(acme):
            done = Job.objects.filter(state=JobState.SUCCEEDED, args__text="meanwhile")
            assert processes.wait_until(done.exists, 30)


def _finish_one(tenant: Tenant, text: str) -> float:
    """Ask for a job and wait for its success; returns the seconds from its commit to its start."""
    with scope_of(tenant):
        job = jobs.defer("tests.leave_trace", args={"text": text})
        asked = time.time()
        done = Job.objects.filter(id=job.id, state=JobState.SUCCEEDED)
        assert processes.wait_until(done.exists, 30)
        started: float = Job.objects.get(id=job.id).claimed_at.timestamp()
    return started - asked
