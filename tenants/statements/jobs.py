"""The queue: claim, hand over, finish, take back. All but `read` and `finish` run as `platform`."""

import json
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, connections

PLATFORM = "platform"
CHANNEL = "quittance_jobs"
TASK = "tenants.run_job"
QUEUE = "jobs"
# One dispatcher at a time counts what is in hand; any constant pair does.
_DISPATCHING = (0x5155, 1)


class Task(NamedTuple):
    """What a worker needs before it can read the job itself."""

    tenant: UUID
    job: UUID
    attempt: int
    actor: str
    request: str


class Work(NamedTuple):
    name: str
    args: dict[str, Any]


# The lock is a statement of its own, so that the claim's snapshot is younger than the lock. Whoever
# is stopped while holding it loses it after the timeout. Statistics of a queue are never right: no
# plan may read the whole table because of them, so there are only nested loops along indexes.
_EXCLUSIVE = """
select set_config('transaction_timeout', '10s', true),
       set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
       set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
       pg_advisory_xact_lock(%s, %s)
"""

# `waiting` skips along the index from tenant to tenant, so ten thousand rows of one cost one step. A
# tenant's rank begins after what it has in hand, which makes the order a round-robin.
_CLAIM = f"""
with recursive waiting (tenant_id) as (
    (select tenant_id from tenants_job where state = 'waiting' order by tenant_id, run_after, id limit 1)
    union all
    select (select next.tenant_id from tenants_job next
            where next.state = 'waiting' and next.tenant_id > waiting.tenant_id
            order by next.tenant_id, next.run_after, next.id limit 1)
    from waiting where waiting.tenant_id is not null
), in_hand as (
    select tenant_id, count(*) as jobs from tenants_job where state = 'running' group by tenant_id
), chosen as (
    select due.id, waiting.tenant_id, due.place + coalesce(in_hand.jobs, 0) as rank, due.run_after
    from waiting
    left join in_hand on in_hand.tenant_id = waiting.tenant_id
    cross join lateral (
        select job.id, job.run_after, row_number() over (order by job.run_after, job.id) as place
        from tenants_job job
        where job.state = 'waiting' and job.tenant_id = waiting.tenant_id and job.run_after <= now()
        order by job.run_after, job.id
        limit greatest(0, %(per_tenant)s - coalesce(in_hand.jobs, 0))
    ) due
    order by rank, due.run_after
    limit greatest(0, %(at_most)s - (select coalesce(sum(jobs), 0) from in_hand))
), locked as (
    select free.tenant_id, free.id, chosen.rank, chosen.run_after
    from chosen cross join lateral (
        select job.tenant_id, job.id from tenants_job job
        where job.tenant_id = chosen.tenant_id and job.id = chosen.id and job.state = 'waiting'
        for no key update skip locked
    ) free
), claimed as (
    update tenants_job job
    set state = 'running', attempts = attempts + 1, claimed_at = now(), updated_at = now()
    from locked
    where job.tenant_id = locked.tenant_id and job.id = locked.id
    returning job.tenant_id, job.id, job.attempts, job.actor, job.request_id, locked.rank, locked.run_after
), handed as (
    select array_agg(
        row('{QUEUE}', '{TASK}', 0, null, null, jsonb_build_object(
            'tenant', tenant_id, 'job', id, 'attempt', attempts, 'actor', actor, 'request', request_id
        ), null)::procrastinate_job_to_defer_v1
        order by rank, run_after
    ) as jobs, count(*) as claimed
    from claimed
)
select claimed, procrastinate_defer_jobs_v1(jobs) from handed
"""

_NEXT_DUE = """
with recursive waiting (tenant_id, run_after) as (
    (select tenant_id, run_after from tenants_job
     where state = 'waiting' order by tenant_id, run_after, id limit 1)
    union all
    select next.tenant_id, next.run_after
    from waiting cross join lateral (
        select tenant_id, run_after from tenants_job
        where state = 'waiting' and tenant_id > waiting.tenant_id
        order by tenant_id, run_after, id limit 1
    ) next
)
select extract(epoch from min(run_after) - clock_timestamp())::float8 from waiting
"""

# Alive is what the engine still has queued, or what a worker with a fresh heartbeat works on. The
# engine deletes its row only after the job's own row is final, so one snapshot decides.
_RECLAIM = f"""
with fresh as (
    select id from procrastinate_workers where last_heartbeat > now() - %(dead_after)s::interval
), alive as (
    select (args ->> 'tenant')::uuid as tenant_id, (args ->> 'job')::uuid as id
    from procrastinate_jobs
    where task_name = '{TASK}'
      and (status = 'todo' or status = 'doing' and worker_id in (select id from fresh))
), forgotten as (
    delete from procrastinate_jobs
    where task_name = '{TASK}' and status <> 'todo'
      and not (status = 'doing' and coalesce(worker_id in (select id from fresh), false))
), dead as (
    select job.tenant_id, job.id from tenants_job job
    where job.state = 'running'
      and not exists (select from alive where alive.tenant_id = job.tenant_id and alive.id = job.id)
    for no key update of job skip locked
)
update tenants_job job
set state = case when attempts < max_attempts then 'waiting' else 'failed' end,
    error = case when attempts < max_attempts then error else %(error)s::jsonb end,
    finished_at = case when attempts < max_attempts then null else now() end,
    run_after = now(), claimed_at = null, updated_at = now()
from dead
where job.tenant_id = dead.tenant_id and job.id = dead.id
returning job.id
"""

