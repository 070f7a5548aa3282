"""Reading what was credited of an invoice, and what is left of it."""

from dataclasses import dataclass
from uuid import UUID

from invoicing.domain.corrected import corrected_of
from invoicing.domain.credit_stored import taking_from_json
from invoicing.domain.creditable import Corrected, Left, left_of
from invoicing.domain.document import DocumentType
from invoicing.domain.lifecycle import State, ensure_issued
from invoicing.domain.net_prices import net_priced
from invoicing.domain.record import InvoiceRecord
from invoicing.models import Invoice
from invoicing.selectors.invoices import get_invoice
from tenants.errors import DomainError, Kind, NotFound


class NotAnInvoice(DomainError):
    """Only an invoice is corrected by a credit note."""

    kind, code = Kind.CONFLICT, "not-an-invoice"


@dataclass(frozen=True, slots=True)
class Creditable:
    """An issued invoice, in net prices, and what is left of it; `corrections` as from `corrections_of`."""

    invoice: InvoiceRecord
    corrected: Corrected
    left: Left
    corrections: tuple[Invoice, ...]

    @property
    def notes(self) -> list[Invoice]:
        """The credit notes that count, in the order of issue."""
        return [note for note in self.corrections if note.state == State.ISSUED]


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
    corrections = tuple(corrections_of(invoice_id=record.id))
    corrected = corrected_of(record)
    takings = (
        taking_from_json(note.correction)
        for note in corrections
        if note.state == State.ISSUED and note.correction is not None
    )
    return Creditable(net_priced(record), corrected, left_of(corrected, takings), corrections)


def corrections_of(*, invoice_id: UUID) -> list[Invoice]:
    """All credit notes of an invoice: issued and voided ones in the order of issue, then drafts."""
    notes = Invoice.objects.filter(corrects_id=invoice_id)
    return list(notes.order_by("correction_number", "id"))


def is_voidable(*, invoice_id: UUID) -> bool:
    """Whether voiding is worth being offered: the policy allows it, and nothing here forbids it now."""
    rows = Invoice.objects.filter(
        id=invoice_id,
        legal_entity__may_void=True,
        state=State.ISSUED,
        sent_at=None,
        settled_amount=0,
        reopened_on=None,
    )
    return bool(
        rows.exists() and not Invoice.objects.filter(corrects_id=invoice_id, state=State.ISSUED).exists()
    )
