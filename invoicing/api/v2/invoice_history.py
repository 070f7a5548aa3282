"""v2: what happened to one invoice, from the trail."""

from datetime import datetime
from typing import Any, ClassVar

import msgspec
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec.json import encode
from rest_framework.request import Request

from audit.selectors import EntryRecord, history_of
from invoicing.selectors.invoices import get_invoice
from tenants import ids
from tenants.capabilities import INVOICES_READ
from tenants.http.openapi import parameters_of, schema_of
from tenants.http.pagination import CursorQuery, decode_cursor, encode_cursor
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.versions import V2View

_LISTING = "invoice-history"


class HistoryQuery(CursorQuery, kw_only=True):
    """Oldest first."""


class HistoryEntryOut(msgspec.Struct):
    id: str
    operation: str
    modified_by: str
    request_id: str
    created_at: datetime
    completed_at: datetime
    old_values: dict[str, Any] | None
    new_values: dict[str, Any] | None
    diff: dict[str, list[Any]]


class HistoryOut(msgspec.Struct):
    data: list[HistoryEntryOut]
    next_cursor: str | None
    has_more: bool


class InvoiceHistory(V2View):
    """Who changed what, when; an entry arrives a moment after the change it tells of."""

    capability: ClassVar = INVOICES_READ

    @extend_schema(
        operation_id="invoices_history",
        summary="The audit entries of a document",
        parameters=parameters_of(HistoryQuery),
        responses={200: schema_of(HistoryOut)},
    )
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        query = parse_query(request.query_params, HistoryQuery)
        record = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        after = decode_cursor(_LISTING, query.cursor, tuple[int])[0] if query.cursor else 0
        found = history_of(
            entity_type="invoicing.invoice", record_id=record.id, after=after, limit=query.size + 1
        )
        shown = found[: query.size]
        has_more = len(found) > query.size
        cursor = encode_cursor(_LISTING, (shown[-1].sequence,)) if has_more else None
        return JSONBytes(encode(HistoryOut([_entry(entry) for entry in shown], cursor, has_more)))


def _entry(entry: EntryRecord) -> HistoryEntryOut:
    return HistoryEntryOut(
        entry.id,
        entry.operation,
        entry.modified_by,
        entry.request_id,
        entry.created_at,
        entry.completed_at,
        entry.old_values,
        entry.new_values,
        entry.diff,
    )
