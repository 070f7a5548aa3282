"""What v2 takes for a credit note of an invoice, its cancellation and its void."""

from datetime import date
from typing import Annotated

from invoicing.api.v2.invoice_in import SeriesId
from invoicing.api.v2.invoice_query import InvoiceId
from invoicing.domain.credit_request import Asked, CreditKind, LineAsked
from invoicing.services.crediting import Credit
from tenants.errors import FieldError, InvalidInput
from tenants.http.metadata import Metadata
from tenants.http.values import Amount, Body, Price, Quantity, Reference, line


class LineId(Reference):
    prefix = "iln"


Reason = Annotated[str, line(500)]


class CreditLineIn(Body, kw_only=True):
    """Of one line of the invoice: all that is left, a quantity, a net amount, or a lower unit price.

    `quantity` has the sign it has on the invoice. Beside `unit_price` it is the part whose price is
    corrected; an `amount` stands alone.
    """

    line: LineId
    quantity: Quantity | None = None
    amount: Amount | None = None
    unit_price: Price | None = None

    def asked(self) -> LineAsked:
        return LineAsked(self.line, self.quantity, self.amount, self.unit_price)


class CancelIn(Body, kw_only=True):
    """`POST invoices/{id}/cancel`: all that is left is credited at once. `reason` is told to the buyer."""

    reason: Reason | None = None
    series: SeriesId | None = None
    issue_date: date | None = None


class CreditIn(CancelIn, kw_only=True):
    """`POST invoices/{id}/credit`: exactly one of `full`, `lines` and `amount`.

    `full` credits all that is left; `amount` is goodwill, with tax, over all that is left in proportion.
    """

    full: bool | None = None
    lines: list[CreditLineIn] | None = None
    amount: Amount | None = None
    issue: bool | None = None
    metadata: Metadata | None = None

    def credit(self) -> Credit:
        """Raises InvalidInput unless exactly one way is named."""
        ways = [self.full or None, self.lines, self.amount]
        if sum(way is not None for way in ways) != 1:
            detail = "Say one of full, lines and amount."
            raise InvalidInput([FieldError("", "one-way", detail)])
        asked = Asked(CreditKind.FULL)
        if self.lines is not None:
            asked = Asked(CreditKind.LINES, tuple(one.asked() for one in self.lines))
        elif self.amount is not None:
            asked = Asked(CreditKind.AMOUNT, amount=self.amount)
        return Credit(asked, self.reason or "", self.series, self.issue_date, self.metadata)


class CreditNoteIn(CreditIn, kw_only=True):
    """`POST credit-notes`: the same, with the invoice it corrects."""

    corrects: InvoiceId


class VoidIn(Body, kw_only=True):
    """`POST invoices/{id}/void`: the reason is kept in the trail."""

    reason: Reason
