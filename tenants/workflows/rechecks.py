"""Asking a directory about those who never refresh: their keys and memberships end here."""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from django.utils import timezone

from tenants import jobs, scope
from tenants.actors import Actor
from tenants.backends.base import ProofExpired
from tenants.backends.registry import backends
from tenants.selectors import logins, tenants
from tenants.services import provisioning
from tenants.statements.upkeep import tenants_with_unasked
from tenants.workflows.provisioning import is_still_member

JOB: Final = "tenants.recheck_members"
UNASKED_FOR: Final = timedelta(hours=12)


def start_rechecks() -> int:
    """Ask for one job for each tenant with somebody who was not asked after for UNASKED_FOR.

    Returns how many. A tenant whose job is still under way gets no second one.
    """
    due = tenants_with_unasked(before=timezone.now() - UNASKED_FOR, job=JOB)
    for tenant_id in due:
        with scope.enter(scope.Scope(tenant_id, Actor.system("recheck"))):
            jobs.defer(JOB, args={})
    return len(due)


def recheck_members(*, report: Callable[[int, int], None]) -> dict[str, int]:
    """Ask the current tenant's directory about everybody who is due; returns how many, and how many went.

    `report` gets how many are done, of how many. Raises DirectoryUnavailable: what is left is asked
    again when the job is.
    """
    backend = tenants.current_tenant().auth_backend
    counted = {"asked": 0, "lost": 0}
    if not backends().get(backend).is_external:
        return counted
    due = list(logins.unasked(backend=backend, before=timezone.now() - UNASKED_FOR))
    for identity_id, membership_id in due:
        try:
            stays = is_still_member(membership_id=membership_id, backend=backend)
        except ProofExpired:
            # The directory cannot tell without the person, who is asked at the next refresh.
            provisioning.note_asked(identity_id=identity_id, at=timezone.now())
            stays = True
        counted["asked"] += 1
        counted["lost"] += not stays
        report(counted["asked"], len(due))
    return counted
