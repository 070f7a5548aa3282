"""Issuing a draft: a number without a gap, parties frozen, totals final (invariant 5)."""

from uuid import UUID

from django.db import transaction

from invoicing.domain import lifecycle
from invoicing.domain.record import InvoiceRecord
from invoicing.selectors.invoices import record_of
from invoicing.services.credit_limits import NewClaim, ensure_within_limits
from invoicing.services.crediting import issue_correction, publish_issued
from invoicing.services.editing import lock_invoice
from invoicing.services.freezing import as_drafted, freeze
from invoicing.services.resolving import resolve


@transaction.atomic
def issue_invoice(*, invoice_id: UUID, expected_version: int | None = None) -> InvoiceRecord:
    """Give a draft its number and freeze it; from here on only payments and state move.

    A credit note that corrects an invoice is issued by `crediting.issue_correction`. Raises NotFound,
    VersionMismatch, AlreadyIssued, AlreadyVoided, DueBeforeIssue, CreditLimitExceeded, PeriodClosed,
    InvalidInput (a customer, series or tax rate that ended meanwhile).
    """
    invoice = lock_invoice(invoice_id=invoice_id, expected_version=expected_version)
    lifecycle.ensure_can_issue(lifecycle.State(invoice.state))
    if invoice.corrects_id is not None:
        return issue_correction(draft=invoice)
    record = record_of(invoice)
    draft = as_drafted(record)
    (resolved,) = resolve([draft])
    if resolved.is_limited:
        claim = NewClaim(
            resolved.customer, record.legal_entity, record.type, record.totals.payable, record.currency
        )
        ensure_within_limits([claim])
    issued = freeze(record=record, draft=draft, resolved=resolved)
    publish_issued([issued])
    return issued
