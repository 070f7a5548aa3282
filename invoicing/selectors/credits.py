"""Reading what was credited of an invoice, and what is left of it."""

from dataclasses import dataclass
from uuid import UUID

from invoicing.domain.credit_stored import taking_from_json
from invoicing.domain.creditable import Corrected, Left, corrected_of, left_of
from invoicing.domain.document import DocumentType
from invoicing.domain.lifecycle import State, ensure_issued
from invoicing.domain.record import InvoiceRecord
from invoicing.models import Invoice
from invoicing.selectors.invoices import get_invoice
from tenants.errors import DomainError, Kind, NotFound


class NotAnInvoice(DomainError):
    """Only an invoice is corrected by a credit note."""

    kind, code = Kind.CONFLICT, "not-an-invoice"


@dataclass(frozen=True, slots=True)
class Creditable:
    """An issued invoice with what is left of it; `notes` are its credit notes in the order of issue."""

    invoice: InvoiceRecord
    corrected: Corrected
    left: Left
    notes: tuple[Invoice, ...]


def get_credit_note(*, invoice_id: UUID) -> InvoiceRecord:
    """One credit note. Raises NotFound, for an invoice too."""
    record = get_invoice(invoice_id=invoice_id)
    if record.type is not DocumentType.CREDIT_NOTE:
        raise NotFound
    return record


def get_creditable(*, invoice_id: UUID) -> Creditable:
    """What of an invoice can still be credited. Raises NotFound, NotAnInvoice, NotIssued, AlreadyVoided."""
    return creditable_of(get_invoice(invoice_id=invoice_id))


def creditable_of(record: InvoiceRecord) -> Creditable:
    """The same for an invoice that was read, or locked, already. One statement."""
    if record.type is not DocumentType.INVOICE:
        raise NotAnInvoice
    ensure_issued(record.state)
    notes = tuple(note for note in corrections_of(invoice_id=record.id) if note.state == State.ISSUED)
    corrected = corrected_of(record)
    takings = (taking_from_json(note.correction) for note in notes if note.correction is not None)
    left = left_of(corrected, takings)
    return Creditable(record, corrected, left, notes)


def corrections_of(*, invoice_id: UUID) -> list[Invoice]:
    """All credit notes of an invoice: issued and voided ones in the order of issue, then drafts."""
    notes = Invoice.objects.filter(corrects_id=invoice_id)
    return list(notes.order_by("correction_number", "id"))
