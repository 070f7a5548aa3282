"""What v2 takes for an invoice: EN 16931's terms, parsed by msgspec on the hot path."""

from datetime import date
from typing import Annotated, Literal

from msgspec import to_builtins

from invoicing.api.v2.party_in import DueRuleIn
from invoicing.domain.document import (
    ONE,
    OPEN_TAX,
    ZERO,
    AllowanceCharge,
    DocumentInput,
    DocumentType,
    LineInput,
    TaxKey,
    Withholding,
)
from invoicing.domain.exemptions import Exemption
from invoicing.domain.record import Draft, DraftLine
from invoicing.domain.stored import terms_from_json
from tenants.http.metadata import Metadata
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


class WithholdingIn(Body, kw_only=True):
    """A tax on the seller's income that the buyer keeps back, such as IRPF, and its rate in per cent."""

    code: Annotated[str, shape("[A-Z][A-Z0-9_]{0,19}", "Expected a code such as IRPF.")]
    rate: Rate


class ExemptionIn(Body, kw_only=True):
    """Why a VAT category bears no VAT (BT-120, BT-121), where it is not what the rule says."""

    category: Literal["E", "AE", "K", "G", "O"]
    text: Annotated[str, line(500)]
    code: Annotated[str, shape("[A-Z0-9-]{1,30}", "Expected a code of the VATEX list.")] | None = None


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
    surcharge_rate: Rate | None = None
    withholdings: list[WithholdingIn] | None = None

    def adjustment(self) -> AllowanceCharge:
        return AllowanceCharge(
            self.amount,
            self.percent,
            self.base_amount,
            self.tax.key(),
            self.reason,
            self.reason_code,
            self.surcharge_rate,
            _withholdings(self.withholdings),
        )


def _withholdings(items: list[WithholdingIn] | None) -> tuple[Withholding, ...]:
    return tuple(Withholding(item.code, item.rate) for item in items or ())


UnitCode = Annotated[str, shape("[A-Z0-9]{1,3}", "Expected a UN/ECE Rec 20 code such as C62.")]
_ONE_OF = "C62"


class TaxRateId(Reference):
    prefix = "tax"


class LineTaxIn(Body, kw_only=True):
    """A VAT category and its rate, or one of the tenant's tax rates that holds on the date of issue."""

    category: Literal["S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"] | None = None
    rate: Rate | None = None
    tax_rate: TaxRateId | None = None

    def __post_init__(self) -> None:
        if (self.category is None) == (self.tax_rate is None):
            raise ValueError("Expected a category, or a tax rate of the tenant's.")

    def key(self) -> TaxKey:
        return OPEN_TAX if self.category is None else TaxKey(self.category, self.rate)


class LineIn(Body, kw_only=True):
    """One line (BG-25): quantity × unit price / base quantity − allowances + charges.

    Without `unit_price` the item's in the document's currency is taken that holds on the date of issue;
    without `tax` what the customer's tax treatment leads to, else the item's.
    """

    description: Annotated[str, line(1000)]
    quantity: Quantity
    unit_price: Price | None = None
    tax: LineTaxIn | None = None
    item: ItemId | None = None
    unit_code: UnitCode | None = None
    base_quantity: Quantity | None = None
    allowances: list[AdjustmentIn] | None = None
    charges: list[AdjustmentIn] | None = None
    surcharge_rate: Rate | None = None
    withholdings: list[WithholdingIn] | None = None

    def input(self) -> LineInput:
        return LineInput(
            quantity=self.quantity,
            unit_price=ZERO if self.unit_price is None else self.unit_price,
            tax=OPEN_TAX if self.tax is None else self.tax.key(),
            base_quantity=ONE if self.base_quantity is None else self.base_quantity,
            allowances=tuple(item.adjustment() for item in self.allowances or ()),
            charges=tuple(item.adjustment() for item in self.charges or ()),
            surcharge_rate=self.surcharge_rate,
            withholdings=_withholdings(self.withholdings),
        )

    def stated(self) -> DraftLine:
        tax = self.tax
        named = None if tax is None else tax.tax_rate
        return DraftLine(
            self.description,
            self.unit_code or _ONE_OF,
            self.item,
            self.unit_price is None,
            tax is None or named is not None,
            named,
        )


class CalculationIn(Body, kw_only=True):
    """`POST invoices/calculate`: a document without a buyer; nothing of it is kept.

    Null stands for what is left out, wherever something may be. With `prices_include_tax` prices,
    allowances and charges are stated with VAT in them, and the total with tax is what was entered.
    `cash_rounding` rounds what is to be paid, or does not, where the legal entity's setting is not to hold;
    what it comes to is the rounding amount (BT-114), which is then not stated.
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
    prices_include_tax: bool | None = None
    cash_rounding: bool | None = None
    exemptions: list[ExemptionIn] | None = None
    due_rule: DueRuleIn | None = None

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
            prices_include_tax=bool(self.prices_include_tax),
            cash_rounding=self.cash_rounding,
        )

    def reasons(self) -> tuple[Exemption, ...]:
        return tuple(Exemption(one.category, one.code, one.text) for one in self.exemptions or ())


class InvoiceIn(CalculationIn, kw_only=True):
    """A whole document as PATCH leaves it: what a draft states."""

    customer: CustomerId
    series: SeriesId | None = None
    metadata: Metadata | None = None

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
            exemptions=self.reasons(),
            metadata=self.metadata or {},
            due_rule=terms_from_json(to_builtins(self.due_rule)),
        )


class NewInvoiceIn(InvoiceIn, kw_only=True):
    """`POST invoices`: drafted, and with `issue` numbered and frozen in the same transaction."""

    issue: bool | None = None
