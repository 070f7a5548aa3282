"""How v2 shows what is left of an invoice, and the certificate of a series."""

from datetime import date, datetime

import msgspec

from invoicing.api.v2.amounts_out import (
    BreakdownOut,
    SurchargeOut,
    TaxOut,
    WithheldOut,
    surcharges_out,
    withholdings_out,
)
from invoicing.domain.credit_further import further_left
from invoicing.domain.creditable import major
from invoicing.domain.further import FurtherKind
from invoicing.domain.stored import plain
from invoicing.domain.tax import breakdown_order
from invoicing.selectors.certificates import Certificate
from invoicing.selectors.credits import Creditable
from tenants.ids import encode


class LineLeftOut(msgspec.Struct):
    """`quantity` is what was not taken back, `net_amount` what can be credited of the line."""

    line: str
    description: str
    quantity: str
    net_amount: str
    tax: TaxOut


class AdjustmentLeftOut(msgspec.Struct):
    """What is left of an allowance or charge of the document; it goes with the lines."""

    amount: str
    tax: TaxOut
    reason: str | None


class TotalsLeftOut(msgspec.Struct):
    tax_exclusive: str
    tax_total: str
    tax_inclusive: str
    prepaid_amount: str
    rounding_amount: str
    withheld_amount: str
    payable: str
    breakdown: list[BreakdownOut]
    surcharges: list[SurchargeOut]
    withholdings: list[WithheldOut]


class CreditNoteOut(msgspec.Struct):
    id: str
    number: str | None
    issue_date: date | None
    tax_inclusive: str


class CreditableOut(msgspec.Struct):
    """What is left of an issued invoice, its credit notes in the order of issue."""

    invoice: str
    currency: str
    lines: list[LineLeftOut]
    allowances: list[AdjustmentLeftOut]
    charges: list[AdjustmentLeftOut]
    totals: TotalsLeftOut
    credit_notes: list[CreditNoteOut]


class NumberOut(msgspec.Struct):
    sequence: int
    number: str
    id: str
    status: str
    issue_date: date
    currency: str
    tax_inclusive: str


class FaultOut(msgspec.Struct):
    """Numbers that are not there (gap), there twice (duplicate) or were never drawn (beyond)."""

    kind: str
    first: int
    last: int


class CertificateOut(msgspec.Struct):
    """`digest` is the SHA-256 of all numbers of the period, not only of those shown.

    Of each number one line in UTF-8, ended by a line feed: sequence|number|id as a UUID|status|issue date|
    currency|total with tax.
    """

    series: str
    legal_entity: str
    document_type: str
    period: str
    periods: list[str]
    as_of: datetime
    last: int
    documents: int
    voided: int
    contiguous: bool
    faults: list[FaultOut]
    digest: str
    data: list[NumberOut]
    next_cursor: str | None
    has_more: bool


def creditable_out(creditable: Creditable) -> CreditableOut:
    """As `GET invoices/{id}/creditable` answers; amounts in the invoice's currency."""
    invoice, left = creditable.invoice, creditable.left

    def text(units: int) -> str:
        return format(major(units, invoice.currency), "f")

    further = further_left(left, invoice.currency)
    items = (*invoice.allowances, *invoice.charges)
    adjustments = [
        AdjustmentLeftOut(text(stands.amount), TaxOut(of.key.category, plain(of.key.rate)), item.reason)
        for of, stands, item in zip(creditable.corrected.adjustments, left.adjustments, items, strict=True)
    ]
    return CreditableOut(
        invoice=encode("inv", invoice.id),
        currency=invoice.currency,
        lines=[
            LineLeftOut(
                encode("iln", line.id),
                line.stated.description,
                format(stands.quantity, "f"),
                text(stands.net),
                TaxOut(line.input.tax.category, plain(line.input.tax.rate)),
            )
            for line, stands in zip(invoice.lines, left.lines, strict=True)
        ],
        allowances=adjustments[: len(invoice.allowances)],
        charges=adjustments[len(invoice.allowances) :],
        totals=TotalsLeftOut(
            text(left.taxable),
            text(left.gross - left.taxable),
            text(left.gross),
            text(left.prepaid),
            text(left.rounding),
            text(left.sum_of(FurtherKind.WITHHOLDING)),
            text(left.payable),
            [
                BreakdownOut(key.category, plain(key.rate), text(row.taxable), text(row.tax))
                for key, row in sorted(left.rows.items(), key=lambda pair: breakdown_order(pair[0]))
            ],
            surcharges_out(further),
            withholdings_out(further),
        ),
        credit_notes=[
            CreditNoteOut(
                encode("inv", note.id), note.number, note.issue_date, format(note.tax_inclusive, "f")
            )
            for note in creditable.notes
        ],
    )


def certificate_out(certificate: Certificate, *, next_cursor: str | None) -> CertificateOut:
    """As `GET series/{id}/certificate` answers."""
    series = certificate.series
    return CertificateOut(
        series=encode("ser", series.id),
        legal_entity=encode("le", series.legal_entity_id),
        document_type=series.document_type,
        period=certificate.period,
        periods=list(certificate.periods),
        as_of=certificate.as_of,
        last=certificate.last,
        documents=certificate.documents,
        voided=certificate.voided,
        contiguous=certificate.is_contiguous,
        faults=[FaultOut(fault.kind, fault.first, fault.last) for fault in certificate.faults],
        digest=certificate.digest,
        data=[
            NumberOut(
                row.sequence,
                row.number,
                encode("inv", row.id),
                row.state,
                row.issue_date,
                row.currency,
                format(row.total, "f"),
            )
            for row in certificate.numbers
        ],
        next_cursor=next_cursor,
        has_more=next_cursor is not None,
    )
