"""v1: work that goes on after the answer."""

from typing import Annotated, Literal

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from msgspec import Meta
from rest_framework.request import Request
from rest_framework.response import Response

from tenants import ids
from tenants.api.v1.job_serializers import JobListOut, JobOut
from tenants.capabilities import JOBS_READ
from tenants.errors import NotFound
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.query import parse_query
from tenants.http.versions import V1View
from tenants.selectors import jobs as selectors

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


class JobQuery(PageQuery, kw_only=True):
    """Filters of the list."""

    state: Literal["waiting", "running", "succeeded", "failed"] | None = None
    name: Annotated[str, Meta(max_length=100)] | None = None


class Jobs(V1View):
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
        found = selectors.jobs(state=query.state, name=query.name)
        rows = found[query.offset : query.offset + query.limit]
        return Response(query.body(list(JobOut(rows, many=True).data), found.count()))


class Job(V1View):
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
