"""Creating documents: drafted, or drafted and issued in the same statement."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from invoicing.domain import exchange
from invoicing.domain.document import DocumentType
from invoicing.domain.lifecycle import PaymentState, State
from invoicing.domain.record import Draft, InvoiceRecord, LineRecord
from invoicing.domain.stored import exemptions_from_json, terms_from_json
from invoicing.services.credit_limits import NewClaim, ensure_within_limits
from invoicing.services.crediting import publish_issued
from invoicing.services.open_periods import within_open_period
from invoicing.services.preparing import Prepared, prepare
from invoicing.statements.documents import Written, write_documents
from tenants.errors import DomainError, Kind
from tenants.scope import require_tenant_id

LARGEST_BATCH = 1000


class BatchTooLarge(DomainError):
    """A batch holds a thousand documents at most."""

    kind, code = Kind.INVALID, "batch-too-large"


def create_invoice(*, draft: Draft, issue: bool = False) -> InvoiceRecord:
    """Draft a document, or draft, number and freeze it at once. Two statements, one transaction.

    To issue to a customer with a credit limit costs a few more, and one more, for the rates, in another
    currency than the books are kept in or the tax is stated in. Raises InvalidInput (references that lead
    nowhere, whatever EN 16931's arithmetic refuses), and where it is issued CreditLimitExceeded,
    PeriodClosed and RateMissing.
    """
    return create_invoices(drafts=[draft], issue=issue)[0]


def create_invoices(*, drafts: Sequence[Draft], issue: bool = False) -> list[InvoiceRecord]:
    """As `create_invoice`, all or none, still with two statements; numbers follow the order given.

    Credit notes that are issued are told to the trail besides. Raises BatchTooLarge beyond 1,000 documents.
    """
    if len(drafts) > LARGEST_BATCH:
        raise BatchTooLarge
    if issue and any(draft.document.type is DocumentType.CREDIT_NOTE for draft in drafts):
        with transaction.atomic():
            records = _create(drafts, issue=True)
            publish_issued(records)
        return records
    return _create(drafts, issue=issue)


def _create(drafts: Sequence[Draft], *, issue: bool) -> list[InvoiceRecord]:
    prepared = prepare(drafts, now=timezone.now(), issue=issue)
    if issue and any(one.resolved.is_limited for one in prepared):
        with transaction.atomic():
            ensure_within_limits([_claim(one) for one in prepared])
            return _write(prepared, issue=issue)
    return _write(prepared, issue=issue)


def _write(prepared: Sequence[Prepared], *, issue: bool) -> list[InvoiceRecord]:
    with within_open_period("/issue_date"):
        written = write_documents(
            tenant_id=require_tenant_id(),
            documents=[one.document for one in prepared],
            lines=[line for one in prepared for line in one.lines],
            issue=issue,
        )
    by_id = {row.id: row for row in written}
    return [_record(one, by_id[one.document.id], issue=issue) for one in prepared]


def _claim(prepared: Prepared) -> NewClaim:
    document = prepared.document
    return NewClaim(
        document.customer_id,
        document.legal_entity_id,
        prepared.draft.document.type,
        document.payable,
        document.currency,
    )


def _record(prepared: Prepared, written: Written, *, issue: bool) -> InvoiceRecord:
    """What was written, without reading it again."""
    document, draft, computed = prepared.document, prepared.draft, prepared.computed
    return InvoiceRecord(
        id=document.id,
        type=draft.document.type,
        state=State.ISSUED if issue else State.DRAFT,
        payment_state=PaymentState(document.payment_state),
        legal_entity=document.legal_entity_id,
        customer=document.customer_id,
        series=document.series_id,
        number=written.number,
        currency=document.currency,
        tax_currency=document.tax_currency,
        tax_rounding=computed.tax_rounding,
        issue_date=document.issue_date,
        due_date=document.due_date,
        payment_terms=document.payment_terms,
        issued_at=written.issued_at,
        created_at=written.created_at,
        updated_at=written.created_at,
        version=1,
        lines=tuple(
            LineRecord(
                row.id,
                stated,
                line,
                row.net_amount,
                result.allowances,
                result.charges,
                gross_amount=result.gross_amount,
            )
            for row, stated, line, result in zip(
                prepared.lines, draft.lines, draft.document.lines, computed.lines, strict=True
            )
        ),
        allowances=draft.document.allowances,
        charges=draft.document.charges,
        allowance_amounts=computed.allowances,
        charge_amounts=computed.charges,
        totals=computed.totals,
        breakdown=computed.breakdown,
        seller=document.seller,
        buyer=document.buyer,
        prices_include_tax=document.prices_include_tax,
        further=computed.further,
        exemptions=exemptions_from_json(document.exemptions),
        metadata=draft.metadata or {},
        exchange=exchange.from_json(document.exchange),
        due_rule=terms_from_json(document.due_rule),
        cash_rounding=document.cash_rounding,
        cash_step=document.cash_step,
    )
