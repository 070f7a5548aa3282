"""Credit notes of an invoice: never more than is left of it, settled against what is still open of it.

Whoever credits an invoice holds its row until the commit, so that two never take the same; the database
looks again when they commit (migration 0007).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from invoicing.domain.credit_document import CreditDocument, document_of
from invoicing.domain.credit_request import Asked, CreditKind
from invoicing.domain.credit_stored import asked_from_json, taking_from_json, to_json
from invoicing.domain.creditable import Taking
from invoicing.domain.crediting import taking_of
from invoicing.domain.document import DocumentType
from invoicing.domain.exemptions import Exemption
from invoicing.domain.record import Draft, InvoiceRecord
from invoicing.models import Invoice, InvoiceLine
from invoicing.selectors.credits import creditable_of
from invoicing.selectors.invoices import record_of
from invoicing.services import allocating, posting
from invoicing.services.editing import lock_invoice
from invoicing.services.freezing import as_drafted, ensure_not_before, freeze
from invoicing.services.preparing import Prepared, shape
from invoicing.services.resolving import resolve_correction
from tenants import events, ids
from tenants.errors import DomainError, Kind
from tenants.scope import require_tenant_id

_NOT_COLUMNS = ("period", "prefix", "width", "suffix", "metadata")


class ChangedSinceDrafted(DomainError):
    """What is left of the invoice has changed since the credit note was drafted: delete the draft and
    credit the invoice anew."""

    kind, code = Kind.CONFLICT, "changed-since-drafted"


@dataclass(frozen=True, slots=True)
class Credit:
    """One credit note as somebody wants it; None means the default series, the day of issue."""

    asked: Asked
    reason: str = ""
    series: UUID | None = None
    issue_date: date | None = None
    metadata: Mapping[str, str] | None = None


@transaction.atomic
def credit_invoice(*, invoice_id: UUID, credit: Credit, issue: bool = False) -> InvoiceRecord:
    """Draft a credit note of an invoice, or draft and issue it at once.

    Issued, it settles what is open of the invoice, up to what it is worth; the rest stays as credit of
    the customer. A draft takes nothing yet. Raises NotFound, NotAnInvoice, NotIssued, AlreadyVoided,
    BeforeWhatItCorrects, InvalidInput and what `crediting.taking_of` refuses.
    """
    if issue:
        posting.join_ledger()
    invoice = lock_invoice(invoice_id=invoice_id)
    creditable = creditable_of(record_of(invoice))
    taking = taking_of(creditable.corrected, creditable.left, credit.asked)
    stated = document_of(creditable.invoice, creditable.corrected, taking)
    note = _store(creditable.invoice, credit, stated)
    return _issue(note, invoice, taking, credit.asked) if issue else record_of(note)


def cancel_invoice(
    *, invoice_id: UUID, reason: str = "", series: UUID | None = None, issue_date: date | None = None
) -> InvoiceRecord:
    """Credit all that is left of an invoice, at once. Raises as `credit_invoice`."""
    credit = Credit(Asked(CreditKind.FULL), reason, series, issue_date)
    return credit_invoice(invoice_id=invoice_id, credit=credit, issue=True)


def issue_correction(*, draft: Invoice) -> InvoiceRecord:
    """Issue a drafted credit note that the caller has locked, within the caller's transaction.

    What is issued is what was drafted. Raises ChangedSinceDrafted where other credit notes issued
    meanwhile would change an amount of it, and as `credit_invoice`.
    """
    if draft.corrects_id is None or draft.correction is None:
        raise ValueError("the draft corrects no invoice")
    posting.join_ledger()
    invoice = lock_invoice(invoice_id=draft.corrects_id)
    creditable = creditable_of(record_of(invoice))
    asked = asked_from_json(draft.correction)
    taking = taking_of(creditable.corrected, creditable.left, asked)
    if _amounts(taking) != _amounts(taking_from_json(draft.correction)):
        raise ChangedSinceDrafted
    return _issue(draft, invoice, taking, asked)


def publish_issued(records: Iterable[InvoiceRecord]) -> None:
    """Tell the trail of the credit notes among documents that have just been issued."""
    for record in records:
        if record.type is DocumentType.CREDIT_NOTE:
            data: dict[str, Any] = {"number": record.number}
            if record.corrects is not None:
                data["corrects"] = ids.encode("inv", record.corrects.id)
            events.publish(
                events.Event("credit_note.issued", Invoice._meta.label_lower, str(record.id), data)
            )


def _store(invoice: InvoiceRecord, credit: Credit, stated: CreditDocument) -> Invoice:
    """The draft and its lines, each with the line it corrects."""
    draft = Draft(
        customer=invoice.customer,
        document=stated.document,
        lines=stated.lines,
        legal_entity=invoice.legal_entity,
        series=credit.series,
        issue_date=credit.issue_date,
        exemptions=_reasons(invoice, stated),
        metadata=credit.metadata,
    )
    ensure_not_before(credit.issue_date, invoice.issue_date)
    resolved = resolve_correction(draft, seller=invoice.seller or {}, buyer=invoice.buyer or {})
    prepared = shape(
        draft, stated.computed, resolved, invoice_id=ids.uuid7(), now=timezone.now(), issue=False
    )
    tenant_id = require_tenant_id()
    columns = msgspec.structs.asdict(prepared.document)
    note: Invoice = Invoice.objects.create(
        tenant_id=tenant_id,
        corrects_id=invoice.id,
        correction=to_json(credit.asked, stated.taking),
        reason=credit.reason,
        metadata=dict(credit.metadata or {}),
        **{name: value for name, value in columns.items() if name not in _NOT_COLUMNS},
    )
    InvoiceLine.objects.bulk_create(_lines(tenant_id, invoice, stated, prepared))
    return note


def _reasons(invoice: InvoiceRecord, stated: CreditDocument) -> tuple[Exemption, ...]:
    """Why what is credited bore no VAT: what the invoice said."""
    categories = {row.category for row in stated.computed.breakdown}
    return tuple(one for one in invoice.exemptions if one.category in categories)


def _lines(
    tenant_id: UUID, invoice: InvoiceRecord, stated: CreditDocument, prepared: Prepared
) -> list[InvoiceLine]:
    return [
        InvoiceLine(
            tenant_id=tenant_id,
            corrects_id=invoice.lines[taken.index].id,
            corrected_quantity=taken.quantity,
            **msgspec.structs.asdict(row),
        )
        for taken, row in zip(stated.taking.lines, prepared.lines, strict=True)
    ]


def _issue(note: Invoice, invoice: Invoice, taking: Taking, asked: Asked) -> InvoiceRecord:
    """Number, freeze and settle; the invoice is locked."""
    before = Invoice.objects.filter(corrects_id=invoice.id).aggregate(last=Max("correction_number"))
    Invoice.objects.filter(id=note.id).update(
        correction_number=(before["last"] or 0) + 1, correction=to_json(asked, taking)
    )
    record = record_of(note)
    draft = as_drafted(record)
    resolved = resolve_correction(draft, seller=invoice.seller or {}, buyer=invoice.buyer or {})
    issued = freeze(record=record, draft=draft, resolved=resolved)
    publish_issued([issued])
    applied = min(issued.totals.payable, invoice.payable - invoice.settled_amount)
    if applied <= 0:
        return issued
    allocating.apply_credit(credit_note_id=note.id, invoice_id=invoice.id, amount=applied)
    return record_of(Invoice.objects.get(id=note.id))


def _amounts(taking: Taking) -> tuple[object, ...]:
    """What the document says; what had been left before may have changed without changing it."""
    rows = tuple((row.key, row.taxable, row.tax) for row in taking.rows)
    further = tuple((one.key, one.taxable, one.tax) for one in taking.further)
    return taking.lines, taking.adjustments, rows, further, taking.prepaid, taking.rounding
