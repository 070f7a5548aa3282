"""Reading jobs, of the current tenant."""

from uuid import UUID

from django.db.models import QuerySet

from tenants.models import Job


def jobs(*, state: str | None = None, name: str | None = None) -> QuerySet[Job]:
    """The jobs of a state or name, or all; newest first, as ids grow with time."""
    found: QuerySet[Job] = Job.objects.order_by("-id")
    if state is not None:
        found = found.filter(state=state)
    return found if name is None else found.filter(name=name)


def job(*, job_id: UUID) -> Job | None:
    """One job."""
    found: Job | None = Job.objects.filter(id=job_id).first()
    return found
