"""How v1 shows the ledger: decimals as bare strings beside their currency."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from invoicing.domain.account import Line, Statement
from invoicing.domain.booking import Values, gain
from invoicing.models import Allocation, Payment, Refund, Reversal, WriteOff
from invoicing.money import round_amount
from invoicing.selectors.receivables import Ageing, OpenItem
from tenants.http.serializers import DecimalText, PublicIdField, StrictDateField
from tenants.ids import encode

Out = serializers.Serializer[Any]
Data = dict[str, Any]


class AllocationOut(Out):
    id = PublicIdField("alo")
    payment = PublicIdField("pay", allow_null=True)
    credit_note = PublicIdField("inv", allow_null=True)
    invoice = PublicIdField("inv")
    currency = serializers.CharField()
    amount = DecimalText()
    reversed = DecimalText()
    effective_date = StrictDateField()
    recorded_at = serializers.DateTimeField()
    source_value = DecimalText(allow_null=True)
    target_value = DecimalText(allow_null=True)
    gain = DecimalText(allow_null=True)


class RefundOut(Out):
    id = PublicIdField("rfd")
    payment = PublicIdField("pay", allow_null=True)
    credit_note = PublicIdField("inv", allow_null=True)
    currency = serializers.CharField()
    amount = DecimalText()
    method = serializers.CharField()
    reference = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    effective_date = StrictDateField()
    recorded_at = serializers.DateTimeField()
    source_value = DecimalText(allow_null=True)
    target_value = DecimalText(allow_null=True)
    gain = DecimalText(allow_null=True)


class WriteOffOut(Out):
    id = PublicIdField("wof")
    invoice = PublicIdField("inv")
    currency = serializers.CharField()
    amount = DecimalText()
    reversed = DecimalText()
    reason = serializers.CharField()
    effective_date = StrictDateField()
    recorded_at = serializers.DateTimeField()


class ReversalOut(Out):
    id = PublicIdField("rvs")
    kind = serializers.CharField()
    allocation = PublicIdField("alo", allow_null=True)
    write_off = PublicIdField("wof", allow_null=True)
    payment = PublicIdField("pay", allow_null=True)
    credit_note = PublicIdField("inv", allow_null=True)
    invoice = PublicIdField("inv", allow_null=True)
    currency = serializers.CharField()
    amount = DecimalText()
    reason = serializers.CharField()
    effective_date = StrictDateField()
    recorded_at = serializers.DateTimeField()
    source_value = DecimalText(allow_null=True)
    target_value = DecimalText(allow_null=True)
    gain = DecimalText(allow_null=True)


class PaymentOut(Out):
    id = PublicIdField("pay")
    customer = PublicIdField("cus")
    legal_entity = PublicIdField("le")
    currency = serializers.CharField()
    amount = DecimalText()
    allocated = DecimalText()
    refunded = DecimalText()
    returned = DecimalText()
    unallocated = DecimalText()
    method = serializers.CharField()
    reference = serializers.CharField(allow_blank=True)
    effective_date = StrictDateField()
    recorded_at = serializers.DateTimeField()
    metadata = serializers.DictField(child=serializers.CharField())


class PaymentDetailOut(PaymentOut):
    allocations = AllocationOut(many=True)
    refunds = RefundOut(many=True)
    returns = ReversalOut(many=True)


class OpenItemOut(Out):
    id = serializers.CharField()
    type = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    customer = PublicIdField("cus")
    legal_entity = PublicIdField("le")
    date = StrictDateField()
    due_date = StrictDateField(allow_null=True)
    days_overdue = serializers.IntegerField()
    currency = serializers.CharField()
    total = DecimalText()
    open = DecimalText()


class AgeingOut(Out):
    currency = serializers.CharField()
    not_due = DecimalText()
    days_1_30 = DecimalText()
    days_31_60 = DecimalText()
    days_61_90 = DecimalText()
    over_90 = DecimalText()
    credit = DecimalText()
    total = DecimalText()


class ReceivablesOut(Out):
    as_of = StrictDateField()
    known_at = serializers.DateTimeField()
    is_final = serializers.BooleanField()
    totals = AgeingOut(many=True)
    items = OpenItemOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    pages = serializers.IntegerField()


class AccountOut(Out):
    currency = serializers.CharField()
    invoiced = DecimalText()
    credited = DecimalText()
    received = DecimalText()
    refunded = DecimalText()
    returned = DecimalText()
    written_off = DecimalText()
    balance = DecimalText()
    claims = DecimalText()
    credit = DecimalText()
    overdue = DecimalText()


class CustomerAccountOut(Out):
    customer = PublicIdField("cus")
    as_of = StrictDateField()
    known_at = serializers.DateTimeField()
    is_final = serializers.BooleanField()
    accounts = AccountOut(many=True)


class StatementLineOut(Out):
    type = serializers.CharField()
    id = serializers.CharField()
    number = serializers.CharField(allow_blank=True)
    date = StrictDateField()
    amount = DecimalText()
    balance = DecimalText()


class StatementOut(Out):
    currency = serializers.CharField()
    opening = DecimalText()
    lines = StatementLineOut(many=True)
    closing = DecimalText()


class StatementsOut(Out):
    customer = PublicIdField("cus")
    known_at = serializers.DateTimeField()
    is_final = serializers.BooleanField()
    statements = StatementOut(many=True)

    def get_fields(self) -> dict[str, Any]:
        """`from` is a word of Python's, so it cannot be an attribute."""
        period = {"from": StrictDateField(), "to": StrictDateField()}
        return {**super().get_fields(), **period}


