"""v1 of invoices: calculate, draft, read, change, delete, issue, explain; last write wins on drafts."""

from dataclasses import fields
from datetime import date
from typing import Any, ClassVar, Literal

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.invoice_data import calculation_data, invoice_data, patched, summary_data
from invoicing.api.v1.invoice_in import (
    CalculationIn,
    InvoiceIn,
    NewInvoiceIn,
    document_from,
    draft_from,
    reasons_from,
    stated_lines,
)
from invoicing.api.v1.invoice_out import (
    SUMMARY_PAGE,
    CalculationOut,
    ExplanationOut,
    InvoiceOut,
    StepOut,
    SummaryOut,
)
from invoicing.api.v1.references import CustomerId, InvoiceId, LegalEntityId, SeriesId
from invoicing.domain.explain_step import Step
from invoicing.domain.record import InvoiceRecord
from invoicing.domain.stored import terms_from_json
from invoicing.selectors import calculations
from invoicing.selectors.invoice_lists import InvoiceFilter, count_invoices, list_invoices
from invoicing.selectors.invoices import get_invoice
from invoicing.selectors.parties import get_customer
from invoicing.services import creating, editing, issuing, tagging
from tenants import ids
from tenants.capabilities import INVOICES_ISSUE, INVOICES_READ, INVOICES_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.metadata import Metadata
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.parsing import ensure_no_members, parse_request
from tenants.http.permissions import ensure_capability
from tenants.http.query import parse_query
from tenants.http.serializers import validated
from tenants.http.values import Amount, CurrencyCode, Text
from tenants.http.versions import V1View


class InvoiceQuery(PageQuery, kw_only=True):
    """Newest issue date first; drafts without one before all. Totals are tax inclusive."""

    status: Literal["draft", "issued", "voided"] | None = None
    type: Literal["invoice", "credit_note"] | None = None
    payment_status: Literal["unpaid", "partially_paid", "paid"] | None = None
    overdue: bool | None = None
    corrects: InvoiceId | None = None
    customer: CustomerId | None = None
    legal_entity: LegalEntityId | None = None
    series: SeriesId | None = None
    currency: CurrencyCode | None = None
    issued_from: date | None = None
    issued_to: date | None = None
    due_from: date | None = None
    due_to: date | None = None
    min_total: Amount | None = None
    max_total: Amount | None = None
    q: Text | None = None
    metadata: Metadata | None = None

    def filters(self) -> InvoiceFilter:
        return InvoiceFilter(**{field.name: getattr(self, field.name) for field in fields(InvoiceFilter)})


class Invoices(V1View):
    """The tenant's invoices and credit notes."""

    capability: ClassVar = {"GET": INVOICES_READ, "POST": INVOICES_WRITE}

    @extend_schema(
        operation_id="invoices_list",
        summary="List invoices and credit notes",
        parameters=parameters_of(InvoiceQuery),
        responses=SUMMARY_PAGE,
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, InvoiceQuery)
        filters = query.filters()
        rows = list_invoices(filters=filters, limit=query.limit, offset=query.offset)
        items = SummaryOut([summary_data(row) for row in rows], many=True).data
        return Response(query.body(list(items), count_invoices(filters=filters)))

    @extend_schema(
        operation_id="invoices_create",
        summary="Draft an invoice, or draft and issue it",
        request=NewInvoiceIn,
        responses={201: InvoiceOut},
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = validated(NewInvoiceIn, request.data)
        issue = bool(data.get("issue"))
        if issue:
            ensure_capability(INVOICES_ISSUE)
        return _answer(creating.create_invoice(draft=draft_from(data), issue=issue), status=201)


class Calculate(V1View):
    """Totals without a document."""

    capability: ClassVar = {"POST": INVOICES_READ}

    @extend_schema(
        operation_id="invoices_calculate",
        summary="Compute the totals of a document without keeping it",
        request=CalculationIn,
        responses=CalculationOut,
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = validated(CalculationIn, request.data)
        lines = stated_lines(data)
        calculated = calculations.calculate(
            document=document_from(data),
            legal_entity=data.get("legal_entity"),
            stated=reasons_from(data),
            lines=lines,
            terms=calculations.Terms(
                data.get("issue_date"), data.get("due_date"), terms_from_json(data.get("due_rule"))
            ),
        )
        return Response(CalculationOut(calculation_data(calculated.document, lines, calculated)).data)


class Invoice(V1View):
    """One document; only drafts change, but for their metadata."""

    capability: ClassVar = {"GET": INVOICES_READ, "PATCH": INVOICES_WRITE, "DELETE": INVOICES_WRITE}

    @extend_schema(operation_id="invoices_retrieve", summary="Read a document", responses=InvoiceOut)
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        return _answer(get_invoice(invoice_id=ids.decode("inv", invoice_id)))

    @extend_schema(
        operation_id="invoices_update",
        summary="Change a draft, or the metadata of any document (JSON merge patch)",
        request=InvoiceIn(partial=True),
        responses=InvoiceOut,
    )
    def patch(self, request: Request, invoice_id: str) -> HttpResponseBase:
        record = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        patch = parse_request(request, dict[str, Any])
        data = validated(InvoiceIn, patched(record, patch))
        if patch.keys() == {"metadata"}:
            return _answer(tagging.tag_invoice(invoice_id=record.id, metadata=data.get("metadata") or {}))
        draft = draft_from(data) if "lines" in patch else record.keeping_lines(draft_from(data))
        return _answer(editing.update_draft(invoice_id=record.id, draft=draft))

    @extend_schema(operation_id="invoices_delete", summary="Delete a draft", responses={204: None})
    def delete(self, request: Request, invoice_id: str) -> HttpResponseBase:
        editing.delete_draft(invoice_id=ids.decode("inv", invoice_id))
        return Response(status=204)


class IssueInvoice(V1View):
    """A draft gets its number and is frozen."""

    capability: ClassVar = {"POST": INVOICES_ISSUE}

    @extend_schema(
        operation_id="invoices_issue",
        summary="Number a draft and freeze it",
        request=None,
        responses=InvoiceOut,
    )
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        ensure_no_members(request)
        return _answer(issuing.issue_invoice(invoice_id=ids.decode("inv", invoice_id)))


class ExplainInvoice(V1View):
    """How each total came about."""

    capability: ClassVar = {"GET": INVOICES_READ}

    @extend_schema(
        operation_id="invoices_explain",
        summary="How each total came about, rule by rule",
        responses=ExplanationOut,
    )
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        steps = calculations.explain_invoice(invoice_id=ids.decode("inv", invoice_id))
        return Response({"steps": StepOut([_step(step) for step in steps], many=True).data})


def _answer(record: InvoiceRecord, *, status: int = 200) -> Response:
    customer = get_customer(customer_id=record.customer)
    return Response(InvoiceOut(invoice_data(record, customer)).data, status=status)


def _step(step: Step) -> dict[str, Any]:
    return {**{field.name: getattr(step, field.name) for field in fields(step)}, "inputs": dict(step.inputs)}
