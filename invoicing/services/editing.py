"""Changing and deleting drafts; what is issued stays as it is."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from invoicing.domain import lifecycle
from invoicing.domain.record import Draft, InvoiceRecord
from invoicing.models import Invoice, InvoiceLine
from invoicing.selectors.invoices import record_of
from invoicing.services.preparing import prepare_one
from invoicing.services.resolving import resolve
from invoicing.statements.documents import replace_lines
from tenants.errors import DomainError, Kind, NotFound
from tenants.scope import require_tenant_id


class VersionMismatch(DomainError):
    """The document was changed by somebody else in the meantime: read it again."""

    kind, code = Kind.PRECONDITION_FAILED, "version-mismatch"


class FollowsItsInvoice(DomainError):
    """The draft follows from the invoice it corrects: delete it and credit the invoice anew."""

    kind, code = Kind.CONFLICT, "follows-its-invoice"


def ensure_version(version: int, *, expected: int) -> None:
    """Raises VersionMismatch, which tells the present version."""
    if version != expected:
        raise VersionMismatch(version=version)


def lock_invoice(*, invoice_id: UUID, expected_version: int | None = None) -> Invoice:
    """The row, locked until the transaction ends, without hindering those who refer to it.

    Raises NotFound, and VersionMismatch where a version was expected.
    """
    invoice: Invoice | None = Invoice.objects.select_for_update(no_key=True).filter(id=invoice_id).first()
    if invoice is None:
        raise NotFound
    if expected_version is not None:
        ensure_version(invoice.version, expected=expected_version)
    return invoice


@transaction.atomic
def update_draft(*, invoice_id: UUID, draft: Draft, expected_version: int | None = None) -> InvoiceRecord:
    """Replace what a draft states and compute it anew; its id and creation time stay.

    Raises NotFound, VersionMismatch, NotADraft, FollowsItsInvoice, InvalidInput.
    """
    invoice = lock_invoice(invoice_id=invoice_id, expected_version=expected_version)
    lifecycle.ensure_can_edit(lifecycle.State(invoice.state))
    if invoice.corrects_id is not None:
        raise FollowsItsInvoice
    now = timezone.now()
    resolved = resolve([draft])[0]
    prepared = prepare_one(draft, resolved, invoice_id=invoice_id, now=now, issue=False)
    changed = {name: getattr(prepared.document, name) for name in _DRAFT_COLUMNS}
    if draft.metadata is not None:
        changed["metadata"] = draft.metadata
    Invoice.objects.filter(id=invoice_id).update(**changed, version=F("version") + 1, updated_at=now)
    replace_lines(tenant_id=require_tenant_id(), invoice_id=invoice_id, lines=prepared.lines)
    return record_of(Invoice.objects.get(id=invoice_id))


@transaction.atomic
def delete_draft(*, invoice_id: UUID, expected_version: int | None = None) -> None:
    """Remove a draft and its lines; the trail keeps what they were.

    Raises NotFound, VersionMismatch, NotADraft.
    """
    invoice = lock_invoice(invoice_id=invoice_id, expected_version=expected_version)
    lifecycle.ensure_can_edit(lifecycle.State(invoice.state))
    InvoiceLine.objects.filter(invoice_id=invoice_id).delete()
    Invoice.objects.filter(id=invoice_id).delete()


_DRAFT_COLUMNS = (
    "legal_entity_id",
    "customer_id",
    "series_id",
    "type",
    "currency",
    "tax_currency",
    "tax_rounding",
    "issue_date",
    "due_date",
    "payment_terms",
    "sum_of_lines",
    "allowance_total",
    "charge_total",
    "tax_exclusive",
    "tax_total",
    "tax_inclusive",
    "prepaid_amount",
    "rounding_amount",
    "payable",
    "allowances",
    "charges",
    "tax_breakdown",
    "prices_include_tax",
    "withheld_amount",
    "further_taxes",
    "exemptions",
    "due_rule",
    "cash_rounding",
    "cash_step",
)
