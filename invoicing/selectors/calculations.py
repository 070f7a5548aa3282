"""Totals without a document: what `calculate` and `explain` answer."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from invoicing.domain.cash import steps_from_json
from invoicing.domain.document import DocumentInput
from invoicing.domain.exemptions import Exemption, ensure_stated, exemptions_of
from invoicing.domain.explain import explain
from invoicing.domain.explain_credit import explain_credit
from invoicing.domain.explain_due import explain_due
from invoicing.domain.explain_exchange import explain_exchange
from invoicing.domain.explain_step import Step
from invoicing.domain.record import DraftLine, InvoiceRecord
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.schedule import DueRule, due_when_issued
from invoicing.domain.stored import terms_from_json
from invoicing.domain.totals import Computed, compute
from invoicing.domain.working_days import is_weekday, is_working_day
from invoicing.models import LegalEntity
from invoicing.selectors.invoices import get_invoice
from invoicing.selectors.open_lines import filled
from tenants.errors import FieldError, InvalidInput
from tenants.selectors.tenants import current_tenant


class Calculated(NamedTuple):
    """The totals of a document, and why what bears no VAT bears none, in the seller's words.

    `document` is the one that was given with what its lines left open filled in. `due_date` is None for
    a credit note that states none, and where there is no seller to have payment terms.
    """

    document: DocumentInput
    computed: Computed
    exemptions: tuple[Exemption, ...]
    due_date: date | None


class Terms(NamedTuple):
    """What a document says of its dates; None is today, and the payment terms of the seller."""

    issue_date: date | None = None
    due_date: date | None = None
    due_rule: DueRule | None = None


# Of the seller; the tenant comes along with it, so that today costs no statement.
_SELLER = ("tax_rounding", "cash_rounding", "country", "payment_days", "due_rule", "tenant__time_zone")


def calculate(
    *,
    document: DocumentInput,
    legal_entity: UUID | None = None,
    stated: Sequence[Exemption] = (),
    lines: Sequence[DraftLine] = (),
    terms: Terms | None = None,
) -> Calculated:
    """The totals of a document as the legal entity (or the tenant's default one) rounds tax and cash.

    One statement, nothing written. A tenant without a legal entity gets tax per category, as
    EN 16931 has it. `stated` are reasons why no VAT is charged, where they are not those of the rule.
    What `lines` leave open is taken from the catalogue as of the day of issue, by default the tenant's today,
    which costs a few statements more. It is due as if it were issued on that day to a customer without
    payment terms of its own. Raises InvalidInput, DueBeforeIssue, DueDateOutOfRange.
    """
    ensure_stated(stated)
    entities = LegalEntity.objects.filter(is_default=True)
    if legal_entity is not None:
        entities = LegalEntity.objects.filter(id=legal_entity)
    entity = entities.values(*_SELLER).first()
    if entity is None and legal_entity is not None:
        raise InvalidInput(
            [FieldError("/legal_entity", "unknown-reference", "There is no such legal entity.")]
        )
    terms = terms or Terms()
    day = terms.issue_date or _today(entity)
    due_date = _due_date(document, terms, day, entity)
    if any(line.is_open for line in lines):
        document = filled(document, lines, day=day)
    seller = entity or {"tax_rounding": TaxRounding.CATEGORY, "cash_rounding": None}
    computed = compute(
        document,
        tax_rounding=TaxRounding(seller["tax_rounding"]),
        cash_steps=steps_from_json(seller["cash_rounding"]),
    )
    exemptions = exemptions_of(computed.breakdown, seller=seller, buyer=None, stated=stated)
    return Calculated(document, computed, exemptions, due_date)


def _today(seller: dict[str, Any] | None) -> date:
    zone = current_tenant().time_zone if seller is None else seller["tenant__time_zone"]
    return timezone.localdate(timezone=ZoneInfo(zone))


def _due_date(document: DocumentInput, terms: Terms, day: date, seller: dict[str, Any] | None) -> date | None:
    rule, is_working = terms.due_rule, is_weekday
    if seller is not None:
        rule = rule or terms_from_json(seller["due_rule"]) or DueRule(days=seller["payment_days"])
        is_working = partial(is_working_day, seller["country"])
    due = due_when_issued(
        document.type, day, stated=terms.due_date, terms=rule or DueRule(), is_working=is_working
    )
    return terms.due_date if rule is None else due


def explain_invoice(*, invoice_id: UUID) -> list[Step]:
    """How each total of a kept document came about, rule by rule. Raises NotFound."""
    return explain_record(get_invoice(invoice_id=invoice_id))


def explain_record(record: InvoiceRecord) -> list[Step]:
    """The same for a document that was read already. No statement."""
    if record.corrects is not None:
        steps = explain_credit(record)
    else:
        document = record.document()
        computed = compute(document, tax_rounding=record.tax_rounding, cash_steps=record.cash_steps())
        steps = explain(document, computed)
    return [*explain_due(record), *steps, *explain_exchange(record)]
