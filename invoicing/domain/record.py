"""A document as it is kept: what was stated, what was computed, and where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from invoicing.domain.cash import NO_STEPS, Steps
from invoicing.domain.document import (
    ZERO,
    AllowanceCharge,
    DocumentInput,
    DocumentType,
    LineInput,
)
from invoicing.domain.exchange import NOTHING, Exchange
from invoicing.domain.exemptions import Exemption
from invoicing.domain.further import FurtherRow
from invoicing.domain.lifecycle import PaymentState, State, balance_of
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.schedule import DueRule
from invoicing.domain.totals import TaxRow, Totals


@dataclass(frozen=True, slots=True)
class DraftLine:
    """What a caller states about a line beside its numbers. `item` refers to the catalogue.

    Where the price or the tax is left open, the number in the document stands for nothing until the
    catalogue has filled it in; `tax_rate` is the tenant's rate that the tax was, or is to be, taken from.
    """

    description: str
    unit_code: str
    item: UUID | None = None
    price_is_open: bool = False
    tax_is_open: bool = False
    tax_rate: UUID | None = None

    @property
    def is_open(self) -> bool:
        return self.price_is_open or self.tax_is_open


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole document as a caller states it; `lines` describes `document.lines`, one for one.

    None means the default: the tenant's legal entity, its series for the type, the day of issue,
    the customer's payment terms; no metadata, or what a draft that is changed has already. `exemptions` are
    stated reasons; the rest are given by rule at issue.
    """

    customer: UUID
    document: DocumentInput
    lines: tuple[DraftLine, ...]
    legal_entity: UUID | None = None
    series: UUID | None = None
    issue_date: date | None = None
    due_date: date | None = None
    payment_terms: str = ""
    exemptions: tuple[Exemption, ...] = ()
    metadata: Mapping[str, str] | None = None
    due_rule: DueRule | None = None


class Adjusted(NamedTuple):
    """An allowance or charge with what it amounts to."""

    stated: AllowanceCharge
    amount: Decimal


def adjusted(items: Sequence[AllowanceCharge], amounts: Sequence[Decimal]) -> list[Adjusted]:
    """Allowances or charges with their amounts, one for one."""
    return [Adjusted(item, amount) for item, amount in zip(items, amounts, strict=True)]


@dataclass(frozen=True, slots=True)
class Corrects:
    """The invoice a credit note corrects (BG-3: BT-25, BT-26), and what it takes of it.

    `correction` is as `credit_stored.to_json` wrote it.
    """

    id: UUID
    number: str | None
    issue_date: date | None
    correction: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LineRecord:
    """A kept line: what was stated, and its net amount (BT-131). `corrects` is the line it corrects.

    `gross_amount` is what the line comes to with VAT where prices include it.
    """

    id: UUID
    stated: DraftLine
    input: LineInput
    net_amount: Decimal
    allowance_amounts: tuple[Decimal, ...]
    charge_amounts: tuple[Decimal, ...]
    corrects: UUID | None = None
    gross_amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class InvoiceRecord:
    """A kept document with its lines, in major units of `currency`.

    `seller` and `buyer` are what was frozen at issue, None in a draft. `metadata` is the tenant's own.
    `seller`, `buyer` and `exchange` are what was frozen at issue, nothing in a draft. `cash_rounding` is what
    was stated of it, `cash_step` what the payable amount was made a multiple of. `settled` is what
    allocations, refunds and write-offs come to.
    """

    id: UUID
    type: DocumentType
    state: State
    payment_state: PaymentState
    legal_entity: UUID
    customer: UUID
    series: UUID
    number: str | None
    currency: str
    tax_currency: str | None
    tax_rounding: TaxRounding
    issue_date: date | None
    due_date: date | None
    payment_terms: str
    issued_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    lines: tuple[LineRecord, ...]
    allowances: tuple[AllowanceCharge, ...]
    charges: tuple[AllowanceCharge, ...]
    allowance_amounts: tuple[Decimal, ...]
    charge_amounts: tuple[Decimal, ...]
    totals: Totals
    breakdown: tuple[TaxRow, ...]
    seller: dict[str, Any] | None
    buyer: dict[str, Any] | None
    corrects: Corrects | None = None
    reason: str = ""
    prices_include_tax: bool = False
    further: tuple[FurtherRow, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    exchange: Exchange = NOTHING
    due_rule: DueRule | None = None
    cash_rounding: bool | None = None
    cash_step: Decimal | None = None
    settled: Decimal = ZERO

    @property
    def balance(self) -> Decimal | None:
        return balance_of(state=self.state, payable=self.totals.payable, settled=self.settled)

    def document(self) -> DocumentInput:
        """What the totals were computed from."""
        return DocumentInput(
            currency=self.currency,
            lines=tuple(line.input for line in self.lines),
            type=self.type,
            allowances=self.allowances,
            charges=self.charges,
            prepaid_amount=self.totals.prepaid_amount,
            rounding_amount=self.totals.rounding_amount if self.cash_step is None else ZERO,
            tax_currency=self.tax_currency,
            prices_include_tax=self.prices_include_tax,
            cash_rounding=self.cash_rounding,
        )

    def cash_steps(self) -> Steps:
        """What of the legal entity's cash rounding the totals were computed with."""
        return NO_STEPS if self.cash_step is None else {self.currency: self.cash_step}

    def keeping_lines(self, draft: Draft) -> Draft:
        """A change that says nothing of lines: they keep what they took from the catalogue."""
        return replace(draft, lines=tuple(line.stated for line in self.lines))
