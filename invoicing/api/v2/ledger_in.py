"""What v2 takes for postings to the ledger: money is an amount beside its currency."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from invoicing.api.v2.invoice_in import CustomerId, LegalEntityId
from invoicing.domain.ledger import MOST_SHARES, PaymentMethod, ReversalKind, Share
from invoicing.money import Money, known_currency
from tenants import ids
from tenants.errors import FieldError, InvalidInput
from tenants.http.metadata import Metadata
from tenants.http.values import Amount, Body, CurrencyCode, Reference, line
from tenants.selectors.existence import ensure_exists

Method = Literal["bank_transfer", "direct_debit", "card", "cash", "cheque", "other"]
Reason = Annotated[str, line(500)]
PaymentReference = Annotated[str, line(140)]


class PaymentId(Reference):
    prefix = "pay"


class DocumentId(Reference):
    prefix = "inv"


class MoneyIn(Body, kw_only=True):
    """Major units of an ISO 4217 currency; no more decimals than it has, never rounded."""

    amount: Amount
    currency: CurrencyCode

    def money(self, pointer: str = "/amount") -> Money:
        """Raises InvalidInput for a code that is no currency."""
        if not known_currency(self.currency):
            detail = f"{self.currency} is not a current ISO 4217 currency code."
            raise InvalidInput([FieldError(f"{pointer}/currency", "unknown-currency", detail)])
        return Money(self.amount, self.currency)


class ShareIn(Body, kw_only=True):
    """So much of one document."""

    invoice: DocumentId
    amount: MoneyIn


Shares = Annotated[
    list[ShareIn],
    Meta(
        min_length=1,
        max_length=MOST_SHARES,
        extra={"code": "out-of-range", "detail": f"Expected 1 to {MOST_SHARES} allocations."},
    ),
]


class PaymentIn(Body, kw_only=True):
    """Money received from a customer, and the documents it is for; what they leave stays as credit."""

    customer: CustomerId
    amount: MoneyIn
    legal_entity: LegalEntityId | None = None
    method: Method = "bank_transfer"
    reference: PaymentReference | None = None
    effective_date: date | None = None
    allocations: Shares | None = None
    metadata: Metadata | None = None


class PaymentPatch(Body, kw_only=True):
    """What of a payment can be changed."""

    metadata: Metadata | None = None


class SharesIn(Body, kw_only=True):
    """Documents to be settled together, all or none."""

    allocations: Shares
    effective_date: date | None = None


class AllocationIn(Body, kw_only=True):
    """One document settled out of a payment or out of a credit note."""

    invoice: DocumentId
    amount: MoneyIn
    payment: PaymentId | None = None
    credit_note: DocumentId | None = None
    effective_date: date | None = None

    def source(self) -> tuple[UUID | None, UUID | None]:
        """The payment or the credit note; exactly one is named. Raises InvalidInput."""
        if (self.payment is None) == (self.credit_note is None):
            detail = "Name a payment or a credit note."
            raise InvalidInput([FieldError("/payment", "one-of", detail)])
        return self.payment, self.credit_note


class RefundIn(Body, kw_only=True):
    """Credit that is paid back."""

    amount: MoneyIn
    method: Method = "bank_transfer"
    reference: PaymentReference | None = None
    reason: Reason | None = None
    effective_date: date | None = None


class ReversalIn(Body, kw_only=True):
    """What is taken back: all that is left unless an amount is given."""

    reason: Reason
    amount: MoneyIn | None = None
    effective_date: date | None = None


class ReturnIn(ReversalIn, kw_only=True):
    """A bank debit that was returned, or a card payment that was charged back."""

    kind: Literal["return", "chargeback"] = "return"

    def reversal_kind(self) -> ReversalKind:
        return ReversalKind(self.kind)


class MistakeIn(Body, kw_only=True):
    """Why the entry was wrong."""

    reason: Reason
    effective_date: date | None = None


class WriteOffIn(ReversalIn, kw_only=True):
    """What is given up: all that is open unless an amount is given."""


def shares_of(stated: list[ShareIn] | None) -> list[Share]:
    """The shares as the ledger takes them. Raises InvalidInput."""
    return [
        Share(one.invoice, one.amount.money(f"/allocations/{place}/amount"), f"/allocations/{place}")
        for place, one in enumerate(stated or ())
    ]


def optional_money(stated: MoneyIn | None) -> Money | None:
    """Raises InvalidInput."""
    return None if stated is None else stated.money()


def method_of(stated: str) -> PaymentMethod:
    """The method a body names."""
    return PaymentMethod(stated)


def known(prefix: str, public_id: str) -> UUID:
    """The record of a path, before its body is looked at. Raises NotFound, for another tenant's too."""
    record = ids.decode(prefix, public_id)
    ensure_exists(public_id=public_id)
    return record
