"""How v1 shows what is left of an invoice, and the certificate of a series."""

from typing import Any

from rest_framework import serializers

from invoicing.api.v1.invoice_out import BreakdownOut, SurchargeOut, TaxOut, WithheldOut
from invoicing.domain.credit_further import further_left
from invoicing.domain.creditable import major
from invoicing.domain.further import FurtherKind
from invoicing.domain.tax import breakdown_order
from invoicing.selectors.certificates import Certificate
from invoicing.selectors.credits import Creditable
from tenants.http.serializers import DecimalText, PublicIdField, StrictDateField

Data = dict[str, Any]
Out = serializers.Serializer[Any]


class LineLeftOut(Out):
    line = PublicIdField("iln")
    description = serializers.CharField()
    quantity = DecimalText()
    net_amount = DecimalText()
    tax = TaxOut()


class AdjustmentLeftOut(Out):
    amount = DecimalText()
    tax = TaxOut()
    reason = serializers.CharField(allow_null=True)


class TotalsLeftOut(Out):
    tax_exclusive = DecimalText()
    tax_total = DecimalText()
    tax_inclusive = DecimalText()
    prepaid_amount = DecimalText()
    rounding_amount = DecimalText()
    withheld_amount = DecimalText()
    payable = DecimalText()
    breakdown = BreakdownOut(many=True)
    surcharges = SurchargeOut(many=True)
    withholdings = WithheldOut(many=True)


class CreditNoteLinkOut(Out):
    id = PublicIdField("inv")
    number = serializers.CharField(allow_null=True)
    issue_date = StrictDateField(allow_null=True)
    tax_inclusive = DecimalText()


class CreditableOut(Out):
    """What is left of an issued invoice, its credit notes in the order of issue."""

    invoice = PublicIdField("inv")
    currency = serializers.CharField()
    lines = LineLeftOut(many=True)
    allowances = AdjustmentLeftOut(many=True)
    charges = AdjustmentLeftOut(many=True)
    totals = TotalsLeftOut()
    credit_notes = CreditNoteLinkOut(many=True)


class NumberOut(Out):
    sequence = serializers.IntegerField()
    number = serializers.CharField()
    id = PublicIdField("inv")
    status = serializers.CharField(source="state")
    issue_date = StrictDateField()
    currency = serializers.CharField()
    tax_inclusive = DecimalText(source="total")


class NumberFaultOut(Out):
    kind = serializers.CharField()
    first = serializers.IntegerField()
    last = serializers.IntegerField()


class CertificateOut(Out):
    """`digest` is the SHA-256 of all numbers of the period, not only of those shown."""

    series = PublicIdField("ser", source="series.id")
    legal_entity = PublicIdField("le", source="series.legal_entity_id")
    document_type = serializers.CharField(source="series.document_type")
    period = serializers.CharField(allow_blank=True)
    periods = serializers.ListField(child=serializers.CharField(allow_blank=True))
    as_of = serializers.DateTimeField()
    last = serializers.IntegerField()
    documents = serializers.IntegerField()
    voided = serializers.IntegerField()
    contiguous = serializers.BooleanField(source="is_contiguous")
    faults = NumberFaultOut(many=True)
    digest = serializers.CharField()


class CertificatePageOut(CertificateOut):
    """The certificate with one page of its numbers."""

    items = NumberOut(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    page_size = serializers.IntegerField()
    pages = serializers.IntegerField()


def creditable_data(creditable: Creditable) -> Data:
    """For `CreditableOut`."""
    invoice, left = creditable.invoice, creditable.left
    items = (*invoice.allowances, *invoice.charges)
    adjustments = [
        {"amount": major(stands.amount, invoice.currency), "tax": of.key, "reason": item.reason}
        for of, stands, item in zip(creditable.corrected.adjustments, left.adjustments, items, strict=True)
    ]
    totals = {
        "tax_exclusive": left.taxable,
        "tax_total": left.gross - left.taxable,
        "tax_inclusive": left.gross,
        "prepaid_amount": left.prepaid,
        "rounding_amount": left.rounding,
        "withheld_amount": left.sum_of(FurtherKind.WITHHOLDING),
        "payable": left.payable,
    }
    further = further_left(left, invoice.currency)
    rows = sorted(left.rows.items(), key=lambda pair: breakdown_order(pair[0]))
    return {
        "invoice": invoice.id,
        "currency": invoice.currency,
        "lines": [
            {
                "line": line.id,
                "description": line.stated.description,
                "quantity": stands.quantity,
                "net_amount": major(stands.net, invoice.currency),
                "tax": line.input.tax,
            }
            for line, stands in zip(invoice.lines, left.lines, strict=True)
        ],
        "allowances": adjustments[: len(invoice.allowances)],
        "charges": adjustments[len(invoice.allowances) :],
        "totals": {
            **{name: major(units, invoice.currency) for name, units in totals.items()},
            "breakdown": [
                {
                    "category": key.category,
                    "rate": key.rate,
                    "taxable": major(row.taxable, invoice.currency),
                    "tax": major(row.tax, invoice.currency),
                }
                for key, row in rows
            ],
            "surcharges": [row for row in further if row.key.kind is FurtherKind.SURCHARGE],
            "withholdings": [row for row in further if row.key.kind is FurtherKind.WITHHOLDING],
        },
        "credit_notes": creditable.notes,
    }


def certificate_data(certificate: Certificate) -> Data:
    """The certificate without its numbers, and these."""
    return {
        **CertificateOut(certificate).data,
        "items": NumberOut(certificate.numbers, many=True).data,
    }
