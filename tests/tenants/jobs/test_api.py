"""Jobs over HTTP, in both versions."""

from collections.abc import Callable

import pytest

from tenants import ids, jobs
from tenants.models import Job, Tenant
from tests.factories import ApiClient, scope_of

pytestmark = pytest.mark.parametrize("version", ["v1", "v2"])


def content(version: str, answer_body: dict[str, object]) -> dict[str, object]:
    inner = answer_body["data"] if version == "v1" else answer_body
    assert isinstance(inner, dict)
    return inner


def ask(tenant: Tenant, text: str = "x") -> Job:
    with scope_of(tenant):
        return jobs.defer("tests.leave_trace", args={"text": text})


def test_a_job_can_be_watched(
    version: str, acme: Tenant, acme_client: ApiClient, work: Callable[[], int]
) -> None:
    job = ask(acme)
    path = f"/api/{version}/jobs/{job.public_id}"
    waiting = content(version, acme_client.get(path).json())
    assert (waiting["state"], waiting["progress"]) == ("waiting", {"current": 0, "total": 0})
    work()
    done = content(version, acme_client.get(path).json())
    assert (done["id"], done["state"], done["result"]) == (job.public_id, "succeeded", {"attempt": 1})
    assert done["error"] is None


def test_a_foreign_tenants_job_looks_missing(version: str, globex: Tenant, acme_client: ApiClient) -> None:
    foreign, missing = ask(globex).public_id, ids.encode("job", ids.uuid7())
    answers = [acme_client.get(f"/api/{version}/jobs/{job}") for job in (foreign, missing)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert (
        content(version, acme_client.get(f"/api/{version}/jobs").json())[
            "items" if version == "v1" else "data"
        ]
        == []
    )


def test_jobs_are_listed_newest_first_and_filtered(
    version: str, acme: Tenant, acme_client: ApiClient, work: Callable[[], int]
) -> None:
    older = ask(acme)
    work()
    newer = ask(acme)
    rows = "items" if version == "v1" else "data"
    listed = content(version, acme_client.get(f"/api/{version}/jobs").json())[rows]
    assert [job["id"] for job in listed] == [newer.public_id, older.public_id]  # type: ignore[attr-defined]
    found = content(version, acme_client.get(f"/api/{version}/jobs?state=succeeded").json())[rows]
    assert [job["id"] for job in found] == [older.public_id]  # type: ignore[attr-defined]
    assert acme_client.get(f"/api/{version}/jobs?state=lost").status_code == 400


def test_whoever_may_read_may_watch_and_nobody_else(
    version: str, acme: Tenant, client_as: Callable[[str], ApiClient]
) -> None:
    path = f"/api/{version}/jobs/{ask(acme).public_id}"
    for role in ("admin", "editor", "viewer", "auditor"):
        assert client_as(role).get(path).status_code == 200
    assert ApiClient().get(path).status_code == 401
