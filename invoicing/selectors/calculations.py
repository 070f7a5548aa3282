"""Totals without a document: what `calculate` and `explain` answer."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils import timezone

from invoicing.domain.document import DocumentInput
from invoicing.domain.exemptions import Exemption, ensure_stated, exemptions_of
from invoicing.domain.explain import explain
from invoicing.domain.explain_credit import explain_credit
from invoicing.domain.explain_due import explain_due
from invoicing.domain.explain_exchange import explain_exchange
from invoicing.domain.explain_step import Step
from invoicing.domain.record import DraftLine, InvoiceRecord
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.totals import Computed, compute
from invoicing.models import LegalEntity
from invoicing.selectors.invoices import get_invoice
from invoicing.selectors.open_lines import filled
from tenants.errors import FieldError, InvalidInput
from tenants.selectors.tenants import current_tenant


class Calculated(NamedTuple):
    """The totals of a document, and why what bears no VAT bears none, in the seller's words.

    `document` is the one that was given with what its lines left open filled in.
    """

    document: DocumentInput
    computed: Computed
    exemptions: tuple[Exemption, ...]


def calculate(
    *,
    document: DocumentInput,
    legal_entity: UUID | None = None,
    stated: Sequence[Exemption] = (),
    lines: Sequence[DraftLine] = (),
    issue_date: date | None = None,
) -> Calculated:
    """The totals of a document as the legal entity (or the tenant's default one) rounds tax.

    One statement, nothing written. A tenant without a legal entity gets tax per category, as
    EN 16931 has it. `stated` are reasons why no VAT is charged, where they are not those of the rule.
    What `lines` leave open is taken from the catalogue as of `issue_date`, by default the tenant's today,
    which costs a few statements more.
    Raises InvalidInput.
    """
    ensure_stated(stated)
    entities = LegalEntity.objects.filter(is_default=True)
    if legal_entity is not None:
        entities = LegalEntity.objects.filter(id=legal_entity)
    entity = entities.values("tax_rounding", "country").first()
    if entity is None and legal_entity is not None:
        raise InvalidInput(
            [FieldError("/legal_entity", "unknown-reference", "There is no such legal entity.")]
        )
    if any(line.is_open for line in lines):
        document = filled(document, lines, day=issue_date or _today())
    seller = entity or {"tax_rounding": TaxRounding.CATEGORY}
    computed = compute(document, tax_rounding=TaxRounding(seller["tax_rounding"]))
    exemptions = exemptions_of(computed.breakdown, seller=seller, buyer=None, stated=stated)
    return Calculated(document, computed, exemptions)


def _today() -> date:
    return timezone.localdate(timezone=ZoneInfo(current_tenant().time_zone))


def explain_invoice(*, invoice_id: UUID) -> list[Step]:
    """How each total of a kept document came about, rule by rule. Raises NotFound."""
    return explain_record(get_invoice(invoice_id=invoice_id))


def explain_record(record: InvoiceRecord) -> list[Step]:
    """The same for a document that was read already. No statement."""
    if record.corrects is not None:
        steps = explain_credit(record)
    else:
        document = record.document()
        steps = explain(document, compute(document, tax_rounding=record.tax_rounding))
    return [*steps, *explain_due(record), *explain_exchange(record)]
