"""Taking a document back as if it had never been: only where nobody outside can have seen it."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from invoicing.domain import lifecycle
from invoicing.domain.record import InvoiceRecord
from invoicing.models import Invoice, LegalEntity
from invoicing.selectors.credits import corrections_of
from invoicing.selectors.invoices import record_of
from invoicing.services import posting
from invoicing.services.editing import lock_invoice
from invoicing.services.open_periods import within_open_period
from tenants import events
from tenants.errors import DomainError, Kind

_WAY_OUT = "cancel it by a credit note instead"


class VoidingNotAllowed(DomainError):
    """The legal entity does not void documents: cancel it by a credit note instead."""

    kind, code = Kind.CONFLICT, "voiding-not-allowed"


class LeftTheHouse(DomainError):
    """The document has left the house or something was built upon it: cancel it by a credit note instead."""

    kind, code = Kind.CONFLICT, "left-the-house"


Barrier = Callable[[Invoice], str | None]
"""Looks at a locked document and tells in a few words what keeps it from being voided, or None."""


def _sent(invoice: Invoice) -> str | None:
    return "it was sent" if invoice.sent_at is not None else None


def _settled(invoice: Invoice) -> str | None:
    has_been = invoice.settled_amount or invoice.reopened_on is not None
    return "money or credit was allocated to it" if has_been else None


def _credited(invoice: Invoice) -> str | None:
    issued = any(note.state == lifecycle.State.ISSUED for note in corrections_of(invoice_id=invoice.id))
    return "a credit note corrects it" if issued else None


BARRIERS: tuple[Barrier, ...] = (_sent, _settled, _credited)


@transaction.atomic
def void_invoice(*, invoice_id: UUID, reason: str, expected_version: int | None = None) -> InvoiceRecord:
    """Void an issued document. Its number stays in the series, marked void.

    Raises NotFound, VersionMismatch, NotIssued, AlreadyVoided, VoidingNotAllowed, LeftTheHouse; the last
    two name the action that is possible. Raises PeriodClosed for a document dated in a closed period.
    """
    posting.join_ledger()
    invoice = lock_invoice(invoice_id=invoice_id, expected_version=expected_version)
    lifecycle.ensure_issued(lifecycle.State(invoice.state))
    if not LegalEntity.all_objects.filter(id=invoice.legal_entity_id, may_void=True).exists():
        raise VoidingNotAllowed(way_out="cancel")
    reasons = [found for barrier in BARRIERS if (found := barrier(invoice)) is not None]
    if reasons:
        raise LeftTheHouse(f"It cannot be voided: {', '.join(reasons)}. So {_WAY_OUT}.", way_out="cancel")
    with within_open_period(""):
        Invoice.objects.filter(id=invoice_id).update(
            state=lifecycle.State.VOIDED.value, version=F("version") + 1, updated_at=timezone.now()
        )
    data = {"number": invoice.number, "reason": reason}
    events.publish(events.Event("invoice.voided", Invoice._meta.label_lower, str(invoice_id), data))
    return record_of(Invoice.objects.get(id=invoice_id))


@transaction.atomic
def mark_sent(*, invoice_id: UUID) -> None:
    """Note that an issued document leaves the house; of several times the first one counts.

    Whoever sends it, or hands it out, calls this before. Raises NotFound, NotIssued, AlreadyVoided.
    """
    invoice = lock_invoice(invoice_id=invoice_id)
    lifecycle.ensure_issued(lifecycle.State(invoice.state))
    if invoice.sent_at is None:
        now = timezone.now()
        Invoice.objects.filter(id=invoice_id).update(sent_at=now, version=F("version") + 1, updated_at=now)
