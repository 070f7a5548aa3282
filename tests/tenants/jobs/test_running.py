"""How a job ends, and what that leaves."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connections

from tenants import jobs
from tenants.errors import NotFound
from tenants.models import Job, JobState, OutgoingMail, Tenant
from tenants.services import jobs as services
from tests.factories import scope_of
from tests.faults.handlers import traces_of
from tests.tenants.jobs.conftest import handed_over, take

Work = Callable[[], int]


def stored(tenant: Tenant, job: Job) -> Job:
    with scope_of(tenant):
        found: Job = Job.objects.get(id=job.id)
    return found


def test_the_handler_runs_in_the_jobs_tenant_as_the_one_who_asked(
    acme: Tenant, globex: Tenant, work: Work
) -> None:
    with scope_of(acme) as current:
        job = jobs.defer("tests.leave_trace", args={"text": "hello"})
    assert work() == 1
    with scope_of(acme):
        assert OutgoingMail.objects.get(subject="hello").text_body == current.actor.label
    with scope_of(globex):
        assert traces_of("hello") == 0
    done = stored(acme, job)
    assert (done.state, done.result, done.error) == (JobState.SUCCEEDED, {"attempt": 1}, None)
    assert done.finished_at is not None


def test_a_broken_attempt_leaves_nothing_and_is_made_again(acme: Tenant, work: Work) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.fail_until", args={"attempt": 3})
    assert [work(), work(), work(), work()] == [1, 1, 1, 0]
    with scope_of(acme):
        assert [traces_of(f"attempt {attempt}") for attempt in (1, 2, 3)] == [0, 0, 1]
    assert stored(acme, job).state == JobState.SUCCEEDED


def test_a_job_that_always_breaks_becomes_a_dead_letter_that_tells_nothing_of_the_inside(
    acme: Tenant, work: Work
) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.fail_until", args={"attempt": 99})
    while work():
        pass
    dead = stored(acme, job)
    assert (dead.state, dead.attempts) == (JobState.FAILED, 5)
    assert dead.error is not None
    assert dead.error["code"] == "internal-error"
    assert "secrets" not in str(dead.error)


def test_a_refusal_is_final_and_says_why(acme: Tenant, work: Work) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.refuse", args={})
    work()
    dead = stored(acme, job)
    assert (dead.state, dead.attempts) == (JobState.FAILED, 1)
    assert dead.error == {"code": "not-today", "detail": "This can never work."}


def test_what_may_pass_is_tried_again_later(acme: Tenant, work: Work) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.wait", args={})
    assert [work(), work()] == [1, 0]
    waiting = stored(acme, job)
    assert waiting.state == JobState.WAITING
    assert waiting.run_after > waiting.created_at + timedelta(minutes=29)


def test_a_dead_letter_can_be_replayed(acme: Tenant, globex: Tenant, work: Work) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.fail_until", args={"attempt": 7})
    while work():
        pass
    with scope_of(globex), pytest.raises(NotFound):
        services.replay(job_id=job.id)
    assert stored(acme, job).state == JobState.FAILED
    with scope_of(acme):
        services.replay(job_id=job.id)
    while work():
        pass
    assert (stored(acme, job).state, stored(acme, job).attempts) == (JobState.SUCCEEDED, 7)
    with scope_of(acme), pytest.raises(services.NotADeadLetter):
        services.replay(job_id=job.id)


def test_progress_shows_at_once_and_stays_though_the_attempt_is_undone(acme: Tenant, work: Work) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.progress", args={"total": 10})
    work()
    shown = stored(acme, job)
    assert (shown.progress_current, shown.progress_total) == (9, 10)


def test_a_handler_without_a_transaction_keeps_its_effect_and_recognises_it(acme: Tenant, work: Work) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.outside", args={"text": "paid"})
    assert [work(), work()] == [1, 1]
    with scope_of(acme):
        assert traces_of("paid") == 1
    assert stored(acme, job).result == {"done": "paid"}


def test_a_worker_that_lost_its_job_meanwhile_has_no_effect(acme: Tenant) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.leave_trace", args={"text": "once"})
    (stale,) = take()
    assert job.id in services.reclaim(dead_after=timedelta(seconds=30))
    (fresh,) = take()
    services.run(task=stale)
    with scope_of(acme):
        assert traces_of("once") == 0
    services.run(task=fresh)
    services.run(task=fresh)
    services.run(task=stale)
    with scope_of(acme):
        assert traces_of("once") == 1
    assert stored(acme, job).result == {"attempt": 2}


def test_what_a_worker_did_after_it_lost_the_job_is_undone(acme: Tenant, work: Work) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.lose_itself", args={"text": "once"})
    work()
    with scope_of(acme):
        assert traces_of("once") == 0
    assert (stored(acme, job).state, stored(acme, job).attempts) == (JobState.RUNNING, 2)
    (fresh,) = handed_over()
    services.run(task=fresh)
    with scope_of(acme):
        assert traces_of("once") == 1
    assert stored(acme, job).state == JobState.SUCCEEDED


def test_progress_of_a_lost_job_is_not_shown(acme: Tenant, work: Work) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.report_late", args={})
    work()
    kept = stored(acme, job)
    assert (kept.state, kept.progress_total) == (JobState.WAITING, 0)


def test_only_a_worker_without_a_heartbeat_loses_its_jobs(acme: Tenant) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.leave_trace", args={"text": "slow"})
    services.dispatch(at_most=10, per_tenant=10)
    half_a_minute = timedelta(seconds=30)
    assert services.reclaim(dead_after=half_a_minute) == []
    with connections["platform"].cursor() as cursor:
        cursor.execute("insert into procrastinate_workers default values returning id")
        (worker,) = cursor.fetchone()
        cursor.execute("update procrastinate_jobs set status = 'doing', worker_id = %s", [worker])
        assert services.reclaim(dead_after=half_a_minute) == []
        cursor.execute(
            "update procrastinate_workers set last_heartbeat = now() - interval '31 s' where id = %s",
            [worker],
        )
        assert services.reclaim(dead_after=half_a_minute) == [job.id]
        cursor.execute("select count(*) from procrastinate_jobs")
        assert cursor.fetchone() == (0,)


def test_a_job_that_kills_its_workers_ends_as_a_dead_letter(acme: Tenant) -> None:
    with scope_of(acme):
        job = jobs.defer("tests.fail_until", args={"attempt": 1})
    for _ in range(5):
        assert len(take()) == 1
        services.reclaim(dead_after=timedelta(seconds=30))
    assert take() == []
    assert stored(acme, job).error == services.LOST
