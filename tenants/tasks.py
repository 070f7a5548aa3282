"""What the workers of the job engine execute: the jobs of tenants, and the floor's own upkeep."""

from typing import Any
from uuid import UUID

from procrastinate.contrib.django import app

from tenants.jobs import JobContext, register
from tenants.services import idempotency, upkeep
from tenants.services import jobs as services
from tenants.statements.jobs import QUEUE, TASK, Task
from tenants.workflows import mail, rechecks


@app.task(name=TASK, queue=QUEUE)
def run_job(*, tenant: str, job: str, attempt: int, actor: str, request: str) -> None:
    """Run one job as its tenant and actor; how it ended is in its row."""
    services.run(task=Task(UUID(tenant), UUID(job), attempt, actor, request))


@app.periodic(cron="17 * * * *")
@app.task(name="tenants.purge_idempotency_keys", queue=QUEUE)
def purge_idempotency_keys(timestamp: int) -> None:  # noqa: ARG001
    """Forget stored answers that are older than promised, every hour, as `platform`."""
    idempotency.purge_expired()


@app.periodic(cron="41 3 * * *")
@app.task(name="tenants.purge_succeeded_jobs", queue=QUEUE)
def purge_succeeded_jobs(timestamp: int) -> None:  # noqa: ARG001
    """Delete jobs that succeeded long ago, every night, as `platform`."""
    services.purge_succeeded()


@app.periodic(cron="11 4 * * *")
@app.task(name="tenants.clear_dead_logins", queue=QUEUE)
def clear_dead_logins(timestamp: int) -> None:  # noqa: ARG001
    """Delete sessions, tokens, challenges and the like that ended long ago, every night, as `platform`."""
    upkeep.clear_dead_logins()


@app.periodic(cron="29 * * * *")
@app.task(name="tenants.start_rechecks", queue=QUEUE)
def start_rechecks(timestamp: int) -> None:  # noqa: ARG001
    """Every hour, have directories asked about those who have not refreshed for long, a job a tenant."""
    rechecks.start_rechecks()


@register(rechecks.JOB, transactional=False)
def recheck_members(context: JobContext) -> dict[str, int]:
    """Ask one tenant's directory; asking twice does no harm."""
    return rechecks.recheck_members(report=context.progress)


@register("tenants.deliver_mail", transactional=False)
def deliver_mail(context: JobContext, *, mail_id: str) -> dict[str, Any]:  # noqa: ARG001
    """Hand one message of the outbox to the transport; told apart by its Message-ID if it comes twice."""
    return {"reference": mail.deliver(mail_id=UUID(mail_id))}
