"""v1: what happened to one invoice, from the trail."""

from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from audit.selectors import count_history, history_of
from invoicing.selectors.invoices import get_invoice
from tenants import ids
from tenants.capabilities import INVOICES_READ
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.query import parse_query
from tenants.http.serializers import page_of
from tenants.http.versions import V1View


class HistoryEntryOut(serializers.Serializer[Any]):
    id = serializers.CharField()
    operation = serializers.CharField()
    modified_by = serializers.CharField()
    request_id = serializers.CharField()
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField()
    old_values = serializers.JSONField(allow_null=True)
    new_values = serializers.JSONField(allow_null=True)
    diff = serializers.JSONField()


class InvoiceHistory(V1View):
    """Who changed what, when; an entry arrives a moment after the change it tells of."""

    capability: ClassVar = INVOICES_READ

    @extend_schema(
        operation_id="invoices_history",
        summary="The audit entries of a document",
        parameters=parameters_of(PageQuery),
        responses=page_of(HistoryEntryOut),
    )
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        query = parse_query(request.query_params, PageQuery)
        record = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        found = history_of(
            entity_type="invoicing.invoice", record_id=record.id, offset=query.offset, limit=query.limit
        )
        total = count_history(entity_type="invoicing.invoice", record_id=record.id)
        return Response(query.body(list(HistoryEntryOut(found, many=True).data), total))
