"""What v1 takes for an invoice."""

from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from invoicing.api.v1.parties import DueRuleSerializer
from invoicing.domain.document import (
    ONE,
    OPEN_TAX,
    ZERO,
    AllowanceCharge,
    DocumentInput,
    DocumentType,
    LineInput,
    TaxKey,
    Withholding,
)
from invoicing.domain.exemptions import Exemption
from invoicing.domain.record import Draft, DraftLine
from invoicing.domain.stored import terms_from_json
from invoicing.domain.tax import CATEGORIES
from tenants.http.metadata import MetadataField
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


OPTIONAL: Data = {"required": False, "allow_null": True}
UNIT = "C62"


class CodeField(CleanCharField):
    """A code of a fixed form, taken as it is."""

    def __init__(self, pattern: str, **kwargs: Any) -> None:
        super().__init__(validators=[RegexValidator(rf"\A(?:{pattern})\Z")], trim_whitespace=False, **kwargs)


def _many(item: type[StrictSerializer]) -> serializers.ListSerializer[Any]:
    """A list that may be null; `many=True` would let its items be null as well."""
    return serializers.ListSerializer(child=item(), **OPTIONAL)


class TaxIn(StrictSerializer):
    category = serializers.ChoiceField(choices=sorted(CATEGORIES))
    rate = DecimalText(Rate, **OPTIONAL)


class WithholdingIn(StrictSerializer):
    code = CodeField("[A-Z][A-Z0-9_]{0,19}")
    rate = DecimalText(Rate)


class ExemptionIn(StrictSerializer):
    category = serializers.ChoiceField(choices=["E", "AE", "K", "G", "O"])
    text = CleanCharField(max_length=500)
    code = CodeField("[A-Z0-9-]{1,30}", **OPTIONAL)


class AdjustmentIn(StrictSerializer):
    amount = MoneyField(**OPTIONAL)
    percent = DecimalText(Percent, **OPTIONAL)
    base_amount = MoneyField(**OPTIONAL)
    reason = CleanCharField(max_length=500, **OPTIONAL)
    reason_code = CodeField("[A-Z0-9]{1,5}", **OPTIONAL)


class DocumentAdjustmentIn(AdjustmentIn):
    tax = TaxIn()
    surcharge_rate = DecimalText(Rate, **OPTIONAL)
    withholdings = _many(WithholdingIn)


class LineTaxIn(StrictSerializer):
    """A category and its rate, or one of the tenant's tax rates that holds on the date of issue."""

    category = serializers.ChoiceField(choices=sorted(CATEGORIES), **OPTIONAL)
    rate = DecimalText(Rate, **OPTIONAL)
    tax_rate = PublicIdField("tax", **OPTIONAL)

    def validate(self, attrs: Data) -> Data:
        if (attrs.get("category") is None) == (attrs.get("tax_rate") is None):
            raise ValidationError("Expected a category, or a tax rate of the tenant's.", code="required")
        return attrs


class LineIn(StrictSerializer):
    """Price and tax that are left out are the item's, or what the customer's tax treatment leads to."""

    description = CleanCharField(max_length=1000)
    quantity = DecimalText(Quantity)
    unit_price = DecimalText(Price, **OPTIONAL)
    tax = LineTaxIn(**OPTIONAL)
    item = PublicIdField("itm", **OPTIONAL)
    unit_code = CodeField("[A-Z0-9]{1,3}", **OPTIONAL)
    base_quantity = DecimalText(Quantity, **OPTIONAL)
    allowances = _many(AdjustmentIn)
    charges = _many(AdjustmentIn)
    surcharge_rate = DecimalText(Rate, **OPTIONAL)
    withholdings = _many(WithholdingIn)


