"""Reading jobs, of the current tenant."""

from uuid import UUID

from django.db.models import QuerySet

from tenants.models import Job, JobState


def jobs_newest_first(*, state: JobState | None = None, name: str = "") -> QuerySet[Job]:
    """All jobs, or those of a state or name; ids grow with time, so the key is the order."""
    found: QuerySet[Job] = Job.objects.order_by("-id")
    if state is not None:
        found = found.filter(state=state)
    return found.filter(name=name) if name else found


def job(*, job_id: UUID) -> Job | None:
    """One job."""
    found: Job | None = Job.objects.filter(id=job_id).first()
    return found
