"""What v1 takes for an invoice."""

from typing import Any

from rest_framework import serializers

from invoicing.domain.document import (
    ONE,
    ZERO,
    AllowanceCharge,
    DocumentInput,
    DocumentType,
    LineInput,
    TaxKey,
)
from invoicing.domain.record import Draft, DraftLine
from invoicing.domain.tax import CATEGORIES
from tenants.http.serializers import (
    CleanCharField,
    CleanTextField,
    DecimalText,
    MoneyField,
    PublicIdField,
    StrictBooleanField,
    StrictDateField,
    StrictSerializer,
)
from tenants.http.values import Percent, Price, Quantity, Rate

Data = dict[str, Any]


class TaxIn(StrictSerializer):
    category = serializers.ChoiceField(choices=sorted(CATEGORIES))
    rate = DecimalText(Rate, required=False, allow_null=True)


class AdjustmentIn(StrictSerializer):
    amount = MoneyField(required=False, allow_null=True)
    percent = DecimalText(Percent, required=False, allow_null=True)
    base_amount = MoneyField(required=False, allow_null=True)
    reason = CleanCharField(max_length=500, required=False, allow_null=True)
    reason_code = serializers.RegexField("^[A-Z0-9]{1,5}$", required=False, allow_null=True)


class DocumentAdjustmentIn(AdjustmentIn):
    tax = TaxIn()


class LineIn(StrictSerializer):
    description = CleanCharField(max_length=1000)
    quantity = DecimalText(Quantity)
    unit_price = DecimalText(Price)
    tax = TaxIn()
    item = PublicIdField("itm", required=False, allow_null=True)
    unit_code = serializers.RegexField("^[A-Z0-9]{1,3}$", default="C62")
    base_quantity = DecimalText(Quantity, default=ONE)
    allowances = AdjustmentIn(many=True, required=False)
    charges = AdjustmentIn(many=True, required=False)


class CalculationIn(StrictSerializer):
    """A document without a buyer; nothing of it is kept."""

    type = serializers.ChoiceField(choices=[kind.value for kind in DocumentType], default="invoice")
    currency = serializers.RegexField("^[A-Z]{3}$")
    lines = LineIn(many=True)
    legal_entity = PublicIdField("le", required=False, allow_null=True)
    issue_date = StrictDateField(required=False, allow_null=True)
    due_date = StrictDateField(required=False, allow_null=True)
    payment_terms = CleanTextField(max_length=500, required=False, allow_blank=True)
    tax_currency = serializers.RegexField("^[A-Z]{3}$", required=False, allow_null=True)
    prepaid_amount = MoneyField(default=ZERO)
    rounding_amount = MoneyField(required=False, allow_null=True)
    allowances = DocumentAdjustmentIn(many=True, required=False)
    charges = DocumentAdjustmentIn(many=True, required=False)


class InvoiceIn(CalculationIn):
    """A whole document as PATCH leaves it."""

    customer = PublicIdField("cus")
    series = PublicIdField("ser", required=False, allow_null=True)


class NewInvoiceIn(InvoiceIn):
    """Drafted, and with `issue` numbered and frozen at once."""

    issue = StrictBooleanField(default=False)


def document_from(data: Data) -> DocumentInput:
    """The validated body as the domain takes it."""
    return DocumentInput(
        currency=data["currency"],
        lines=tuple(_line(line) for line in data["lines"]),
        type=DocumentType(data["type"]),
        allowances=_adjustments(data, "allowances"),
        charges=_adjustments(data, "charges"),
        prepaid_amount=data["prepaid_amount"],
        rounding_amount=data.get("rounding_amount") or ZERO,
        tax_currency=data.get("tax_currency"),
    )


def stated_lines(data: Data) -> tuple[DraftLine, ...]:
    """What the lines say beside their numbers."""
    return tuple(
        DraftLine(line["description"], line["unit_code"], line.get("item")) for line in data["lines"]
    )


def draft_from(data: Data) -> Draft:
    """The validated body of a document with its buyer."""
    return Draft(
        customer=data["customer"],
        document=document_from(data),
        lines=stated_lines(data),
        legal_entity=data.get("legal_entity"),
        series=data.get("series"),
        issue_date=data.get("issue_date"),
        due_date=data.get("due_date"),
        payment_terms=data.get("payment_terms") or "",
    )


def _line(line: Data) -> LineInput:
    return LineInput(
        quantity=line["quantity"],
        unit_price=line["unit_price"],
        tax=_tax(line["tax"]),
        base_quantity=line["base_quantity"],
        allowances=_adjustments(line, "allowances"),
        charges=_adjustments(line, "charges"),
    )


def _adjustments(data: Data, kind: str) -> tuple[AllowanceCharge, ...]:
    return tuple(
        AllowanceCharge(
            amount=item.get("amount"),
            percent=item.get("percent"),
            base_amount=item.get("base_amount"),
            tax=_tax(item["tax"]) if "tax" in item else None,
            reason=item.get("reason"),
            reason_code=item.get("reason_code"),
        )
        for item in data.get(kind) or ()
    )


def _tax(tax: Data) -> TaxKey:
    return TaxKey(tax["category"], tax.get("rate"))