class CalculationIn(StrictSerializer):
    """A document without a buyer; nothing of it is kept."""

    type = serializers.ChoiceField(choices=[kind.value for kind in DocumentType], **OPTIONAL)
    currency = CodeField("[A-Z]{3}")
    lines = LineIn(many=True)
    legal_entity = PublicIdField("le", **OPTIONAL)
    issue_date = StrictDateField(**OPTIONAL)
    due_date = StrictDateField(**OPTIONAL)
    payment_terms = CleanTextField(max_length=500, allow_blank=True, **OPTIONAL)
    tax_currency = CodeField("[A-Z]{3}", **OPTIONAL)
    prepaid_amount = MoneyField(**OPTIONAL)
    rounding_amount = MoneyField(**OPTIONAL)
    allowances = _many(DocumentAdjustmentIn)
    charges = _many(DocumentAdjustmentIn)
    prices_include_tax = StrictBooleanField(**OPTIONAL)
    cash_rounding = StrictBooleanField(**OPTIONAL)
    exemptions = _many(ExemptionIn)
    due_rule = DueRuleSerializer(**OPTIONAL)


class InvoiceIn(CalculationIn):
    """A whole document as PATCH leaves it."""

    customer = PublicIdField("cus")
    series = PublicIdField("ser", **OPTIONAL)
    metadata = MetadataField()


class NewInvoiceIn(InvoiceIn):
    """Drafted, and with `issue` numbered and frozen at once."""

    issue = StrictBooleanField(**OPTIONAL)


def document_from(data: Data) -> DocumentInput:
    """The validated body as the domain takes it."""
    return DocumentInput(
        currency=data["currency"],
        lines=tuple(_line(line) for line in data["lines"]),
        type=DocumentType(data.get("type") or "invoice"),
        allowances=_adjustments(data, "allowances"),
        charges=_adjustments(data, "charges"),
        prepaid_amount=data.get("prepaid_amount") or ZERO,
        rounding_amount=data.get("rounding_amount") or ZERO,
        tax_currency=data.get("tax_currency"),
        prices_include_tax=bool(data.get("prices_include_tax")),
        cash_rounding=data.get("cash_rounding"),
    )


def reasons_from(data: Data) -> tuple[Exemption, ...]:
    """Why no VAT is charged, where it is stated."""
    return tuple(
        Exemption(one["category"], one.get("code"), one["text"]) for one in data.get("exemptions") or ()
    )


def stated_lines(data: Data) -> tuple[DraftLine, ...]:
    """What the lines say beside their numbers."""
    return tuple(_stated_line(line) for line in data["lines"])


def _stated_line(line: Data) -> DraftLine:
    tax = line.get("tax")
    named = None if tax is None else tax.get("tax_rate")
    return DraftLine(
        line["description"],
        line.get("unit_code") or UNIT,
        line.get("item"),
        line.get("unit_price") is None,
        tax is None or named is not None,
        named,
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
        exemptions=reasons_from(data),
        metadata=data.get("metadata") or {},
        due_rule=terms_from_json(data.get("due_rule")),
    )


def _line(line: Data) -> LineInput:
    return LineInput(
        quantity=line["quantity"],
        unit_price=ZERO if line.get("unit_price") is None else line["unit_price"],
        tax=OPEN_TAX if line.get("tax") is None else _tax(line["tax"]),
        base_quantity=ONE if line.get("base_quantity") is None else line["base_quantity"],
        allowances=_adjustments(line, "allowances"),
        charges=_adjustments(line, "charges"),
        surcharge_rate=line.get("surcharge_rate"),
        withholdings=_withholdings(line),
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
            surcharge_rate=item.get("surcharge_rate"),
            withholdings=_withholdings(item),
        )
        for item in data.get(kind) or ()
    )


def _withholdings(data: Data) -> tuple[Withholding, ...]:
    return tuple(Withholding(item["code"], item["rate"]) for item in data.get("withholdings") or ())


def _tax(tax: Data) -> TaxKey:
    return OPEN_TAX if tax.get("category") is None else TaxKey(tax["category"], tax.get("rate"))
