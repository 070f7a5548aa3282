"""v1 of what settles documents: allocations, credit paid back, write-offs, and taking them back."""

from typing import ClassVar

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.ledger_in import (
    AllocationIn,
    RefundIn,
    ReversalIn,
    known,
    method_of,
    money_of,
    optional_money,
    source_of,
)
from invoicing.api.v1.ledger_out import AllocationOut, RefundOut, ReversalOut, WriteOffOut, posted_data
from invoicing.domain.ledger import Share
from invoicing.selectors import ledger
from invoicing.services import allocating, refunding, writing_off
from tenants import ids
from tenants.capabilities import PAYMENTS_READ, PAYMENTS_REFUND, PAYMENTS_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.query import parse_query
from tenants.http.serializers import page_of, validated
from tenants.http.values import Reference
from tenants.http.versions import V1View


class PaymentId(Reference):
    prefix = "pay"


class DocumentId(Reference):
    prefix = "inv"


class AllocationQuery(PageQuery, kw_only=True):
    """The latest posting first."""

    payment: PaymentId | None = None
    credit_note: DocumentId | None = None
    invoice: DocumentId | None = None


class WriteOffQuery(PageQuery, kw_only=True):
    """The latest posting first."""

    invoice: DocumentId | None = None


class Allocations(V1View):
    """What payments and credit notes have settled."""

    capability: ClassVar = {"GET": PAYMENTS_READ, "POST": PAYMENTS_WRITE}

    @extend_schema(
        operation_id="allocations_list",
        summary="List allocations",
        parameters=parameters_of(AllocationQuery),
        responses=page_of(AllocationOut),
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, AllocationQuery)
        rows = ledger.list_allocations(
            payment=query.payment, credit_note=query.credit_note, invoice=query.invoice
        )
        total = rows.count()
        shown = [posted_data(row) for row in rows[query.offset : query.offset + query.limit]]
        return Response(query.body(list(AllocationOut(shown, many=True).data), total))

    @extend_schema(
        operation_id="allocations_create",
        summary="Settle a document out of a payment or a credit note",
        request=AllocationIn,
        responses={201: AllocationOut},
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = validated(AllocationIn, request.data)
        payment, credit_note = source_of(data)
        allocation = allocating.allocate(
            payment_id=payment,
            credit_note_id=credit_note,
            share=Share(data["invoice"], money_of(data)),
            effective_date=data.get("effective_date"),
        )
        return Response(AllocationOut(posted_data(allocation)).data, status=201)


class Allocation(V1View):
    """One allocation with what was taken back of it."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(operation_id="allocations_retrieve", summary="Read an allocation", responses=AllocationOut)
    def get(self, request: Request, allocation_id: str) -> HttpResponseBase:
        allocation = ledger.get_allocation(allocation_id=ids.decode("alo", allocation_id))
        return Response(AllocationOut(posted_data(allocation)).data)


class ReverseAllocation(V1View):
    """An allocation is taken back: the money is free again, the document open."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        operation_id="allocations_reverse",
        summary="Take an allocation back, whole or in part",
        request=ReversalIn,
        responses={201: ReversalOut},
    )
    @idempotent
    def post(self, request: Request, allocation_id: str) -> HttpResponseBase:
        allocation = known("alo", allocation_id)
        data = validated(ReversalIn, request.data)
        reversal = allocating.reverse_allocation(
            allocation_id=allocation,
            reason=data["reason"],
            amount=optional_money(data),
            effective_date=data.get("effective_date"),
        )
        return Response(ReversalOut(posted_data(reversal)).data, status=201)


class RefundCredit(V1View):
    """What a credit note has left is paid back."""

    capability: ClassVar = PAYMENTS_REFUND

    @extend_schema(
        operation_id="invoices_refund",
        summary="Pay back what a credit note has left",
        request=RefundIn,
        responses={201: RefundOut},
    )
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        credit_note = known("inv", invoice_id)
        data = validated(RefundIn, request.data)
        refund = refunding.refund_credit(
            credit_note_id=credit_note,
            money=money_of(data),
            method=method_of(data),
            reference=data.get("reference") or "",
            reason=data.get("reason") or "",
            effective_date=data.get("effective_date"),
        )
        return Response(RefundOut(posted_data(refund)).data, status=201)


class WriteOffInvoice(V1View):
    """A claim is given up; above the legal entity's limit this takes `invoices.write_off`."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        operation_id="invoices_write_off",
        summary="Give up what is open of a document, or a part of it",
        request=ReversalIn,
        responses={201: WriteOffOut},
    )
    @idempotent
    def post(self, request: Request, invoice_id: str) -> HttpResponseBase:
        invoice = known("inv", invoice_id)
        data = validated(ReversalIn, request.data)
        write_off = writing_off.write_off_invoice(
            invoice_id=invoice,
            reason=data["reason"],
            money=optional_money(data),
            effective_date=data.get("effective_date"),
        )
        return Response(WriteOffOut(posted_data(write_off)).data, status=201)


class WriteOffs(V1View):
    """Claims that were given up."""

    capability: ClassVar = PAYMENTS_READ

    @extend_schema(
        operation_id="write_offs_list",
        summary="List write-offs",
        parameters=parameters_of(WriteOffQuery),
        responses=page_of(WriteOffOut),
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, WriteOffQuery)
        rows = ledger.list_write_offs(invoice=query.invoice)
        total = rows.count()
        shown = [posted_data(row) for row in rows[query.offset : query.offset + query.limit]]
        return Response(query.body(list(WriteOffOut(shown, many=True).data), total))


class ReverseWriteOff(V1View):
    """A claim is taken up again."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        operation_id="write_offs_reverse",
        summary="Take a write-off back, whole or in part",
        request=ReversalIn,
        responses={201: ReversalOut},
    )
    @idempotent
    def post(self, request: Request, write_off_id: str) -> HttpResponseBase:
        write_off = known("wof", write_off_id)
        data = validated(ReversalIn, request.data)
        reversal = writing_off.reverse_write_off(
            write_off_id=write_off,
            reason=data["reason"],
            amount=optional_money(data),
            effective_date=data.get("effective_date"),
        )
        return Response(ReversalOut(posted_data(reversal)).data, status=201)
