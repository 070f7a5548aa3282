"""v2 of what settles documents: allocations, credit paid back, write-offs, and taking them back."""

from typing import ClassVar
from uuid import UUID

import msgspec
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec.json import encode
from rest_framework.request import Request

from invoicing.api.v2 import ledger_schema as schema
from invoicing.api.v2.ledger_in import (
    AllocationIn,
    DocumentId,
    PaymentId,
    RefundIn,
    ReversalIn,
    WriteOffIn,
    known,
    method_of,
    optional_money,
)
from invoicing.api.v2.ledger_out import (
    AllocationOut,
    AllocationPageOut,
    RefundOut,
    ReversalOut,
    WriteOffOut,
    WriteOffPageOut,
    allocation_out,
    refund_out,
    reversal_out,
    write_off_out,
)
from invoicing.domain.ledger import Share
from invoicing.selectors import ledger
from invoicing.services import allocating, refunding, writing_off
from tenants import ids
from tenants.capabilities import PAYMENTS_READ, PAYMENTS_REFUND, PAYMENTS_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.pagination import CursorQuery, decode_cursor, encode_cursor
from tenants.http.parsing import parse_request
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.versions import V2View

_ALLOCATIONS, _WRITE_OFFS = "allocations", "write-offs"


class AllocationQuery(CursorQuery, kw_only=True):
    """The latest posting first."""

    payment: PaymentId | None = None
    credit_note: DocumentId | None = None
    invoice: DocumentId | None = None


class WriteOffQuery(CursorQuery, kw_only=True):
    """The latest posting first."""

    invoice: DocumentId | None = None


class Allocations(V2View):
    """What payments and credit notes have settled."""

    capability: ClassVar = {"GET": PAYMENTS_READ, "POST": PAYMENTS_WRITE}

    @extend_schema(
        **schema.reading("allocations_list", "List allocations", AllocationPageOut, query=AllocationQuery)
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, AllocationQuery)
        rows = ledger.list_allocations(
            payment=query.payment, credit_note=query.credit_note, invoice=query.invoice
        )
        total = rows.count() if query.wants_total else msgspec.UNSET
        if query.cursor is not None:
            (last,) = decode_cursor(_ALLOCATIONS, query.cursor, tuple[UUID])
            rows = rows.filter(id__lt=last)
        found = list(rows[: query.size + 1])
        shown, has_more = found[: query.size], len(found) > query.size
        cursor = encode_cursor(_ALLOCATIONS, (shown[-1].id,)) if has_more else None
        page = AllocationPageOut([allocation_out(row) for row in shown], cursor, has_more, total)
        return JSONBytes(encode(page))

    @extend_schema(
        **schema.posting(
            "allocations_create",
            "Settle a document out of a payment or a credit note",
            AllocationIn,
            AllocationOut,
            {
                "payment": "pay_01jd8m3v9qexc8f3y2w5k7r4ta",
                "invoice": schema.INVOICE,
                "amount": schema.MONEY,
            },
        )
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        body = parse_request(request, AllocationIn)
        payment, credit_note = body.source()
        allocation = allocating.allocate(
            payment_id=payment,
            credit_note_id=credit_note,
            share=Share(body.invoice, body.amount.money()),
            effective_date=body.effective_date,
        )
        headers = {"Location": f"{request.path.rstrip('/')}/{allocation.public_id}"}
        return JSONBytes(encode(allocation_out(allocation)), status=201, headers=headers)


class Allocation(V2View):
    """One allocation with what was taken back of it."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(**schema.reading("allocations_retrieve", "Read an allocation", AllocationOut))
    def get(self, request: Request, allocation_id: str) -> HttpResponseBase:
        allocation = ledger.get_allocation(allocation_id=ids.decode("alo", allocation_id))
        return JSONBytes(encode(allocation_out(allocation)))


class ReverseAllocation(V2View):
    """An allocation is taken back: the money is free again, the document open."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        **schema.posting(
            "allocations_reverse",
            "Take an allocation back, whole or in part",
            ReversalIn,
            ReversalOut,
            {"reason": "meant for another invoice"},
        )
    )
    @idempotent
    def post(self, request: Request, allocation_id: str) -> HttpResponseBase:
        allocation = known("alo", allocation_id)
        body = parse_request(request, ReversalIn)
        reversal = allocating.reverse_allocation(
            allocation_id=allocation,
            reason=body.reason,
            amount=optional_money(body.amount),
            effective_date=body.effective_date,
        )
        return JSONBytes(encode(reversal_out(reversal)), status=201)


class RefundCredit(V2View):
    """What a credit note has left is paid back."""

    capability: ClassVar = PAYMENTS_REFUND

    @extend_schema(
        **schema.posting(
            "invoices_refund",
            "Pay back what a credit note has left",
            RefundIn,
            RefundOut,
            {"amount": schema.MONEY, "reason": "goods returned"},
        )
    )
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        credit_note = known("inv", invoice_id)
        body = parse_request(request, RefundIn)
        refund = refunding.refund_credit(
            credit_note_id=credit_note,
            money=body.amount.money(),
            method=method_of(body.method),
            reference=body.reference or "",
            reason=body.reason or "",
            effective_date=body.effective_date,
        )
        return JSONBytes(encode(refund_out(refund)), status=201)


class WriteOffInvoice(V2View):
    """A claim is given up; above the legal entity's limit this takes `invoices.write_off`."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        **schema.posting(
            "invoices_write_off",
            "Give up what is open of a document, or a part of it",
            WriteOffIn,
            WriteOffOut,
            {"reason": "insolvent", "amount": schema.MONEY},
        )
    )
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        invoice = known("inv", invoice_id)
        body = parse_request(request, WriteOffIn)
        write_off = writing_off.write_off_invoice(
            invoice_id=invoice,
            reason=body.reason,
            money=optional_money(body.amount),
            effective_date=body.effective_date,
        )
        return JSONBytes(encode(write_off_out(write_off)), status=201)


class WriteOffs(V2View):
    """Claims that were given up."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        **schema.reading("write_offs_list", "List write-offs", WriteOffPageOut, query=WriteOffQuery)
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, WriteOffQuery)
        rows = ledger.list_write_offs(invoice=query.invoice)
        total = rows.count() if query.wants_total else msgspec.UNSET
        if query.cursor is not None:
            (last,) = decode_cursor(_WRITE_OFFS, query.cursor, tuple[UUID])
            rows = rows.filter(id__lt=last)
        found = list(rows[: query.size + 1])
        shown, has_more = found[: query.size], len(found) > query.size
        cursor = encode_cursor(_WRITE_OFFS, (shown[-1].id,)) if has_more else None
        return JSONBytes(
            encode(WriteOffPageOut([write_off_out(row) for row in shown], cursor, has_more, total))
        )


class ReverseWriteOff(V2View):
    """A claim is taken up again."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        **schema.posting(
            "write_offs_reverse",
            "Take a write-off back, whole or in part",
            ReversalIn,
            ReversalOut,
            {"reason": "they pay after all"},
        )
    )
    @idempotent
    def post(self, request: Request, write_off_id: str) -> HttpResponseBase:
        write_off = known("wof", write_off_id)
        body = parse_request(request, ReversalIn)
        reversal = writing_off.reverse_write_off(
            write_off_id=write_off,
            reason=body.reason,
            amount=optional_money(body.amount),
            effective_date=body.effective_date,
        )
        return JSONBytes(encode(reversal_out(reversal)), status=201)
