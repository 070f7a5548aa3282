"""What v2 takes for an invoice: EN 16931's terms, parsed by msgspec on the hot path."""

from datetime import date
from typing import Annotated, Literal

from invoicing.domain.document import (
    ONE,
    ZERO,
    AllowanceCharge,
    DocumentInput,
    DocumentType,
    LineInput,
    TaxKey,
)
from invoicing.domain.record import Draft, DraftLine
from tenants.http.values import (
    Amount,
    Body,
    CurrencyCode,
    Percent,
    Price,
    Quantity,
    Rate,
    Reference,
    line,
    prose,
    shape,
)


class CustomerId(Reference):
    prefix = "cus"


class LegalEntityId(Reference):
    prefix = "le"


class SeriesId(Reference):
    prefix = "ser"


class ItemId(Reference):
    prefix = "itm"


class TaxIn(Body, kw_only=True):
    """A VAT category (UNCL5305) and its rate in per cent; category O has none."""

    category: Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"]
    rate: Rate | None = None

    def key(self) -> TaxKey:
        return TaxKey(self.category, self.rate)


class AdjustmentIn(Body, kw_only=True):
    """An allowance or charge of a line: an amount, or a percentage of a base."""

    amount: Amount | None = None
    percent: Percent | None = None
    base_amount: Amount | None = None
    reason: Annotated[str, line(500)] | None = None
    reason_code: Annotated[str, shape("[A-Z0-9]{1,5}", "Expected a UNTDID 5189 or 7161 code.")] | None = None

    def adjustment(self) -> AllowanceCharge:
        return AllowanceCharge(
            self.amount, self.percent, self.base_amount, None, self.reason, self.reason_code
        )


class DocumentAdjustmentIn(AdjustmentIn, kw_only=True):
    """An allowance or charge of the whole document, which bears on one tax."""

    tax: TaxIn

    def adjustment(self) -> AllowanceCharge:
        return AllowanceCharge(
            self.amount, self.percent, self.base_amount, self.tax.key(), self.reason, self.reason_code
        )


UnitCode = Annotated[str, shape("[A-Z0-9]{1,3}", "Expected a UN/ECE Rec 20 code such as C62.")]
_ONE_OF = "C62"


class LineIn(Body, kw_only=True):
    """One line (BG-25): quantity × unit price / base quantity − allowances + charges."""

    description: Annotated[str, line(1000)]
    quantity: Quantity
    unit_price: Price
    tax: TaxIn
    item: ItemId | None = None
    unit_code: UnitCode | None = None
    base_quantity: Quantity | None = None
    allowances: list[AdjustmentIn] | None = None
    charges: list[AdjustmentIn] | None = None

    def input(self) -> LineInput:
        return LineInput(
            quantity=self.quantity,
            unit_price=self.unit_price,
            tax=self.tax.key(),
            base_quantity=ONE if self.base_quantity is None else self.base_quantity,
            allowances=tuple(item.adjustment() for item in self.allowances or ()),
            charges=tuple(item.adjustment() for item in self.charges or ()),
        )

    def stated(self) -> DraftLine:
        return DraftLine(self.description, self.unit_code or _ONE_OF, self.item)


class CalculationIn(Body, kw_only=True):
    """`POST invoices/calculate`: a document without a buyer; nothing of it is kept.

    Null stands for what is left out, wherever something may be.
    """

    currency: CurrencyCode
    lines: list[LineIn]
    type: Literal["invoice", "credit_note"] | None = None
    legal_entity: LegalEntityId | None = None
    issue_date: date | None = None
    due_date: date | None = None
    payment_terms: Annotated[str, prose(500)] | None = None
    tax_currency: CurrencyCode | None = None
    prepaid_amount: Amount | None = None
    rounding_amount: Amount | None = None
    allowances: list[DocumentAdjustmentIn] | None = None
    charges: list[DocumentAdjustmentIn] | None = None

    def document(self) -> DocumentInput:
        return DocumentInput(
            currency=self.currency,
            lines=tuple(line.input() for line in self.lines),
            type=DocumentType(self.type or "invoice"),
            allowances=tuple(item.adjustment() for item in self.allowances or ()),
            charges=tuple(item.adjustment() for item in self.charges or ()),
            prepaid_amount=self.prepaid_amount or ZERO,
            rounding_amount=self.rounding_amount or ZERO,
            tax_currency=self.tax_currency,
        )


class InvoiceIn(CalculationIn, kw_only=True):
    """A whole document as PATCH leaves it: what a draft states."""

    customer: CustomerId
    series: SeriesId | None = None

    def draft(self) -> Draft:
        return Draft(
            customer=self.customer,
            document=self.document(),
            lines=tuple(line.stated() for line in self.lines),
            legal_entity=self.legal_entity,
            series=self.series,
            issue_date=self.issue_date,
            due_date=self.due_date,
            payment_terms=self.payment_terms or "",
        )


class NewInvoiceIn(InvoiceIn, kw_only=True):
    """`POST invoices`: drafted, and with `issue` numbered and frozen in the same transaction."""

    issue: bool | None = None
