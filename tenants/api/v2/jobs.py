"""v2: work that goes on after the answer."""

from typing import Annotated, Literal
from uuid import UUID

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import ids
from tenants.api.v2.job_serializers import JobListOut, JobOut
from tenants.capabilities import JOBS_READ
from tenants.errors import NotFound
from tenants.http.openapi import parameters_of
from tenants.http.pagination import CursorQuery, body, decode_cursor, encode_cursor
from tenants.http.query import parse_query
from tenants.http.versions import V2View
from tenants.selectors import jobs as selectors

_LISTING = "jobs:-id"
_EXAMPLE = OpenApiExample(
    "half done",
    value={
        "id": "job_01jd8m3v9qexc8f3y2w5k7r4ta",
        "name": "invoicing.export_invoices",
        "state": "running",
        "progress": {"current": 500, "total": 1000},
        "result": None,
        "error": None,
        "attempts": 1,
        "created_at": "2026-11-20T08:00:00Z",
        "run_after": "2026-11-20T08:00:00Z",
        "finished_at": None,
    },
    response_only=True,
    status_codes=["200"],
)


class JobQuery(CursorQuery, kw_only=True):
    """Filters of the list."""

    state: Literal["waiting", "running", "succeeded", "failed"] | None = None
    name: Annotated[str, Meta(max_length=100)] | None = None


class Jobs(V2View):
    """The tenant's jobs."""

    capability = JOBS_READ

    @extend_schema(
        operation_id="jobs_list",
        summary="List jobs, newest first",
        parameters=parameters_of(JobQuery),
        responses=JobListOut,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, JobQuery)
        before: UUID | None = None
        if query.cursor:
            (before,) = decode_cursor(_LISTING, query.cursor, tuple[UUID])
        found = selectors.jobs(state=query.state, name=query.name)
        rows = list((found if before is None else found.filter(id__lt=before))[: query.size + 1])
        shown = rows[: query.size]
        cursor = encode_cursor(_LISTING, [shown[-1].id]) if len(rows) > query.size else None
        total = found.count() if query.wants_total else None
        return Response(body(list(JobOut(shown, many=True).data), cursor, total))


class Job(V2View):
    """One job, to be watched until it is `succeeded` or `failed`."""

    capability = JOBS_READ

    @extend_schema(
        operation_id="jobs_retrieve",
        summary="How far a job is",
        responses=JobOut,
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        del request
        found = selectors.job(job_id=ids.decode("job", job_id))
        if found is None:
            raise NotFound
        return Response(JobOut(found).data)
