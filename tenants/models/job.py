"""Work to be done after the transaction that asked for it (invariant 12)."""

from typing import ClassVar

from django.db import models

from tenants.managers import PlatformManager
from tenants.models.base import TenantModel


class JobState(models.TextChoices):
    """Life of a job; `dead` has used up its attempts and waits for a person."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    DEAD = "dead"


class Job(TenantModel):
    """A named piece of work with JSON arguments, its state, progress and result.

    Written in the business transaction; a dispatcher claims waiting rows fairly by tenant.
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
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    progress_current = models.PositiveIntegerField(default=0)
    progress_total = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    error = models.TextField(blank=True)

    platform: ClassVar[PlatformManager["Job"]] = PlatformManager()

    class Meta(TenantModel.Meta):
        indexes: ClassVar = [
            models.Index(
                fields=["run_after", "id"],
                name="tenants_job_waiting",
                condition=models.Q(state="waiting"),
            ),
            models.Index(
                fields=["heartbeat_at"],
                name="tenants_job_in_hand",
                condition=models.Q(state__in=("claimed", "running")),
            ),
            models.Index(fields=["tenant", "-created_at"], name="tenants_job_of_tenant"),
        ]
