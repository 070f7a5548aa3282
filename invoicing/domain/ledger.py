"""The rules of the receivables ledger (invariant 4): what may be settled out of what, and when.

Money comes from a source (a payment, or a document whose balance is the customer's, such as a credit
note) and settles claims (documents whose balance is ours). Amounts are positive Decimals in major units
of one currency. Every posting has an effective date, the day in the tenant's zone on which it counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from invoicing.domain.document import ZERO, DocumentType, signed
from invoicing.domain.periods import open_from
from invoicing.money import Money, fits
from tenants.errors import DomainError, FieldError, InvalidInput, Kind

MOST_SHARES = 200


class PaymentMethod(StrEnum):
    """How the money came; gateways and bank statements say it more precisely in the reference."""

    BANK_TRANSFER = "bank_transfer"
    DIRECT_DEBIT = "direct_debit"
    CARD = "card"
    CASH = "cash"
    CHEQUE = "cheque"
    OTHER = "other"


class ReversalKind(StrEnum):
    """What a reversal takes back: an allocation, a write-off, or money of a payment.

    Of a payment: a bank debit that was returned, a card payment charged back, an entry made in error.
    """

    ALLOCATION = "allocation"
    WRITE_OFF = "write_off"
    RETURN = "return"
    CHARGEBACK = "chargeback"
    MISTAKE = "mistake"


OF_PAYMENTS = (ReversalKind.RETURN, ReversalKind.CHARGEBACK, ReversalKind.MISTAKE)


class OtherCurrency(DomainError):
    """Money settles claims of its own currency only."""

    kind, code = Kind.CONFLICT, "currency-mismatch"


class AboveBalance(DomainError):
    """The amount is above what is open."""

    kind, code = Kind.CONFLICT, "above-balance"


class AboveCredit(DomainError):
    """The amount is above the credit that is left."""

    kind, code = Kind.CONFLICT, "above-credit"


class OtherCustomer(DomainError):
    """Money and document are of different customers."""

    kind, code = Kind.CONFLICT, "other-customer"


class OtherLegalEntity(DomainError):
    """Money and document are of different legal entities."""

    kind, code = Kind.CONFLICT, "other-legal-entity"


class NoCredit(DomainError):
    """The document holds no credit of the customer: only a credit note does, or an invoice below zero."""

    kind, code = Kind.CONFLICT, "no-credit"


class NoClaim(DomainError):
    """The document holds no claim on the customer, so there is nothing to settle."""

    kind, code = Kind.CONFLICT, "no-claim"


class EffectiveTooEarly(DomainError):
    """The day is before money and document were both there, or before one was last taken back."""

    kind, code = Kind.CONFLICT, "effective-date-too-early"


class EffectiveInFuture(DomainError):
    """What is posted has happened: its day cannot be after today."""

    kind, code = Kind.INVALID, "effective-date-in-future"


class Share(NamedTuple):
    """What somebody wants to settle of one document; `pointer` is where the input says so (RFC 6901)."""

    document: UUID
    money: Money
    pointer: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """What is left of a source or open of a claim; nothing may count before the day `since`."""

    id: UUID
    customer: UUID
    legal_entity: UUID
    left: Money
    since: date


class Settlement(NamedTuple):
    """One share that may be posted, effective on `on`."""

    document: UUID
    amount: Decimal
    on: date


class Live(NamedTuple):
    """An allocation with what is left of it."""

    id: UUID
    document: UUID
    amount: Decimal
    on: date


def claim(document_type: DocumentType, payable: Decimal) -> Decimal:
    """What a document does to the customer's balance: above zero it is owed to us, below zero by us."""
    return signed(document_type, payable)


def proper_amount(money: Money, pointer: str) -> Money:
    """An amount that can be posted, in its currency's own decimals: above zero, with no digit too many.

    Raises InvalidInput.
    """
    if money.amount <= 0:
        raise InvalidInput([FieldError(pointer, "not-positive", "Expected an amount above zero.")])
    if not fits(money.amount, money.currency):
        detail = f"{money.currency} has fewer decimal places."
        raise InvalidInput([FieldError(pointer, "too-many-decimals", detail)])
    return money.rounded()


