"""`GET /api/v2/audit/entries`: the tenant's trail, newest first."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Final
from uuid import UUID

import msgspec
from drf_spectacular.utils import extend_schema, inline_serializer
from msgspec import Meta
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit import selectors
from tenants import capabilities
from tenants.http import pagination
from tenants.http.openapi import parameters_of
from tenants.http.query import parse_query
from tenants.http.values import Text
from tenants.http.versions import V2View

LISTING: Final = "audit-entries:-created_at"
Moment = Annotated[
    datetime,
    Meta(tz=True, extra={"code": "malformed", "detail": "Expected a time such as 2026-11-21T08:00:00Z."}),
]


class EntryQuery(pagination.CursorQuery, kw_only=True):
    """`from` is included, `to` is not; `record` is an id such as inv_…; `actor` one such as usr_…."""

    entity_type: Text | None = None
    record: Text | None = None
    actor: Text | None = None
    operation: Text | None = None
    request_id: Text | None = None
    since: Moment | None = msgspec.field(default=None, name="from")
    until: Moment | None = msgspec.field(default=None, name="to")

    def conditions(self) -> selectors.EntryFilter:
        return selectors.EntryFilter(
            entity_type=self.entity_type,
            record_id=self.record,
            actor=self.actor,
            operation=self.operation,
            request_id=self.request_id,
            since=self.since,
            until=self.until,
        )


class EntryOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    tenant = serializers.CharField()
    entity_type = serializers.CharField()
    record_id = serializers.CharField()
    operation = serializers.CharField(help_text="insert, update, delete or the name of an event")
    modified_by = serializers.CharField(help_text="usr_…, key_… or system:name")
    request_id = serializers.CharField()
    created_at = serializers.DateTimeField(help_text="when it was changed")
    completed_at = serializers.DateTimeField(help_text="when the entry reached the audit database")
    old_values = serializers.JSONField(allow_null=True)
    new_values = serializers.JSONField(allow_null=True)
    diff = serializers.JSONField(help_text="{column: [old, new]}")


ENTRY_PAGE = inline_serializer(
    "EntryPage",
    {
        "data": EntryOut(many=True),
        "next_cursor": serializers.CharField(allow_null=True),
        "has_more": serializers.BooleanField(),
        "total": serializers.IntegerField(required=False),
    },
)


class EntryList(V2View):
    """Who changed what, newest first."""

    capability: ClassVar[str] = capabilities.AUDIT_READ

    @extend_schema(
        operation_id="audit_entries_list",
        tags=["audit"],
        parameters=parameters_of(EntryQuery),
        responses=ENTRY_PAGE,
    )
    def get(self, request: Request) -> Response:
        query = parse_query(request.query_params, EntryQuery)
        wanted = query.conditions()
        if query.cursor is None:
            found = selectors.entries(wanted)
        else:
            created_at, event_id = pagination.decode_cursor(LISTING, query.cursor, tuple[datetime, UUID])
            found = selectors.entries_behind(wanted, created_at, event_id)
        rows = selectors.records(found[: query.size + 1])
        page, has_more = rows[: query.size], len(rows) > query.size
        last = page[-1] if has_more else None
        cursor = pagination.encode_cursor(LISTING, (last.created_at, last.event_id)) if last else None
        total = selectors.entries(wanted).count() if query.wants_total else None
        return Response(pagination.body(list(EntryOut(page, many=True).data), cursor, total))
