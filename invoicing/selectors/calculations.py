"""Totals without a document: what `calculate` and `explain` answer."""

from uuid import UUID

from invoicing.domain.document import DocumentInput
from invoicing.domain.explain import Step, explain
from invoicing.domain.explain_credit import explain_credit
from invoicing.domain.record import InvoiceRecord
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.totals import Computed, compute
from invoicing.models import LegalEntity
from invoicing.selectors.invoices import get_invoice
from tenants.errors import FieldError, InvalidInput


def calculate(*, document: DocumentInput, legal_entity: UUID | None = None) -> Computed:
    """The totals of a document as the legal entity (or the tenant's default one) rounds tax.

    One statement, nothing written. A tenant without a legal entity gets tax per category, as
    EN 16931 has it. Raises InvalidInput.
    """
    entities = LegalEntity.objects.filter(is_default=True)
    if legal_entity is not None:
        entities = LegalEntity.objects.filter(id=legal_entity)
    rounding = entities.values_list("tax_rounding", flat=True).first()
    if rounding is None and legal_entity is not None:
        raise InvalidInput(
            [FieldError("/legal_entity", "unknown-reference", "There is no such legal entity.")]
        )
    return compute(document, tax_rounding=TaxRounding(rounding or TaxRounding.CATEGORY))


def explain_invoice(*, invoice_id: UUID) -> list[Step]:
    """How each total of a kept document came about, rule by rule. Raises NotFound."""
    return explain_record(get_invoice(invoice_id=invoice_id))


def explain_record(record: InvoiceRecord) -> list[Step]:
    """The same for a document that was read already. No statement."""
    if record.corrects is not None:
        return explain_credit(record)
    document = record.document()
    return explain(document, compute(document, tax_rounding=record.tax_rounding))
