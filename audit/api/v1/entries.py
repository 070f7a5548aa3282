"""`GET /api/v1/audit/entries`: the tenant's trail, newest first."""

from datetime import datetime
from typing import Annotated, Any, ClassVar

import msgspec
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit import selectors
from tenants import capabilities
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.query import parse_query
from tenants.http.values import Text
from tenants.http.versions import V1View

Moment = Annotated[
    datetime,
    Meta(tz=True, extra={"code": "malformed", "detail": "Expected a time such as 2026-11-21T08:00:00Z."}),
]


class EntryQueryV1(PageQuery, kw_only=True):
    """`from` is included, `to` is not; `record` is an id such as inv_…; `actor` one such as usr_…."""

    entity_type: Text | None = None
    record: Text | None = None
    actor: Text | None = None
    operation: Text | None = None
    request_id: Text | None = None
    since: Moment | None = msgspec.field(default=None, name="from")
    until: Moment | None = msgspec.field(default=None, name="to")


class EntryOutV1(serializers.Serializer[Any]):
    id = serializers.CharField()
    tenant = serializers.CharField()
    entity_type = serializers.CharField()
    record_id = serializers.CharField()
    operation = serializers.CharField()
    modified_by = serializers.CharField()
    request_id = serializers.CharField()
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField()
    old_values = serializers.JSONField(allow_null=True)
    new_values = serializers.JSONField(allow_null=True)
    diff = serializers.JSONField()


class EntryPageV1(serializers.Serializer[Any]):
    items = EntryOutV1(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    pages = serializers.IntegerField()


class EntryListV1(V1View):
    """Who changed what, newest first."""

    capability: ClassVar[str] = capabilities.AUDIT_READ

    @extend_schema(
        operation_id="audit_entries_list",
        tags=["audit"],
        parameters=parameters_of(EntryQueryV1),
        responses=EntryPageV1,
    )
    def get(self, request: Request) -> Response:
        query = parse_query(request.query_params, EntryQueryV1)
        found = selectors.entries(
            selectors.EntryFilter(
                entity_type=query.entity_type,
                record_id=query.record,
                actor=query.actor,
                operation=query.operation,
                request_id=query.request_id,
                since=query.since,
                until=query.until,
            )
        )
        page = selectors.records(found[query.offset : query.offset + query.limit])
        return Response(query.body(list(EntryOutV1(page, many=True).data), found.count()))
