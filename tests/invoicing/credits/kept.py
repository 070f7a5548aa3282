"""Random invoices and credit notes through the services, as `partitions` has them without a database."""

import random
from uuid import UUID

from invoicing.domain.credit_request import Asked, CreditKind
from invoicing.domain.document import DocumentInput
from invoicing.domain.record import Draft, DraftLine, InvoiceRecord
from invoicing.models import LegalEntity
from invoicing.selectors.credits import get_creditable
from invoicing.services.creating import create_invoice
from invoicing.services.crediting import Credit, credit_invoice
from invoicing.services.issuing import issue_invoice
from tenants.errors import DomainError, InvalidInput
from tests.invoicing.credits.partitions import any_document, random_asked


def issue(customer: UUID, document: DocumentInput) -> InvoiceRecord:
    """An issued invoice of the default legal entity."""
    lines = tuple(DraftLine(f"line {n}", "C62") for n, _ in enumerate(document.lines, start=1))
    return create_invoice(draft=Draft(customer, document, lines), issue=True)


def credited_randomly(seed: int, customer: UUID) -> tuple[InvoiceRecord, int] | None:
    """A random invoice credited by random credit notes until nothing is left, and how many there were.

    None where the random document is none, or nobody could be given it back.
    """
    chance = random.Random(seed)
    LegalEntity.objects.update(tax_rounding=chance.choice(["category", "line"]))
    try:
        invoice = issue(customer, any_document(chance))
    except InvalidInput:
        return None
    if invoice.totals.tax_inclusive < 0:
        return None
    made = 0
    for _ in range(chance.randint(0, 6)):
        made += _attempt(chance, invoice)
    if not get_creditable(invoice_id=invoice.id).left.is_nothing:
        credit_invoice(invoice_id=invoice.id, credit=Credit(Asked(CreditKind.FULL)), issue=True)
        made += 1
    return invoice, made


def _attempt(chance: random.Random, invoice: InvoiceRecord) -> bool:
    creditable = get_creditable(invoice_id=invoice.id)
    if creditable.left.is_nothing:
        return False
    asked = random_asked(chance, creditable.invoice, creditable.corrected, creditable.left)
    try:
        if chance.random() < 0.3:
            note = credit_invoice(invoice_id=invoice.id, credit=Credit(asked))
            issue_invoice(invoice_id=note.id)
        else:
            credit_invoice(invoice_id=invoice.id, credit=Credit(asked), issue=True)
    except DomainError:
        return False
    return True