def proper_shares(shares: Sequence[Share]) -> list[Share]:
    """1 to 200 shares of different documents, each with a proper amount. Raises InvalidInput."""
    if not 1 <= len(shares) <= MOST_SHARES:
        detail = f"Expected 1 to {MOST_SHARES} allocations."
        raise InvalidInput([FieldError("/allocations", "out-of-range", detail)])
    seen: set[UUID] = set()
    for share in shares:
        if share.document in seen:
            detail = "The document is named before: give it one amount."
            raise InvalidInput([FieldError(f"{share.pointer}/invoice", "repeated", detail)])
        seen.add(share.document)
    return [share._replace(money=proper_amount(share.money, f"{share.pointer}/amount")) for share in shares]


def effective_day(stated: date | None, *, earliest: date, today: date) -> date:
    """The day a posting counts on: the stated one, else the first day it can.

    Raises EffectiveInFuture, EffectiveTooEarly (which tells the earliest day).
    """
    if stated is None:
        return earliest
    if stated > today:
        raise EffectiveInFuture(pointer="/effective_date")
    if stated < earliest:
        raise EffectiveTooEarly(pointer="/effective_date", earliest=earliest.isoformat())
    return stated


def plan_settlements(
    *,
    source: Balance,
    claims: Mapping[UUID, Balance],
    shares: Iterable[Share],
    on: date | None,
    today: date,
    closed_through: date | None = None,
) -> list[Settlement]:
    """Shares as they may be posted: within the source and within each claim, in one currency.

    Without a stated day each counts from the first one on which both ends are there and the books, closed
    through `closed_through`, are open.

    Raises OtherCurrency, OtherCustomer, OtherLegalEntity, AboveBalance, AboveCredit, EffectiveTooEarly,
    EffectiveInFuture. Every claim that a share names is among `claims`.
    """
    settlements = []
    left = source.left.amount
    first_open = date.min if closed_through is None else open_from(closed_through)
    for share in shares:
        target = claims[share.document]
        _ensure_together(source, target, share)
        if share.money.amount > target.left.amount:
            balance = format(target.left.amount, "f")
            raise AboveBalance(pointer=f"{share.pointer}/amount", balance=balance)
        left -= share.money.amount
        if left < 0:
            credit = format(source.left.amount, "f")
            raise AboveCredit(pointer=f"{share.pointer}/amount", credit=credit)
        earliest = max(source.since, target.since)
        day = effective_day(on, earliest=earliest if on else max(earliest, first_open), today=today)
        settlements.append(Settlement(share.document, share.money.amount, day))
    return settlements


def plan_return(*, amount: Decimal, unallocated: Decimal, live: Iterable[Live]) -> list[Live]:
    """What must be taken back from allocations so that `amount` of the payment can go.

    Credit that nobody uses goes first, then the latest allocations, the last of them in part. `live`
    comes latest first and holds enough.
    """
    missing = amount - unallocated
    taken = []
    for allocation in live:
        if missing <= 0:
            break
        part = min(missing, allocation.amount)
        taken.append(allocation._replace(amount=part))
        missing -= part
    return taken


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum; zero of none."""
    return sum(amounts, ZERO)


def _ensure_together(source: Balance, target: Balance, share: Share) -> None:
    currency = share.money.currency
    if currency != target.left.currency or currency != source.left.currency:
        raise OtherCurrency(pointer=f"{share.pointer}/amount", currency=target.left.currency)
    if source.customer != target.customer:
        raise OtherCustomer(pointer=f"{share.pointer}/invoice")
    if source.legal_entity != target.legal_entity:
        raise OtherLegalEntity(pointer=f"{share.pointer}/invoice")