_PREFIXES = {
    "invoice": "inv",
    "credit_note": "inv",
    "invoice_void": "inv",
    "credit_note_void": "inv",
    "payment": "pay",
    "refund": "rfd",
    "return": "rvs",
    "chargeback": "rvs",
    "mistake": "rvs",
    "write_off": "wof",
    "write_off_reversal": "rvs",
}


def payment_data(row: Payment) -> Data:
    """For `PaymentOut`."""
    return {
        "id": row.id,
        "customer": row.customer_id,
        "legal_entity": row.legal_entity_id,
        "currency": row.currency,
        "amount": _exact(row.amount, row.currency),
        "allocated": _exact(row.allocated_amount, row.currency),
        "refunded": _exact(row.refunded_amount, row.currency),
        "returned": _exact(row.returned_amount, row.currency),
        "unallocated": _exact(row.unallocated_amount, row.currency),
        "method": row.method,
        "reference": row.reference,
        "effective_date": row.effective_date,
        "recorded_at": row.recorded_at,
        "metadata": row.metadata,
    }


def posted_data(row: Allocation | Refund | WriteOff | Reversal) -> Data:
    """For the serializer of the row's kind; `reversed` is nothing for what was just posted."""
    columns = {field.attname.removesuffix("_id"): field.attname for field in row._meta.concrete_fields}
    return {
        **{name: getattr(row, attribute) for name, attribute in columns.items()},
        "amount": _exact(row.amount, row.currency),
        "reversed": _exact(getattr(row, "reversed_amount", Decimal(0)), row.currency),
        "gain": gain(Values(getattr(row, "source_value", None), row.target_value)),
    }


def open_item_data(row: OpenItem) -> Data:
    """For `OpenItemOut`."""
    return {
        "id": encode(_PREFIXES[row.kind], row.id),
        "type": row.kind,
        "number": row.number,
        "customer": row.customer,
        "legal_entity": row.legal_entity,
        "date": row.on,
        "due_date": row.due_date,
        "days_overdue": row.overdue,
        "currency": row.currency,
        "total": _exact(row.total, row.currency),
        "open": _exact(row.open, row.currency),
    }


def ageing_data(row: Ageing) -> Data:
    """For `AgeingOut`."""
    return {
        name: value if name == "currency" else _exact(value, row.currency)
        for name, value in row._asdict().items()
    }


def statement_data(statement: Statement) -> Data:
    """For `StatementOut`."""
    return {
        "currency": statement.currency,
        "opening": statement.opening,
        "lines": [_line(line) for line in statement.lines],
        "closing": statement.closing,
    }


def _line(line: Line) -> Data:
    return {
        "type": line.kind,
        "id": encode(_PREFIXES[line.kind], line.id),
        "number": line.number,
        "date": line.on,
        "amount": line.amount,
        "balance": line.balance,
    }


def _exact(amount: Decimal, currency: str) -> Decimal:
    return round_amount(amount, currency)
