"""Work to be done after the transaction that asked for it (invariant 12)."""

from typing import ClassVar

from django.db import models

from tenants.models.base import TenantModel


class JobState(models.TextChoices):
    """Life of a job: `running` is in the hands of the workers, `failed` is a dead letter."""

    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Job(TenantModel):
    """A named piece of work with JSON arguments, its state, progress and result.

    Written in the business transaction; a dispatcher claims waiting rows fairly by tenant.
    `attempts` counts how often the job was claimed and fences workers: whoever holds an older number
    than the row cannot finish it. `error` is `{"code", "detail"}`, fit for the tenant's eyes.
    """

    public_prefix: ClassVar[str] = "job"

    name = models.CharField(max_length=100)
    args = models.JSONField(default=dict)
    actor = models.CharField(max_length=64)
    request_id = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=JobState, default=JobState.WAITING)
    run_after = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=8)
    claimed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    progress_current = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.JSONField(null=True)

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [
            # Tenants that have something waiting are found by skipping along the first column.
            models.Index(
                fields=["tenant", "run_after", "id"],
                name="tenants_job_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(fields=["tenant"], name="tenants_job_running", condition=models.Q(state="running")),
            models.Index(
                fields=["finished_at"], name="tenants_job_succeeded", condition=models.Q(state="succeeded")
            ),
        ]
