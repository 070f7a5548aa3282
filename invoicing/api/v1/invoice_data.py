"""Records arranged as v1's serializers read them."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any

from invoicing.api.v1.exchange_out import exchange_data
from invoicing.domain.document import AllowanceCharge, DocumentInput, LineInput
from invoicing.domain.further import FurtherKind, FurtherRow
from invoicing.domain.record import DraftLine, InvoiceRecord, adjusted
from invoicing.domain.stored import plain, terms_to_json
from invoicing.domain.totals import TaxRow, Totals
from invoicing.models import Customer
from invoicing.selectors.calculations import Calculated
from invoicing.selectors.invoice_lists import SummaryRow
from tenants.disclosure import disclosed
from tenants.http.merge_patch import merged
from tenants.ids import encode

Data = dict[str, Any]


def invoice_data(record: InvoiceRecord, customer: Customer) -> Data:
    """For `InvoiceOut`."""
    return {
        **{field.name: getattr(record, field.name) for field in fields(record)},
        "balance": record.balance,
        "customer": customer,
        "exchange": exchange_data(record.exchange),
        "seller": disclosed(record.seller),
        "buyer": disclosed(record.buyer),
        "prepaid_amount": record.totals.prepaid_amount,
        "rounding_amount": record.totals.rounding_amount,
        "lines": [
            {
                "id": line.id,
                "corrects": line.corrects,
                "stated": line.stated,
                "input": line.input,
                "net_amount": line.net_amount,
                "gross_amount": line.gross_amount,
                "allowances": adjusted(line.input.allowances, line.allowance_amounts),
                "charges": adjusted(line.input.charges, line.charge_amounts),
            }
            for line in record.lines
        ],
        "allowances": adjusted(record.allowances, record.allowance_amounts),
        "charges": adjusted(record.charges, record.charge_amounts),
        "totals": _totals(record.totals, record.breakdown, record.further),
    }


def calculation_data(document: DocumentInput, lines: Sequence[DraftLine], calculated: Calculated) -> Data:
    """For `CalculationOut`."""
    computed = calculated.computed
    return {
        "type": document.type,
        "currency": document.currency,
        "tax_currency": document.tax_currency,
        "prices_include_tax": document.prices_include_tax,
        "prepaid_amount": computed.totals.prepaid_amount,
        "rounding_amount": computed.totals.rounding_amount,
        "cash_rounding": document.cash_rounding,
        "cash_step": computed.cash_step,
        "lines": [
            {
                "stated": stated,
                "input": line,
                "net_amount": result.net_amount,
                "gross_amount": result.gross_amount,
                "allowances": adjusted(line.allowances, result.allowances),
                "charges": adjusted(line.charges, result.charges),
            }
            for stated, line, result in zip(lines, document.lines, computed.lines, strict=True)
        ],
        "allowances": adjusted(document.allowances, computed.allowances),
        "charges": adjusted(document.charges, computed.charges),
        "totals": _totals(computed.totals, computed.breakdown, computed.further),
        "exemptions": calculated.exemptions,
        "due_date": calculated.due_date,
    }


def summary_data(row: SummaryRow) -> Data:
    """For `SummaryOut`."""
    return {
        **row._asdict(),
        "balance": row.balance,
        "customer": {
            "id": row.customer,
            "name": row.customer_name,
            "reference": row.customer_reference,
            "vat_id": row.customer_vat_id,
            "country": row.customer_country,
        },
    }


def patched(record: InvoiceRecord, patch: Data) -> Data:
    """The body that would draft the record again with a merge patch (RFC 7396) merged in.

    Of another type or another seller the series so far cannot be: the default takes over unless one is
    named. Raises InvalidInput.
    """
    stated = _stated(record)
    body = merged(stated, patch)
    if "series" not in patch and any(body.get(name) != stated[name] for name in ("type", "legal_entity")):
        del body["series"]
    return body


def _stated(record: InvoiceRecord) -> Data:
    return {
        "type": record.type.value,
        "legal_entity": encode("le", record.legal_entity),
        "customer": encode("cus", record.customer),
        "series": encode("ser", record.series),
        "currency": record.currency,
        "tax_currency": record.tax_currency,
        "issue_date": record.issue_date and record.issue_date.isoformat(),
        "due_date": record.due_date and record.due_date.isoformat(),
        "payment_terms": record.payment_terms,
        "due_rule": terms_to_json(record.due_rule),
        "prepaid_amount": plain(record.totals.prepaid_amount),
        "rounding_amount": plain(record.document().rounding_amount),
        "cash_rounding": record.cash_rounding,
        "prices_include_tax": record.prices_include_tax,
        "exemptions": [
            {"category": one.category, "code": one.code, "text": one.text} for one in record.exemptions
        ],
        "lines": [
            {
                "description": line.stated.description,
                "item": line.stated.item and encode("itm", line.stated.item),
                "unit_code": line.stated.unit_code,
                "quantity": plain(line.input.quantity),
                "unit_price": plain(line.input.unit_price),
                "base_quantity": plain(line.input.base_quantity),
                "tax": _tax(line.input.tax),
                "allowances": [_adjustment(item) for item in line.input.allowances],
                "charges": [_adjustment(item) for item in line.input.charges],
                **_borne(line.input),
            }
            for line in record.lines
        ],
        "allowances": [_on_document(item) for item in record.allowances],
        "charges": [_on_document(item) for item in record.charges],
        "metadata": dict(record.metadata),
    }


def _adjustment(item: Any) -> Data:
    return {
        "amount": plain(item.amount),
        "percent": plain(item.percent),
        "base_amount": plain(item.base_amount),
        "reason": item.reason,
        "reason_code": item.reason_code,
    }


def _on_document(item: AllowanceCharge) -> Data:
    return {**_adjustment(item), **_borne(item), "tax": _tax(item.tax)}


def _borne(item: LineInput | AllowanceCharge) -> Data:
    withholdings = [{"code": each.code, "rate": plain(each.rate)} for each in item.withholdings]
    return {"surcharge_rate": plain(item.surcharge_rate), "withholdings": withholdings}


def _tax(key: Any) -> Data:
    return {"category": key.category, "rate": plain(key.rate)}


def _totals(totals: Totals, breakdown: Sequence[TaxRow], further: Sequence[FurtherRow]) -> Data:
    return {
        **{field.name: getattr(totals, field.name) for field in fields(totals)},
        "breakdown": breakdown,
        "surcharges": [row for row in further if row.key.kind is FurtherKind.SURCHARGE],
        "withholdings": [row for row in further if row.key.kind is FurtherKind.WITHHOLDING],
    }
