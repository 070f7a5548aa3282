"""Reading documents."""

from uuid import UUID

from invoicing.domain import exchange
from invoicing.domain.document import ZERO, DocumentType, LineInput, TaxKey
from invoicing.domain.lifecycle import PaymentState, State
from invoicing.domain.record import Corrects, DraftLine, InvoiceRecord, LineRecord
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.stored import (
    adjustments_from_json,
    borne_from_json,
    breakdown_from_json,
    exemptions_from_json,
    further_from_json,
    terms_from_json,
)
from invoicing.domain.totals import Totals, line_amounts
from invoicing.models import Invoice, InvoiceLine
from invoicing.money import round_amount
from tenants.errors import NotFound


def get_invoice(*, invoice_id: UUID) -> InvoiceRecord:
    """One document with its lines: two statements, three for one that corrects an invoice.

    Raises NotFound, for another tenant's too.
    """
    invoice = Invoice.objects.filter(id=invoice_id).first()
    if invoice is None:
        raise NotFound
    return record_of(invoice)


def record_of(invoice: Invoice) -> InvoiceRecord:
    """The record of a row that was read or locked already; reads the lines."""
    lines = InvoiceLine.objects.filter(invoice_id=invoice.id).order_by("position")
    allowances, allowance_amounts = adjustments_from_json(invoice.allowances)
    charges, charge_amounts = adjustments_from_json(invoice.charges)
    return InvoiceRecord(
        id=invoice.id,
        type=DocumentType(invoice.type),
        state=State(invoice.state),
        payment_state=PaymentState(invoice.payment_state),
        legal_entity=invoice.legal_entity_id,
        customer=invoice.customer_id,
        series=invoice.series_id,
        number=invoice.number,
        currency=invoice.currency,
        tax_currency=invoice.tax_currency,
        tax_rounding=TaxRounding(invoice.tax_rounding),
        issue_date=invoice.issue_date,
        due_date=invoice.due_date,
        payment_terms=invoice.payment_terms,
        issued_at=invoice.issued_at,
        created_at=invoice.created_at,
        updated_at=invoice.updated_at,
        version=invoice.version,
        lines=tuple(_line(line, invoice) for line in lines),
        allowances=allowances,
        charges=charges,
        allowance_amounts=allowance_amounts,
        charge_amounts=charge_amounts,
        totals=Totals(
            sum_of_lines=invoice.sum_of_lines,
            allowance_total=invoice.allowance_total,
            charge_total=invoice.charge_total,
            tax_exclusive=invoice.tax_exclusive,
            tax_total=invoice.tax_total,
            tax_inclusive=invoice.tax_inclusive,
            prepaid_amount=invoice.prepaid_amount,
            rounding_amount=invoice.rounding_amount,
            payable=invoice.payable,
            withheld_amount=invoice.withheld_amount
            if invoice.further_taxes
            else round_amount(ZERO, invoice.currency),
        ),
        breakdown=breakdown_from_json(invoice.tax_breakdown),
        seller=invoice.seller,
        buyer=invoice.buyer,
        corrects=_corrects(invoice),
        reason=invoice.reason,
        prices_include_tax=invoice.prices_include_tax,
        further=further_from_json(invoice.further_taxes),
        exemptions=exemptions_from_json(invoice.exemptions),
        metadata=invoice.metadata,
        exchange=exchange.from_json(invoice.exchange),
        due_rule=terms_from_json(invoice.due_rule),
        cash_rounding=invoice.cash_rounding,
        cash_step=invoice.cash_step,
        settled=invoice.settled_amount,
    )


def _corrects(invoice: Invoice) -> Corrects | None:
    if invoice.corrects_id is None or invoice.correction is None:
        return None
    number, issue_date = Invoice.objects.values_list("number", "issue_date").get(id=invoice.corrects_id)
    return Corrects(invoice.corrects_id, number, issue_date, invoice.correction)


def _line(line: InvoiceLine, invoice: Invoice) -> LineRecord:
    allowances, allowance_amounts = adjustments_from_json(line.allowances)
    charges, charge_amounts = adjustments_from_json(line.charges)
    surcharge_rate, withholdings = borne_from_json(line.further_taxes)
    stated = LineInput(
        quantity=line.quantity,
        unit_price=line.unit_price,
        tax=TaxKey(line.tax_category, line.tax_rate),
        base_quantity=line.base_quantity,
        allowances=allowances,
        charges=charges,
        surcharge_rate=surcharge_rate,
        withholdings=withholdings,
    )
    return LineRecord(
        id=line.id,
        stated=DraftLine(line.description, line.unit_code, line.item_id, tax_rate=line.catalogue_rate_id),
        input=stated,
        net_amount=line.net_amount,
        allowance_amounts=allowance_amounts,
        charge_amounts=charge_amounts,
        corrects=line.corrects_id,
        gross_amount=line_amounts(stated, invoice.currency).net_amount
        if invoice.prices_include_tax
        else None,
    )
