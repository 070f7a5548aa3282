"""v2 of money received: post it, allocate it, pay it back, and what takes it away again."""

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import msgspec
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from msgspec.json import encode
from rest_framework.request import Request

from invoicing.api.v2 import ledger_schema as schema
from invoicing.api.v2.invoice_in import CustomerId, LegalEntityId
from invoicing.api.v2.ledger_in import (
    Method,
    MistakeIn,
    PaymentIn,
    PaymentPatch,
    RefundIn,
    ReturnIn,
    SharesIn,
    known,
    method_of,
    optional_money,
    shares_of,
)
from invoicing.api.v2.ledger_out import (
    AllocationsOut,
    PaymentDetailOut,
    PaymentOut,
    PaymentPageOut,
    RefundOut,
    ReversalOut,
    allocation_out,
    payment_detail_out,
    payment_out,
    refund_out,
    reversal_out,
)
from invoicing.selectors import ledger
from invoicing.services import allocating, receiving, refunding, returning, tagging
from invoicing.services.editing import ensure_version
from tenants import ids
from tenants.capabilities import PAYMENTS_READ, PAYMENTS_REFUND, PAYMENTS_WRITE
from tenants.http import conditional
from tenants.http.idempotency import idempotent
from tenants.http.merge_patch import merged
from tenants.http.metadata import Metadata
from tenants.http.pagination import CursorQuery, decode_cursor, encode_cursor
from tenants.http.parsing import convert, parse_request
from tenants.http.query import parse_query
from tenants.http.rendering import JSONBytes
from tenants.http.values import CurrencyCode
from tenants.http.versions import V2View

_LISTING = "payments"


class PaymentQuery(CursorQuery, kw_only=True):
    """The latest day first. `unallocated` asks for those with credit left, or without."""

    customer: CustomerId | None = None
    legal_entity: LegalEntityId | None = None
    currency: CurrencyCode | None = None
    method: Method | None = None
    received_from: date | None = None
    received_to: date | None = None
    unallocated: bool | None = None
    metadata: Metadata | None = None


class Payments(V2View):
    """Money received."""

    capability: ClassVar = {"GET": PAYMENTS_READ, "POST": PAYMENTS_WRITE}

    @extend_schema(**schema.reading("payments_list", "List payments", PaymentPageOut, query=PaymentQuery))
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
        total = rows.count() if query.wants_total else msgspec.UNSET
        if query.cursor is not None:
            key = decode_cursor(_LISTING, query.cursor, tuple[date, UUID])
            rows = ledger.payments_after(rows, key=key)
        found = list(rows[: query.size + 1])
        shown, has_more = found[: query.size], len(found) > query.size
        cursor = encode_cursor(_LISTING, (shown[-1].effective_date, shown[-1].id)) if has_more else None
        return JSONBytes(encode(PaymentPageOut([payment_out(row) for row in shown], cursor, has_more, total)))

    @extend_schema(
        **schema.posting(
            "payments_create",
            "Post money received, and settle documents with it",
            PaymentIn,
            PaymentOut,
            {
                "customer": "cus_01jd8m3v9qexc8f3y2w5k7r4ta",
                "amount": schema.MONEY,
                "reference": "INV-2026-00017",
                "allocations": [{"invoice": schema.INVOICE, "amount": schema.MONEY}],
            },
        )
    )
    @idempotent
    def post(self, request: Request) -> HttpResponseBase:
        body = parse_request(request, PaymentIn)
        payment = receiving.receive_payment(
            customer_id=body.customer,
            money=body.amount.money(),
            method=method_of(body.method),
            reference=body.reference or "",
            effective_date=body.effective_date,
            legal_entity_id=body.legal_entity,
            shares=shares_of(body.allocations),
            metadata=body.metadata,
        )
        headers = {
            "ETag": conditional.etag(payment.version),
            "Location": f"{request.path.rstrip('/')}/{payment.public_id}",
        }
        return JSONBytes(encode(payment_out(payment)), status=201, headers=headers)


