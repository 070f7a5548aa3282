"""What a document states: the input of the totals, in the terms of EN 16931 (BT-… numbers).

Only what bears on an amount is here. Numbers are Decimals in major units of the document's currency,
rates and percentages in per cent ("19" is 19 %). Prices are never quantised.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

ZERO = Decimal(0)
ONE = Decimal(1)


class DocumentType(StrEnum):
    """BT-3, reduced to what differs in the books: a credit note states what it takes back as positive."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


class TaxKey(NamedTuple):
    """A VAT category (UNCL5305) and its rate; the breakdown has one row per key.

    Keys are equal when their rates are equal numbers: 19 is 19.00. Category O has no rate (None).
    """

    category: str
    rate: Decimal | None = None


class Withholding(NamedTuple):
    """A tax on the seller's income that the buyer keeps back and pays for him: its code and rate in per cent.

    Spain's IRPF on professional fees (RD 439/2007, art. 95) is the usual one. It is no VAT: it changes what
    is payable, never a price, a VAT amount or a total with tax.
    """

    code: str
    rate: Decimal


# Stands where a line leaves its tax open, until the catalogue has filled it in.
OPEN_TAX = TaxKey("O")


@dataclass(frozen=True, slots=True)
class AllowanceCharge:
    """A reduction (allowance) or an addition (charge), of one line or of the document.

    `amount` (BT-136, BT-141, BT-92, BT-99) is what counts when it is given, whatever percentage stands
    beside it. Without it the amount is `percent` of `base_amount`; without a base, of the line's
    quantity * price, or of the sum of the lines that bear the same tax. `tax` is for the document level
    only, where it is required. Negative amounts are allowed: they correct an earlier document.
    `surcharge_rate` and `withholdings` are for the document level too, as on a line.
    """

    amount: Decimal | None = None
    percent: Decimal | None = None
    base_amount: Decimal | None = None
    tax: TaxKey | None = None
    reason: str | None = None
    reason_code: str | None = None
    surcharge_rate: Decimal | None = None
    withholdings: tuple[Withholding, ...] = ()


@dataclass(frozen=True, slots=True)
class LineInput:
    """One line: `quantity` (BT-129) at `unit_price` (BT-146) per `base_quantity` (BT-149) units.

    `surcharge_rate` is the equivalence surcharge in per cent that comes on top of the line's VAT.
    """

    quantity: Decimal
    unit_price: Decimal
    tax: TaxKey
    base_quantity: Decimal = ONE
    allowances: tuple[AllowanceCharge, ...] = ()
    charges: tuple[AllowanceCharge, ...] = ()
    surcharge_rate: Decimal | None = None
    withholdings: tuple[Withholding, ...] = ()


@dataclass(frozen=True, slots=True)
class DocumentInput:
    """A whole document. Amounts of a credit note are positive, as in UBL and in EN 16931.

    `tax_currency` (BT-6) asks for the tax total in that currency too (BT-111), which the rate of the day of
    issue gives (`domain.exchange`).

    With `prices_include_tax` all prices, allowances and charges are stated with VAT in them
    (`domain.included`); the equivalence surcharge still comes on top.

    `cash_rounding` says whether what is payable is rounded to an amount that coins can pay (`domain.cash`);
    None follows the legal entity's setting.
    """

    currency: str
    lines: tuple[LineInput, ...]
    type: DocumentType = DocumentType.INVOICE
    allowances: tuple[AllowanceCharge, ...] = ()
    charges: tuple[AllowanceCharge, ...] = ()
    prepaid_amount: Decimal = ZERO
    rounding_amount: Decimal = ZERO
    tax_currency: str | None = None
    prices_include_tax: bool = False
    cash_rounding: bool | None = None


def signed(document_type: DocumentType, amount: Decimal) -> Decimal:
    """What the amount does to the customer's balance: a credit note lowers it by what it states."""
    if document_type is DocumentType.CREDIT_NOTE and amount:
        return amount.copy_negate()
    return amount
