"""Merge patches of v2 (RFC 7396): a draft as the body that would draft it again, with changes merged in."""

from collections.abc import Iterable
from typing import Any

from invoicing.domain.document import AllowanceCharge, LineInput
from invoicing.domain.record import InvoiceRecord
from invoicing.domain.stored import plain, terms_to_json
from tenants.http.merge_patch import merged
from tenants.ids import encode

Json = dict[str, Any]


def patched(record: InvoiceRecord, patch: Json) -> Json:
    """What the document states once `patch` has been merged in. Raises InvalidInput.

    A series numbers one type of document of one seller: where those change and no series is named,
    the default takes over.
    """
    stated = _stated(record)
    body = merged(stated, patch)
    if "series" not in patch and any(body.get(name) != stated[name] for name in ("type", "legal_entity")):
        del body["series"]
    return body


def _stated(record: InvoiceRecord) -> Json:
    """What a patch is merged into; amounts that were not stated but computed are left out."""
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
                "quantity": plain(line.input.quantity),
                "unit_code": line.stated.unit_code,
                "unit_price": plain(line.input.unit_price),
                "base_quantity": plain(line.input.base_quantity),
                "tax": {"category": line.input.tax.category, "rate": plain(line.input.tax.rate)},
                "allowances": _adjustments(line.input.allowances),
                "charges": _adjustments(line.input.charges),
                **_borne(line.input),
            }
            for line in record.lines
        ],
        "allowances": _document_adjustments(record.allowances),
        "charges": _document_adjustments(record.charges),
        "metadata": dict(record.metadata),
    }


def _borne(item: LineInput | AllowanceCharge) -> Json:
    withholdings = [{"code": each.code, "rate": plain(each.rate)} for each in item.withholdings]
    return {"surcharge_rate": plain(item.surcharge_rate), "withholdings": withholdings}


def _adjustments(items: Iterable[AllowanceCharge]) -> list[Json]:
    return [
        {
            "amount": plain(item.amount),
            "percent": plain(item.percent),
            "base_amount": plain(item.base_amount),
            "reason": item.reason,
            "reason_code": item.reason_code,
        }
        for item in items
    ]


def _document_adjustments(items: tuple[AllowanceCharge, ...]) -> list[Json]:
    return [
        {
            **shown,
            **_borne(item),
            "tax": item.tax and {"category": item.tax.category, "rate": plain(item.tax.rate)},
        }
        for shown, item in zip(_adjustments(items), items, strict=True)
    ]