class Payment(V2View):
    """One payment with what became of it; its metadata alone can be changed."""

    capability: ClassVar = {"GET": PAYMENTS_READ, "PATCH": PAYMENTS_WRITE}

    @extend_schema(**schema.reading_versions("payments_retrieve", "Read a payment", PaymentDetailOut))
    def get(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = ledger.get_payment(payment_id=ids.decode("pay", payment_id))
        headers = {"ETag": conditional.etag(payment.version)}
        if conditional.is_current(request, headers["ETag"]):
            return JSONBytes(b"", status=304, headers=headers)
        detail = payment_detail_out(
            payment,
            list(ledger.list_allocations(payment=payment.id)),
            list(ledger.list_refunds(payment=payment.id)),
            list(ledger.list_returns(payment=payment.id)),
        )
        return JSONBytes(encode(detail), headers=headers)

    @extend_schema(**schema.PATCH_PAYMENT)
    def patch(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = ledger.get_payment(payment_id=ids.decode("pay", payment_id))
        version = conditional.expected_version(request)
        ensure_version(payment.version, expected=version)
        patch = parse_request(request, dict[str, Any])
        stated = convert(merged({"metadata": payment.metadata}, patch), PaymentPatch)
        changed = tagging.tag_payment(
            payment_id=payment.id, metadata=stated.metadata or {}, expected_version=version
        )
        return JSONBytes(encode(payment_out(changed)), headers={"ETag": conditional.etag(changed.version)})


class AllocatePayment(V2View):
    """Documents are settled out of what is left of a payment."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        **schema.posting(
            "payments_allocate",
            "Settle documents out of a payment, all or none",
            SharesIn,
            AllocationsOut,
            {"allocations": [{"invoice": schema.INVOICE, "amount": schema.MONEY}]},
        )
    )
    @idempotent
    def post(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = known("pay", payment_id)
        body = parse_request(request, SharesIn)
        rows = allocating.allocate_payment(
            payment_id=payment, shares=shares_of(body.allocations), effective_date=body.effective_date
        )
        return JSONBytes(encode(AllocationsOut([allocation_out(row) for row in rows])), status=201)


class RefundPayment(V2View):
    """Credit of a payment is paid back."""

    capability: ClassVar = PAYMENTS_REFUND

    @extend_schema(
        **schema.posting(
            "payments_refund",
            "Pay back unallocated credit of a payment",
            RefundIn,
            RefundOut,
            {"amount": schema.MONEY, "reason": "paid twice"},
        )
    )
    @idempotent
    def post(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = known("pay", payment_id)
        body = parse_request(request, RefundIn)
        refund = refunding.refund_payment(
            payment_id=payment,
            money=body.amount.money(),
            method=method_of(body.method),
            reference=body.reference or "",
            reason=body.reason or "",
            effective_date=body.effective_date,
        )
        return JSONBytes(encode(refund_out(refund)), status=201)


class ReturnPayment(V2View):
    """A bank debit comes back, a card payment is charged back: what it had settled is open again."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        **schema.posting(
            "payments_return",
            "Post that a payment was returned or charged back",
            ReturnIn,
            ReversalOut,
            {"kind": "chargeback", "reason": "fraudulent, code 10.4"},
        )
    )
    @idempotent
    def post(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = known("pay", payment_id)
        body = parse_request(request, ReturnIn)
        returned = returning.return_payment(
            payment_id=payment,
            kind=body.reversal_kind(),
            reason=body.reason,
            money=optional_money(body.amount),
            effective_date=body.effective_date,
        )
        return JSONBytes(encode(reversal_out(returned)), status=201)


class ReversePayment(V2View):
    """A payment that was entered in error is taken back, whole."""

    capability: ClassVar = PAYMENTS_WRITE

    @extend_schema(
        **schema.posting(
            "payments_reverse",
            "Take back a payment that was entered in error",
            MistakeIn,
            ReversalOut,
            {"reason": "entered twice"},
        )
    )
    @idempotent
    def post(self, request: Request, payment_id: str) -> HttpResponseBase:
        payment = known("pay", payment_id)
        body = parse_request(request, MistakeIn)
        taken = returning.reverse_payment(
            payment_id=payment, reason=body.reason, effective_date=body.effective_date
        )
        return JSONBytes(encode(reversal_out(taken)), status=201)