_READ = """
select name, args from tenants_job
where tenant_id = %s and id = %s and state = 'running' and attempts = %s
"""

_FINISH = """
update tenants_job
set state = 'succeeded', result = %s::jsonb, error = null, finished_at = clock_timestamp(), updated_at = now()
where tenant_id = %s and id = %s and state = 'running' and attempts = %s
"""

_FAIL = """
update tenants_job
set state = case when %(retry_in)s::interval is null or attempts >= max_attempts then 'failed'
                 else 'waiting' end,
    run_after = now() + coalesce(%(retry_in)s::interval, '0'),
    finished_at = case when %(retry_in)s::interval is null or attempts >= max_attempts then now() end,
    error = %(error)s::jsonb, claimed_at = null, updated_at = now()
where tenant_id = %(tenant)s and id = %(job)s and state = 'running' and attempts = %(attempt)s
returning state
"""

_PROGRESS = """
update tenants_job set progress_current = %s, progress_total = %s, updated_at = now()
where tenant_id = %s and id = %s and state = 'running' and attempts = %s
"""

_PURGE = """
delete from tenants_job where (tenant_id, id) in (
    select tenant_id, id from tenants_job
    where state = 'succeeded' and finished_at < now() - %s::interval
    order by finished_at limit %s
)
"""


def exclude_other_dispatchers() -> None:
    """Wait for the lock of dispatching; held to the end of the transaction, ten seconds at most."""
    with connections[PLATFORM].cursor() as cursor:
        cursor.execute(_EXCLUSIVE, _DISPATCHING)


def claim(*, at_most: int, per_tenant: int) -> int:
    """Claim due rows, evenly by tenant, and queue them with the job engine; returns how many.

    Never lets more than `at_most` jobs be in hand, nor `per_tenant` of one tenant, provided that
    `exclude_other_dispatchers` came first in this transaction.
    """
    with connections[PLATFORM].cursor() as cursor:
        cursor.execute(_CLAIM, {"at_most": at_most, "per_tenant": per_tenant})
        claimed: int = cursor.fetchone()[0]
    return claimed


def seconds_until_due() -> float | None:
    """Seconds until the earliest waiting row is due, negative if it is; None if nothing waits."""
    with connections[PLATFORM].cursor() as cursor:
        cursor.execute(_NEXT_DUE)
        seconds: float | None = cursor.fetchone()[0]
    return seconds


def reclaim(*, dead_after: timedelta, error: dict[str, str]) -> list[UUID]:
    """Take back what no live worker holds; `error` is for those that have no attempt left."""
    values: dict[str, Any] = {"dead_after": dead_after, "error": json.dumps(error)}
    with connections[PLATFORM].cursor() as cursor:
        cursor.execute(_RECLAIM, values)
        return [row[0] for row in cursor.fetchall()]


def read(task: Task) -> Work | None:
    """The job's name and arguments, as `app` in scope; None if the task no longer holds the job."""
    with connection.cursor() as cursor:
        cursor.execute(_READ, (task.tenant, task.job, task.attempt))
        row = cursor.fetchone()
    return None if row is None else Work(row[0], json.loads(row[1]))


def finish(task: Task, *, result: Any) -> bool:
    """Mark the job as done, as `app` in the transaction of its effect; False if the job was taken back."""
    encoded = None if result is None else json.dumps(result)
    with connection.cursor() as cursor:
        cursor.execute(_FINISH, (encoded, task.tenant, task.job, task.attempt))
        return bool(cursor.rowcount == 1)


def fail(task: Task, *, error: dict[str, str], retry_in: timedelta | None) -> str | None:
    """Put the job back for later, or among the dead letters; returns its state, None if taken back."""
    values: dict[str, Any] = {**task._asdict(), "error": json.dumps(error), "retry_in": retry_in}
    with connections[PLATFORM].cursor() as cursor:
        cursor.execute(_FAIL, values)
        row = cursor.fetchone()
    return None if row is None else row[0]


def report_progress(task: Task, *, current: int, total: int) -> bool:
    """Show progress at once, outside of the job's own transaction; False if the job was taken back."""
    with connections[PLATFORM].cursor() as cursor:
        cursor.execute(_PROGRESS, (current, total, task.tenant, task.job, task.attempt))
        return bool(cursor.rowcount == 1)


def purge(*, older_than: timedelta, at_most: int) -> int:
    """Delete succeeded jobs that ended longer ago; returns how many, `at_most` a call."""
    values: tuple[Any, ...] = (older_than, at_most)
    with connections[PLATFORM].cursor() as cursor:
        cursor.execute(_PURGE, values)
        return int(cursor.rowcount)


def wake_dispatchers() -> None:
    """Tell the dispatchers that something waits; a hint that may get lost, they look anyway."""
    with connection.cursor() as cursor:
        cursor.execute(f"notify {CHANNEL}")
