"""Money in the demo's books: what came, what it settled, what was given up and what went again."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from invoicing.domain.ledger import PaymentMethod, ReversalKind, Share
from invoicing.domain.record import InvoiceRecord
from invoicing.models import Payment
from invoicing.money import Money
from invoicing.selectors.ledger import list_allocations
from invoicing.services.allocating import reverse_allocation
from invoicing.services.receiving import receive_payment
from invoicing.services.refunding import refund_payment
from invoicing.services.returning import return_payment, reverse_payment
from invoicing.services.writing_off import write_off_invoice

NEEDED = 8
_DAYS_TO_PAY = 14


def post_payments(invoices: Sequence[InvoiceRecord]) -> None:
    """Post every kind of posting there is to NEEDED open invoices, oldest first, each in full open."""
    paid, part, small, lost, returned, charged_back, overpaid, mistaken = invoices[:NEEDED]
    _receive(paid, _payable(paid))
    _receive(part, _half(_payable(part)))
    _receive(small, _payable(small) - Decimal("0.40"))
    write_off_invoice(invoice_id=small.id, reason="Bank charges, not worth a letter")
    write_off_invoice(invoice_id=lost.id, reason="Insolvency proceedings closed without assets")
    debit = _receive(returned, _payable(returned), PaymentMethod.DIRECT_DEBIT)
    return_payment(payment_id=debit.id, reason="Returned by the bank: insufficient funds (AM04)")
    card = _receive(charged_back, _payable(charged_back), PaymentMethod.CARD)
    half = Money(_half(_payable(charged_back)), charged_back.currency)
    return_payment(payment_id=card.id, kind=ReversalKind.CHARGEBACK, money=half, reason="Not rendered (13.1)")
    surplus = _receive(overpaid, _payable(overpaid), extra=Decimal(80))
    refund_payment(
        payment_id=surplus.id,
        money=Money(Decimal(50), overpaid.currency),
        reason="Paid too much",
    )
    wrong = _receive(mistaken, _payable(mistaken))
    (allocation,) = list_allocations(payment=wrong.id)
    reverse_allocation(allocation_id=allocation.id, reason="Meant for another invoice")
    twice = _receive(mistaken, Decimal(100), shares=False)
    reverse_payment(payment_id=twice.id, reason="Entered twice")
    _receive(part, Decimal(250), shares=False)


def _payable(invoice: InvoiceRecord) -> Decimal:
    return invoice.totals.payable


def _half(amount: Decimal) -> Decimal:
    return (amount / 2).quantize(Decimal("0.01"))


def _receive(
    invoice: InvoiceRecord,
    amount: Decimal,
    method: PaymentMethod = PaymentMethod.BANK_TRANSFER,
    *,
    extra: Decimal = Decimal(0),
    shares: bool = True,
) -> Payment:
    """Money of the invoice's customer two weeks after it, for the invoice or on account."""
    share = Share(invoice.id, Money(amount, invoice.currency))
    return receive_payment(
        customer_id=invoice.customer,
        money=Money(amount + extra, invoice.currency),
        method=method,
        reference=invoice.number or "" if shares else "On account",
        effective_date=_day(invoice.issue_date),
        shares=[share] if shares else (),
    )


def _day(issued: date | None) -> date:
    today = timezone.localdate()
    return min(today, (issued or today) + timedelta(days=_DAYS_TO_PAY))
