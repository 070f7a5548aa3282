"""The queue is one for all tenants: tests of it begin with an empty one and run what they queued."""

from collections.abc import Callable

import pytest
from django.db import connections

from tenants.services import jobs as services
from tenants.statements.jobs import TASK, Task
from tests.faults import handlers

__all__ = ["handlers"]


@pytest.fixture(autouse=True)
def empty_queue() -> None:
    """No job of an earlier test waits or runs."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("delete from procrastinate_jobs")
        cursor.execute("update tenants_job set state = 'failed' where state in ('waiting', 'running')")


def handed_over() -> list[Task]:
    """What the job engine was given and has not run, in the order in which it will."""
    with connections["platform"].cursor() as cursor:
        cursor.execute(
            "select (args ->> 'tenant')::uuid, (args ->> 'job')::uuid, (args ->> 'attempt')::int,"
            " args ->> 'actor', args ->> 'request' from procrastinate_jobs"
            " where task_name = %s and status = 'todo' order by priority desc, id",
            [TASK],
        )
        return [Task(*row) for row in cursor.fetchall()]


def take(count: int = 1_000) -> list[Task]:
    """Dispatch, and take everything out of the engine as a worker would."""
    services.dispatch(at_most=count, per_tenant=count)
    tasks = handed_over()
    with connections["platform"].cursor() as cursor:
        cursor.execute("update procrastinate_jobs set status = 'doing' where status = 'todo'")
        cursor.execute("delete from procrastinate_jobs")
    return tasks


@pytest.fixture
def work() -> Callable[[], int]:
    """Dispatch and run what is due, in this process; returns how many jobs."""

    def run() -> int:
        tasks = take()
        for task in tasks:
            services.run(task=task)
        return len(tasks)

    return run
