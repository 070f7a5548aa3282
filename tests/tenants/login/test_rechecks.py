"""Those who never refresh: found by a job of their tenant."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from tenants import tasks
from tenants.backends.base import DirectoryUnavailable
from tenants.models import ExternalIdentity, Job, Tenant
from tenants.workflows import rechecks
from tests.factories import make_tenant, scope_of
from tests.factories.directories import PaperDirectory
from tests.tenants.login.asking import inside, member_of


def waiting(tenant: Tenant) -> list[str]:
    with scope_of(tenant):
        return list(Job.objects.filter(state="waiting").values_list("name", flat=True))


def run(tenant: Tenant) -> dict[str, int]:
    seen: list[tuple[int, int]] = []
    with scope_of(tenant):
        counted = rechecks.recheck_members(report=lambda done, of: seen.append((done, of)))
    assert seen == [(n, counted["asked"]) for n in range(1, counted["asked"] + 1)]
    return counted


def grow_old(tenant: Tenant) -> None:
    with scope_of(tenant):
        ExternalIdentity.objects.update(checked_at=timezone.now() - timedelta(hours=13))


def test_each_tenant_with_somebody_due_gets_one_job(
    company: Tenant, on_paper: Any, paper: PaperDirectory
) -> None:
    fresh = on_paper(make_tenant("fresh"), provisions=True, default_role="viewer")
    inside(company, paper.hire(groups={"staff"}))
    inside(fresh, paper.hire())
    grow_old(company)
    rechecks.start_rechecks()
    rechecks.start_rechecks()
    assert waiting(company) == [rechecks.JOB]
    assert waiting(fresh) == []


def test_a_tenant_that_left_its_directory_is_not_asked(company: Tenant, paper: PaperDirectory) -> None:
    inside(company, paper.hire(groups={"staff"}))
    grow_old(company)
    with scope_of(company):
        Tenant.objects.filter(id=company.id).update(auth_backend="password")
    rechecks.start_rechecks()
    assert waiting(company) == []
    assert run(company) == {"asked": 0, "lost": 0}


def test_who_was_lost_goes_and_the_others_stay(company: Tenant, paper: PaperDirectory) -> None:
    ada, bob = paper.hire(groups={"staff"}), paper.hire(groups={"staff"})
    stays = inside(company, ada)
    goes = inside(company, bob)
    bob.is_active = False
    grow_old(company)
    assert run(company) == {"asked": 2, "lost": 1}
    assert not member_of(company, bob).is_active
    assert goes.get("/api/v2/auth/me").status_code == 403
    assert stays.get("/api/v2/auth/me").status_code == 200
    assert run(company) == {"asked": 0, "lost": 0}


def test_a_directory_that_is_down_is_asked_again_later(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff"})
    inside(company, ada)
    grow_old(company)
    with paper.down(), pytest.raises(DirectoryUnavailable):
        run(company)
    assert member_of(company, ada).is_active
    assert run(company) == {"asked": 1, "lost": 0}


def test_who_has_to_come_in_person_stays(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff"})
    inside(company, ada)
    grow_old(company)
    paper.wants_the_person = True
    assert run(company) == {"asked": 1, "lost": 0}
    assert run(company) == {"asked": 0, "lost": 0}
    assert member_of(company, ada).is_active


def test_the_job_is_run_by_a_worker_in_its_tenant(company: Tenant, paper: PaperDirectory) -> None:
    ada = paper.hire(groups={"staff"})
    inside(company, ada)
    ada.is_active = False
    grow_old(company)
    rechecks.start_rechecks()
    with scope_of(company):
        job = Job.objects.get(name=rechecks.JOB)
    with connections["platform"].cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_job SET state = 'running', attempts = 1 WHERE tenant_id = %s AND id = %s",
            [company.id, job.id],
        )
    tasks.run_job.func(
        tenant=str(company.id), job=str(job.id), attempt=1, actor="system:recheck", request="test"
    )
    with scope_of(company):
        job.refresh_from_db()
    assert (job.state, job.result) == ("succeeded", {"asked": 1, "lost": 1})
    assert not member_of(company, ada).is_active
