"""How v1 shows an invoice: its customer nested, decimals as plain text."""

from typing import Any

from rest_framework import serializers

from invoicing.api.v1.exchange_out import ExchangeOut
from invoicing.api.v1.parties import DueRuleSerializer
from tenants.http.serializers import DecimalText, PublicIdField, StrictDateField, page_of

Out = serializers.Serializer[Any]


class CustomerOut(Out):
    id = PublicIdField("cus")
    name = serializers.CharField()
    reference = serializers.CharField(allow_blank=True)
    vat_id = serializers.CharField(allow_blank=True)
    country = serializers.CharField()


class TaxOut(Out):
    category = serializers.CharField()
    rate = DecimalText(allow_null=True)


class LineTaxOut(Out):
    """`tax_rate` is the tenant's rate that the line named, if it named one."""

    category = serializers.CharField(source="input.tax.category")
    rate = DecimalText(source="input.tax.rate", allow_null=True)
    tax_rate = PublicIdField("tax", source="stated.tax_rate", allow_null=True)


class AdjustmentOut(Out):
    amount = DecimalText()
    percent = DecimalText(source="stated.percent", allow_null=True)
    base_amount = DecimalText(source="stated.base_amount", allow_null=True)
    reason = serializers.CharField(source="stated.reason", allow_null=True)
    reason_code = serializers.CharField(source="stated.reason_code", allow_null=True)


class WithholdingRateOut(Out):
    code = serializers.CharField()
    rate = DecimalText()


class DocumentAdjustmentOut(AdjustmentOut):
    tax = TaxOut(source="stated.tax", allow_null=True)
    surcharge_rate = DecimalText(source="stated.surcharge_rate", allow_null=True)
    withholdings = WithholdingRateOut(source="stated.withholdings", many=True)


class LineAmountsOut(Out):
    """A line without identity, as `calculate` answers."""

    description = serializers.CharField(source="stated.description")
    item = PublicIdField("itm", source="stated.item", allow_null=True)
    quantity = DecimalText(source="input.quantity")
    unit_code = serializers.CharField(source="stated.unit_code")
    unit_price = DecimalText(source="input.unit_price")
    base_quantity = DecimalText(source="input.base_quantity")
    tax = LineTaxOut(source="*")
    allowances = AdjustmentOut(many=True)
    charges = AdjustmentOut(many=True)
    surcharge_rate = DecimalText(source="input.surcharge_rate", allow_null=True)
    withholdings = WithholdingRateOut(source="input.withholdings", many=True)
    net_amount = DecimalText()
    gross_amount = DecimalText(allow_null=True)


class LineOut(LineAmountsOut):
    id = PublicIdField("iln")
    corrects = PublicIdField("iln", allow_null=True)


class BreakdownOut(Out):
    category = serializers.CharField()
    rate = DecimalText(allow_null=True)
    taxable = DecimalText()
    tax = DecimalText()


class SurchargeOut(Out):
    """An equivalence surcharge beside the VAT of a category and rate; it is part of the tax total."""

    category = serializers.CharField(source="key.code")
    rate = DecimalText(source="key.vat_rate")
    surcharge_rate = DecimalText(source="key.rate")
    taxable = DecimalText()
    amount = DecimalText()


class WithheldOut(Out):
    """What the buyer keeps back of a tax on the seller's income."""

    code = serializers.CharField(source="key.code")
    rate = DecimalText(source="key.rate")
    taxable = DecimalText()
    amount = DecimalText()


class ExemptionOut(Out):
    """Why a VAT category bears no VAT (BT-120, BT-121)."""

    category = serializers.CharField()
    code = serializers.CharField(allow_null=True)
    text = serializers.CharField()


class TotalsOut(Out):
    sum_of_lines = DecimalText()
    allowance_total = DecimalText()
    charge_total = DecimalText()
    tax_exclusive = DecimalText()
    tax_total = DecimalText()
    tax_inclusive = DecimalText()
    withheld_amount = DecimalText()
    payable = DecimalText()
    breakdown = BreakdownOut(many=True)
    surcharges = SurchargeOut(many=True)
    withholdings = WithheldOut(many=True)


class CalculationOut(Out):
    type = serializers.CharField()
    currency = serializers.CharField()
    tax_currency = serializers.CharField(allow_null=True)
    prices_include_tax = serializers.BooleanField()
    prepaid_amount = DecimalText()
    rounding_amount = DecimalText()
    cash_rounding = serializers.BooleanField(allow_null=True)
    cash_step = DecimalText(allow_null=True)
    lines = LineAmountsOut(many=True)
    allowances = DocumentAdjustmentOut(many=True)
    charges = DocumentAdjustmentOut(many=True)
    totals = TotalsOut()
    exemptions = ExemptionOut(many=True)
    due_date = StrictDateField(allow_null=True)


class CorrectsOut(Out):
    """The invoice a credit note corrects (EN 16931 BG-3)."""

    id = PublicIdField("inv")
    number = serializers.CharField(allow_null=True)
    issue_date = StrictDateField(allow_null=True)


class InvoiceOut(CalculationOut):
    """`balance` is what is open: to be paid, or of a credit note to be used; null for a draft."""

    id = PublicIdField("inv")
    number = serializers.CharField(allow_null=True)
    status = serializers.CharField(source="state")
    payment_status = serializers.CharField(source="payment_state")
    balance = DecimalText(allow_null=True)
    legal_entity = PublicIdField("le")
    customer = CustomerOut()
    series = PublicIdField("ser")
    issue_date = StrictDateField(allow_null=True)
    payment_terms = serializers.CharField(allow_blank=True)
    due_rule = DueRuleSerializer(allow_null=True)
    corrects = CorrectsOut(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    metadata = serializers.DictField(child=serializers.CharField())
    exchange = ExchangeOut(allow_null=True)
    lines = LineOut(many=True)
    seller = serializers.DictField(allow_null=True)
    buyer = serializers.DictField(allow_null=True)
    issued_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class SummaryOut(Out):
    id = PublicIdField("inv")
    type = serializers.CharField()
    number = serializers.CharField(allow_null=True)
    status = serializers.CharField(source="state")
    payment_status = serializers.CharField(source="payment_state")
    balance = DecimalText(allow_null=True)
    overdue = serializers.BooleanField()
    legal_entity = PublicIdField("le")
    customer = CustomerOut()
    series = PublicIdField("ser")
    currency = serializers.CharField()
    issue_date = StrictDateField(allow_null=True)
    due_date = StrictDateField(allow_null=True)
    tax_exclusive = DecimalText()
    tax_total = DecimalText()
    tax_inclusive = DecimalText()
    payable = DecimalText()
    issued_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


# One for all lists of documents: two of a name would be two shapes in the schema.
SUMMARY_PAGE = page_of(SummaryOut)


class StepOut(Out):
    term = serializers.CharField()
    rule = serializers.CharField()
    pointer = serializers.CharField()
    formula = serializers.CharField()
    inputs = serializers.DictField(child=serializers.CharField())
    unrounded = serializers.CharField()
    result = serializers.CharField()


class ExplanationOut(Out):
    steps = StepOut(many=True)
