"""Issued documents, money received and what became of it, for tests. Call them inside a scope."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import timezone

from invoicing.domain.document import DocumentType
from invoicing.domain.ledger import PaymentMethod, Share
from invoicing.models import Invoice, Payment
from invoicing.money import Money
from invoicing.services import creating, receiving
from tests.factories.invoicing import a_draft, a_line


def eur(amount: str) -> Money:
    """So much in euros."""
    return Money(Decimal(amount), "EUR")


def days_ago(days: int) -> date:
    """A day before today; far enough from midnight in any zone where it matters."""
    return timezone.localdate() - timedelta(days=days)


def make_issued(
    customer: UUID,
    total: str = "100",
    *,
    currency: str = "EUR",
    type: DocumentType = DocumentType.INVOICE,
    issued: date | None = None,
    prepaid: str = "0",
    **stated: Any,
) -> Invoice:
    """An issued document of `total`, without tax."""
    draft = a_draft(
        customer, lines=[a_line(price=total, rate="0")], currency=currency, issue_date=issued, **stated
    )
    document = replace(draft.document, type=type, prepaid_amount=Decimal(prepaid))
    line = replace(document.lines[0], tax=document.lines[0].tax._replace(category="Z"))
    made = creating.create_invoice(
        draft=replace(draft, document=replace(document, lines=(line,))), issue=True
    )
    return invoice(made.id)


def make_payment(
    customer: UUID,
    amount: str = "100",
    *,
    currency: str = "EUR",
    received: date | None = None,
    shares: Sequence[Share] = (),
    **stated: object,
) -> Payment:
    """Money received from a customer."""
    return receiving.receive_payment(
        customer_id=customer,
        money=Money(Decimal(amount), currency),
        method=PaymentMethod.BANK_TRANSFER,
        effective_date=received,
        shares=shares,
        **stated,  # type: ignore[arg-type]
    )


def share(document: Invoice, amount: str) -> Share:
    """So much of a document, in its currency."""
    return Share(document.id, Money(Decimal(amount), document.currency))


def invoice(document_id: UUID) -> Invoice:
    """The document as it stands now."""
    found: Invoice = Invoice.objects.get(id=document_id)
    return found


def payment(payment_id: UUID) -> Payment:
    """The payment as it stands now."""
    found: Payment = Payment.objects.get(id=payment_id)
    return found


def balance(document: Invoice) -> Decimal:
    """What is open of a document now, without its sign."""
    now = invoice(document.id)
    return abs(Decimal(now.payable - now.settled_amount))
