"""The step from draft to issued that invoices and credit notes share: number, parties, dates, frozen."""

from datetime import date

from django.utils import timezone

from invoicing.domain import exchange, lifecycle
from invoicing.domain.document import ZERO
from invoicing.domain.exchange import Exchange
from invoicing.domain.exemptions import exemptions_of
from invoicing.domain.record import Draft, InvoiceRecord
from invoicing.domain.stored import exemptions_to_json, terms_to_json
from invoicing.models import Invoice
from invoicing.selectors.invoices import record_of
from invoicing.selectors.open_lines import ensure_rates_hold
from invoicing.services import exchanging
from invoicing.services.open_periods import within_open_period
from invoicing.services.resolving import Resolved, place
from invoicing.statements.documents import issue_draft
from tenants.errors import DomainError, Kind
from tenants.scope import require_tenant_id


class BeforeWhatItCorrects(DomainError):
    """A credit note is not dated before the invoice it corrects."""

    kind, code = Kind.INVALID, "before-what-it-corrects"


def freeze(*, record: InvoiceRecord, draft: Draft, resolved: Resolved) -> InvoiceRecord:
    """Number and freeze a draft that the caller has locked, within the caller's transaction.

    What is issued is what was drafted: the totals are not computed again. The counter's row is taken
    here and held until the commit, which is what leaves no gap. Raises DueBeforeIssue,
    BeforeWhatItCorrects, PeriodClosed, RateMissing, InvalidInput (a rate that a line named and that does
    not hold any more).
    """
    placement = place(draft, resolved, now=timezone.now(), issue=True)
    if placement.issue_date is not None:
        ensure_rates_hold(draft.document, draft.lines, day=placement.issue_date)
    if record.corrects is not None:
        ensure_not_before(placement.issue_date, record.corrects.issue_date)
    exemptions = exemptions_of(
        record.breakdown, seller=resolved.seller, buyer=resolved.buyer, stated=record.exemptions
    )
    exchanged = exchange.to_json(_exchange(record, resolved, placement.issue_date))
    with within_open_period("/issue_date"):
        issue_draft(
            tenant_id=require_tenant_id(),
            invoice_id=record.id,
            series_id=resolved.series,
            period=placement.period,
            shape=placement.shape,
            issue_date=placement.issue_date,
            due_date=placement.due_date,
            payment_state=lifecycle.payment_state(payable=record.totals.payable, settled=ZERO).value,
            seller=resolved.seller,
            buyer=resolved.buyer,
            exemptions=exemptions_to_json(exemptions),
            exchange=exchanged,
            due_rule=terms_to_json(placement.due_rule),
        )
    return record_of(Invoice.objects.get(id=record.id))


def _exchange(record: InvoiceRecord, resolved: Resolved, day: date | None) -> Exchange:
    """What corrects an invoice is converted as the invoice was, whatever the rates are by now."""
    if day is None:
        return exchange.NOTHING
    found = exchanging.foreign(
        currency=record.currency,
        tax_currency=record.tax_currency,
        resolved=resolved,
        day=day,
        tax_total=record.totals.tax_total,
        payable=record.totals.payable,
    )
    if found is None:
        return exchange.NOTHING
    if record.corrects is not None:
        return exchanging.exchange_of_correction(found, invoice_id=record.corrects.id)
    return exchanging.exchanges_of([found])[0]


def ensure_not_before(issue_date: date | None, corrected: date | None) -> None:
    """Raises BeforeWhatItCorrects; a draft without a date takes the day of issue, which is later."""
    if issue_date is not None and corrected is not None and issue_date < corrected:
        raise BeforeWhatItCorrects(pointer="/issue_date")


def as_drafted(record: InvoiceRecord) -> Draft:
    """A kept draft as it was stated."""
    return Draft(
        customer=record.customer,
        document=record.document(),
        lines=tuple(line.stated for line in record.lines),
        legal_entity=record.legal_entity,
        series=record.series,
        issue_date=record.issue_date,
        due_date=record.due_date,
        payment_terms=record.payment_terms,
        exemptions=record.exemptions,
        due_rule=record.due_rule,
    )
