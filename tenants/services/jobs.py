"""What happens to a job after it was asked for: claimed, run, retried, taken back, replayed.

The row is kept by the role `platform`; the handler and the success of the job by `app` in the job's scope.
"""

import logging
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tenants import jobs, scope
from tenants.actors import Actor
from tenants.errors import DomainError, Kind, NotFound
from tenants.models import Job, JobState
from tenants.selectors.members import held_to
from tenants.statements import jobs as statements
from tenants.statements.jobs import PLATFORM, Task

logger = logging.getLogger(__name__)

# What may pass by itself; any other refusal would be the same at the next attempt.
PASSING = frozenset({Kind.UNAVAILABLE, Kind.THROTTLED, Kind.CONFLICT})
INTERNAL = {"code": "internal-error", "detail": "The job failed on our side; the reason has been recorded."}
LOST = {"code": "worker-lost", "detail": "The worker died each time it ran this job."}
UNKNOWN_RETRY = timedelta(minutes=1)
KEEP_SUCCEEDED = timedelta(days=30)
PURGE_BATCH = 10_000


class NotADeadLetter(DomainError):
    """Only a failed job can be run again."""

    kind, code = Kind.CONFLICT, "job-not-failed"


@transaction.atomic(using=PLATFORM)
def dispatch(*, at_most: int, per_tenant: int) -> int:
    """Hand due jobs to the job engine, evenly by tenant; returns how many.

    `at_most` jobs of all tenants and `per_tenant` of each are in hand at a time, however many processes
    dispatch.
    """
    statements.exclude_other_dispatchers()
    return statements.claim(at_most=at_most, per_tenant=per_tenant)


def reclaim(*, dead_after: timedelta) -> list[UUID]:
    """Take back the jobs of workers without a heartbeat for so long; returns their ids."""
    taken = statements.reclaim(dead_after=dead_after, error=LOST)
    if taken:
        logger.warning("took back %d jobs of dead workers", len(taken))
    return taken


def run(*, task: Task) -> None:
    """Run a job that was handed to this worker, and record how it ended. Raises nothing of the handler's.

    A task that no longer holds its job does nothing.
    """
    unit = scope.Scope(task.tenant, Actor.from_label(task.actor), task.request)
    handler: jobs.Handler | None = None
    try:
        with scope.enter(unit):
            work = statements.read(task)
            if work is None:
                logger.info("job %s is no longer ours", task.job)
                return
            scope.become(replace(unit, actor=replace(unit.actor, legal_entities=held_to(unit.actor))))
            handler = jobs.handler_of(work.name)
            if handler.transactional:
                _run_whole(task=task, handler=handler, work=work)
            else:
                _succeed(task=task, result=handler.call(jobs.JobContext(task, work.name), **work.args))
    except jobs.JobTakenBack:
        logger.warning("job %s was taken back while it ran; its effect is undone", task.job)
    except DomainError as error:
        logger.info("job %s was refused: %s", task.job, error.code)
        retry_in = _retry_delay(handler, task) if error.kind in PASSING else None
        if retry_in is not None and error.retry_after is not None:
            retry_in = max(retry_in, timedelta(seconds=error.retry_after))
        statements.fail(task, error={"code": error.code, "detail": error.detail}, retry_in=retry_in)
    except Exception:
        logger.exception("job %s failed", task.job)
        statements.fail(task, error=INTERNAL, retry_in=_retry_delay(handler, task))


@transaction.atomic
def replay(*, job_id: UUID) -> Job:
    """Give a dead letter of the current tenant as many attempts again. Raises NotFound, NotADeadLetter.

    The number of attempts goes on counting, because it fences workers.
    """
    job: Job | None = Job.objects.select_for_update(no_key=True).filter(id=job_id).first()
    if job is None:
        raise NotFound
    if job.state != JobState.FAILED:
        raise NotADeadLetter
    job.max_attempts = job.attempts + jobs.handler_of(job.name).max_attempts
    job.state, job.error, job.finished_at, job.run_after = JobState.WAITING, None, None, timezone.now()
    job.save(update_fields=["max_attempts", "state", "error", "finished_at", "run_after", "updated_at"])
    jobs.wake_after_commit()
    return job


def purge_succeeded() -> int:
    """Delete jobs that succeeded a month ago, of all tenants; returns how many."""
    total = 0
    while deleted := statements.purge(older_than=KEEP_SUCCEEDED, at_most=PURGE_BATCH):
        total += deleted
    return total


@transaction.atomic
def _run_whole(*, task: Task, handler: jobs.Handler, work: statements.Work) -> None:
    _succeed(task=task, result=handler.call(jobs.JobContext(task, work.name), **work.args))


def _succeed(*, task: Task, result: object) -> None:
    if not statements.finish(task, result=result):
        raise jobs.JobTakenBack(str(task.job))


def _retry_delay(handler: jobs.Handler | None, task: Task) -> timedelta:
    # Without a handler this worker is older than the job: one that was started since may know it.
    return UNKNOWN_RETRY if handler is None else handler.retry_delay(task.attempt)
