"""v1 of money received: post it, allocate it, pay it back, and what takes it away again."""

from datetime import date
from typing import ClassVar, Literal

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from invoicing.api.v1.ledger_in import (
    MistakeIn,
    PaymentIn,
    PaymentPatch,
    RefundIn,
    ReturnIn,
    SharesIn,
    known,
    method_of,
    money_of,
    optional_money,
    return_kind_of,
    shares_of,
)
from invoicing.api.v1.ledger_out import (
    AllocationOut,
    PaymentDetailOut,
    PaymentOut,
    RefundOut,
    ReversalOut,
    payment_data,
    posted_data,
)
from invoicing.api.v1.references import CustomerId, LegalEntityId
from invoicing.selectors import ledger
from invoicing.services import allocating, receiving, refunding, returning, tagging
from tenants import ids
from tenants.capabilities import PAYMENTS_READ, PAYMENTS_REFUND, PAYMENTS_WRITE
from tenants.http.idempotency import idempotent
from tenants.http.merge_patch import merged
from tenants.http.metadata import Metadata
from tenants.http.openapi import parameters_of
from tenants.http.pagination import PageQuery
from tenants.http.query import parse_query
from tenants.http.serializers import page_of, validated
from tenants.http.values import CurrencyCode
from tenants.http.versions import V1View


class PaymentQuery(PageQuery, kw_only=True):
    """The latest day first. `unallocated` asks for those with credit left, or without."""

    customer: CustomerId | None = None
    legal_entity: LegalEntityId | None = None
    currency: CurrencyCode | None = None
    method: Literal["bank_transfer", "direct_debit", "card", "cash", "cheque", "other"] | None = None
    received_from: date | None = None
    received_to: date | None = None
    unallocated: bool | None = None
    metadata: Metadata | None = None


class Payments(V1View):
    """Money received."""

    capability: ClassVar = {"GET": PAYMENTS_READ, "POST": PAYMENTS_WRITE}

    @extend_schema(
        operation_id="payments_list",
        summary="List payments",
        parameters=parameters_of(PaymentQuery),
        responses=page_of(PaymentOut),
    )
    def get(self, request: Request) -> HttpResponseBase:
        query = parse_query(request.query_params, PaymentQuery)
        rows = ledger.list_payments(
            customer=query.customer,
            legal_entity=query.legal_entity,
            currency=query.currency,
            method=query.method,
            received_from=query.received_from,
            received_to=query.received_to,
            unallocated=query.unallocated,
            metadata=query.metadata,
        )
        total = rows.count()
        shown = [payment_data(row) for row in rows[query.offset : query.offset + query.limit]]
        return Response(query.body(list(PaymentOut(shown, many=True).data), total))

    @extend_schema(
        operation_id="payments_create",
        summary="Post money received, and settle documents with it",
        request=PaymentIn,
        responses={201: PaymentOut},
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        data = validated(PaymentIn, request.data)
        payment = receiving.receive_payment(
            customer_id=data["customer"],
            money=money_of(data),
            method=method_of(data),
            reference=data.get("reference") or "",
            effective_date=data.get("effective_date"),
            legal_entity_id=data.get("legal_entity"),
            shares=shares_of(data),
            metadata=data.get("metadata"),
        )
        return Response(PaymentOut(payment_data(payment)).data, status=201)


class Payment(V1View):
    """One payment with what became of it; its metadata alone can be changed."""

    capability: ClassVar = {"GET": PAYMENTS_READ, "PATCH": PAYMENTS_WRITE}

    @extend_schema(operation_id="payments_retrieve", summary="Read a payment", responses=PaymentDetailOut)
    def get(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = ledger.get_payment(payment_id=ids.decode("pay", payment_id))
        detail = {
            **payment_data(payment),
            "allocations": [posted_data(row) for row in ledger.list_allocations(payment=payment.id)],
            "refunds": [posted_data(row) for row in ledger.list_refunds(payment=payment.id)],
            "returns": [posted_data(row) for row in ledger.list_returns(payment=payment.id)],
        }
        return Response(PaymentDetailOut(detail).data)

    @extend_schema(
        operation_id="payments_update",
        summary="Change the metadata of a payment (JSON merge patch)",
        request=PaymentPatch(partial=True),
        responses=PaymentOut,
    )
    def patch(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = ledger.get_payment(payment_id=ids.decode("pay", payment_id))
        data = validated(PaymentPatch, merged({"metadata": payment.metadata}, request.data))
        changed = tagging.tag_payment(payment_id=payment.id, metadata=data.get("metadata") or {})
        return Response(PaymentOut(payment_data(changed)).data)


class AllocatePayment(V1View):
    """Documents are settled out of what is left of a payment."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        operation_id="payments_allocate",
        summary="Settle documents out of a payment, all or none",
        request=SharesIn,
        responses={201: AllocationOut(many=True)},
    )
    @idempotent
    def post(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = known("pay", payment_id)
        data = validated(SharesIn, request.data)
        rows = allocating.allocate_payment(
            payment_id=payment, shares=shares_of(data), effective_date=data.get("effective_date")
        )
        return Response(AllocationOut([posted_data(row) for row in rows], many=True).data, status=201)


class RefundPayment(V1View):
    """Credit of a payment is paid back."""

    capability: ClassVar = PAYMENTS_REFUND

    @extend_schema(
        operation_id="payments_refund",
        summary="Pay back unallocated credit of a payment",
        request=RefundIn,
        responses={201: RefundOut},
    )
    @idempotent
    def post(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = known("pay", payment_id)
        data = validated(RefundIn, request.data)
        refund = refunding.refund_payment(
            payment_id=payment,
            money=money_of(data),
            method=method_of(data),
            reference=data.get("reference") or "",
            reason=data.get("reason") or "",
            effective_date=data.get("effective_date"),
        )
        return Response(RefundOut(posted_data(refund)).data, status=201)


class ReturnPayment(V1View):
    """A bank debit comes back, a card payment is charged back: what it had settled is open again."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        operation_id="payments_return",
        summary="Post that a payment was returned or charged back",
        request=ReturnIn,
        responses={201: ReversalOut},
    )
    @idempotent
    def post(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = known("pay", payment_id)
        data = validated(ReturnIn, request.data)
        returned = returning.return_payment(
            payment_id=payment,
            kind=return_kind_of(data),
            reason=data["reason"],
            money=optional_money(data),
            effective_date=data.get("effective_date"),
        )
        return Response(ReversalOut(posted_data(returned)).data, status=201)


class ReversePayment(V1View):
    """A payment that was entered in error is taken back, whole."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        operation_id="payments_reverse",
        summary="Take back a payment that was entered in error",
        request=MistakeIn,
        responses={201: ReversalOut},
    )
    @idempotent
    def post(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = known("pay", payment_id)
        data = validated(MistakeIn, request.data)
        taken = returning.reverse_payment(
            payment_id=payment, reason=data["reason"], effective_date=data.get("effective_date")
        )
        return Response(ReversalOut(posted_data(taken)).data, status=201)
