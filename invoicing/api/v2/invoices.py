"""v2 of invoices: calculate, draft, read, change, delete, issue."""

from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec import to_builtins
from msgspec.json import encode
from rest_framework.request import Request

from invoicing.api.v2 import invoice_schema as schema
from invoicing.api.v2.explanation_out import explanation_out
from invoicing.api.v2.invoice_in import CalculationIn, InvoiceIn, NewInvoiceIn
from invoicing.api.v2.invoice_out import calculation_out, invoice_out
from invoicing.api.v2.invoice_patch import patched
from invoicing.api.v2.invoice_query import InvoiceQuery, RetrieveQuery, page_of
from invoicing.domain.record import InvoiceRecord
from invoicing.domain.stored import terms_from_json
from invoicing.selectors import calculations
from invoicing.selectors.invoices import get_invoice
from invoicing.selectors.parties import get_customer
from invoicing.services import creating, editing, issuing, tagging
from tenants import ids
from tenants.capabilities import INVOICES_ISSUE, INVOICES_READ, INVOICES_WRITE
from tenants.http import conditional
from tenants.http.idempotency import idempotent
from tenants.http.parsing import convert, ensure_no_members, parse_request
from tenants.http.permissions import ensure_capability
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.versions import V2View


class Invoices(V2View):
    """The tenant's invoices and credit notes."""

    capability: ClassVar = {"GET": INVOICES_READ, "POST": INVOICES_WRITE}

    @extend_schema(**schema.LIST)
    def get(self, request: Request) -> HttpResponseBase:
        return JSONBytes(encode(page_of(parse_query(request.query_params, InvoiceQuery))))

    @extend_schema(**schema.CREATE)
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        body = parse_request(request, NewInvoiceIn)
        if body.issue:
            ensure_capability(INVOICES_ISSUE)
        record = creating.create_invoice(draft=body.draft(), issue=bool(body.issue))
        return _answer(
            record, status=201, Location=f"{request.path.rstrip('/')}/{ids.encode('inv', record.id)}"
        )


class Calculate(V2View):
    """Totals without a document."""

    capability: ClassVar = {"POST": INVOICES_READ}

    @extend_schema(**schema.CALCULATE)
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        body = parse_request(request, CalculationIn)
        lines = [line.stated() for line in body.lines]
        calculated = calculations.calculate(
            document=body.document(),
            legal_entity=body.legal_entity,
            stated=body.reasons(),
            lines=lines,
            terms=calculations.Terms(
                body.issue_date, body.due_date, terms_from_json(to_builtins(body.due_rule))
            ),
        )
        return JSONBytes(encode(calculation_out(calculated.document, lines, calculated)))


class Invoice(V2View):
    """One document; only drafts change, but for their metadata."""

    capability: ClassVar = {"GET": INVOICES_READ, "PATCH": INVOICES_WRITE, "DELETE": INVOICES_WRITE}

    @extend_schema(**schema.RETRIEVE)
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        query = parse_query(request.query_params, RetrieveQuery)
        record = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        if query.expand == "customer":
            # Without an entity tag: the version says nothing of the customer's changes.
            return JSONBytes(encode(invoice_out(record, get_customer(customer_id=record.customer))))
        if conditional.is_current(request, conditional.etag(record.version)):
            return JSONBytes(b"", status=304, headers={"ETag": conditional.etag(record.version)})
        return _answer(record)

    @extend_schema(**schema.UPDATE)
    def patch(self, request: Request, invoice_id: str) -> HttpResponseBase:
        record = get_invoice(invoice_id=ids.decode("inv", invoice_id))
        version = conditional.expected_version(request)
        editing.ensure_version(record.version, expected=version)
        patch = parse_request(request, dict[str, Any])
        body = convert(patched(record, patch), InvoiceIn)
        if patch.keys() == {"metadata"}:
            tagged = tagging.tag_invoice(
                invoice_id=record.id, metadata=body.metadata or {}, expected_version=version
            )
            return _answer(tagged)
        draft = body.draft() if "lines" in patch else record.keeping_lines(body.draft())
        changed = editing.update_draft(invoice_id=record.id, draft=draft, expected_version=version)
        return _answer(changed)

    @extend_schema(**schema.DELETE)
    def delete(self, request: Request, invoice_id: str) -> HttpResponseBase:
        version = conditional.expected_version(request) if "If-Match" in request.headers else None
        editing.delete_draft(invoice_id=ids.decode("inv", invoice_id), expected_version=version)
        return JSONBytes(b"", status=204)


class IssueInvoice(V2View):
    """A draft gets its number and is frozen."""

    capability: ClassVar = {"POST": INVOICES_ISSUE}

    @extend_schema(**schema.ISSUE)
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        ensure_no_members(request)
        return _answer(issuing.issue_invoice(invoice_id=ids.decode("inv", invoice_id)))


class ExplainInvoice(V2View):
    """How each total came about."""

    capability: ClassVar = {"GET": INVOICES_READ}

    @extend_schema(**schema.EXPLAIN)
    def get(self, request: Request, invoice_id: str) -> HttpResponseBase:
        steps = calculations.explain_invoice(invoice_id=ids.decode("inv", invoice_id))
        return JSONBytes(encode(explanation_out(steps)))


def _answer(record: InvoiceRecord, *, status: int = 200, **headers: str) -> JSONBytes:
    return JSONBytes(
        encode(invoice_out(record)),
        status=status,
        headers={"ETag": conditional.etag(record.version), **headers},
    )
