"""Issuing a draft: a number without a gap, parties frozen, totals final (invariant 5)."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from invoicing.domain import lifecycle
from invoicing.domain.document import ZERO
from invoicing.domain.record import Draft, InvoiceRecord
from invoicing.models import Invoice
from invoicing.selectors.invoices import record_of
from invoicing.services.editing import lock_invoice
from invoicing.services.resolving import place, resolve
from invoicing.statements.documents import issue_draft
from tenants.scope import require_tenant_id


@transaction.atomic
def issue_invoice(*, invoice_id: UUID, expected_version: int | None = None) -> InvoiceRecord:
    """Give a draft its number and freeze it; from here on only payments and state move.

    What is issued is what was drafted: the totals are not computed again. The counter's row is
    taken last and held until the commit, which is what leaves no gap. Raises NotFound,
    VersionMismatch, AlreadyIssued, AlreadyVoided, DueBeforeIssue, InvalidInput (a customer or
    series deactivated meanwhile).
    """
    invoice = lock_invoice(invoice_id=invoice_id, expected_version=expected_version)
    lifecycle.ensure_can_issue(lifecycle.State(invoice.state))
    record = record_of(invoice)
    draft = _as_drafted(record)
    resolved = resolve([draft])[0]
    placement = place(draft, resolved, now=timezone.now(), issue=True)
    issue_draft(
        tenant_id=require_tenant_id(),
        invoice_id=invoice_id,
        series_id=resolved.series,
        period=placement.period,
        shape=placement.shape,
        issue_date=placement.issue_date,
        due_date=placement.due_date,
        payment_state=lifecycle.payment_state(payable=record.totals.payable, settled=ZERO).value,
        seller=resolved.seller,
        buyer=resolved.buyer,
    )
    return record_of(Invoice.objects.get(id=invoice_id))


def _as_drafted(record: InvoiceRecord) -> Draft:
    return Draft(
        customer=record.customer,
        document=record.document(),
        lines=tuple(line.stated for line in record.lines),
        legal_entity=record.legal_entity,
        series=record.series,
        issue_date=record.issue_date,
        due_date=record.due_date,
        payment_terms=record.payment_terms,
    )
