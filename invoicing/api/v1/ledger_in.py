"""What v1 takes for postings to the ledger: bare decimal strings beside a currency."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from invoicing.api.v1.invoice_in import OPTIONAL, CodeField
from invoicing.domain.ledger import MOST_SHARES, PaymentMethod, ReversalKind, Share
from invoicing.money import Money, known_currency
from tenants import ids
from tenants.errors import FieldError, InvalidInput
from tenants.http.metadata import MetadataField
from tenants.http.serializers import (
    CleanCharField,
    MoneyField,
    PublicIdField,
    StrictDateField,
    StrictSerializer,
)
from tenants.selectors.existence import ensure_exists

Data = dict[str, Any]

_METHODS = [method.value for method in PaymentMethod]


class ShareIn(StrictSerializer):
    """So much of one document, in the currency of the whole."""

    invoice = PublicIdField("inv")
    amount = MoneyField()


class _SharesField(serializers.ListSerializer[Any]):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(child=ShareIn(), min_length=1, max_length=MOST_SHARES, **kwargs)


class PaymentIn(StrictSerializer):
    """Money received from a customer, and the documents it is for; what they leave stays as credit."""

    customer = PublicIdField("cus")
    amount = MoneyField()
    currency = CodeField("[A-Z]{3}")
    legal_entity = PublicIdField("le", **OPTIONAL)
    method = serializers.ChoiceField(choices=_METHODS, **OPTIONAL)
    reference = CleanCharField(max_length=140, **OPTIONAL)
    effective_date = StrictDateField(**OPTIONAL)
    allocations = _SharesField(**OPTIONAL)
    metadata = MetadataField()


class PaymentPatch(StrictSerializer):
    """What of a payment can be changed."""

    metadata = MetadataField()


class SharesIn(StrictSerializer):
    """Documents to be settled together, all or none."""

    allocations = _SharesField()
    currency = CodeField("[A-Z]{3}")
    effective_date = StrictDateField(**OPTIONAL)


class AllocationIn(StrictSerializer):
    """One document settled out of a payment or out of a credit note."""

    invoice = PublicIdField("inv")
    amount = MoneyField()
    currency = CodeField("[A-Z]{3}")
    payment = PublicIdField("pay", **OPTIONAL)
    credit_note = PublicIdField("inv", **OPTIONAL)
    effective_date = StrictDateField(**OPTIONAL)


class RefundIn(StrictSerializer):
    """Credit that is paid back."""

    amount = MoneyField()
    currency = CodeField("[A-Z]{3}")
    method = serializers.ChoiceField(choices=_METHODS, **OPTIONAL)
    reference = CleanCharField(max_length=140, **OPTIONAL)
    reason = CleanCharField(max_length=500, **OPTIONAL)
    effective_date = StrictDateField(**OPTIONAL)


class MistakeIn(StrictSerializer):
    """Why the entry was wrong."""

    reason = CleanCharField(max_length=500)
    effective_date = StrictDateField(**OPTIONAL)


class ReversalIn(MistakeIn):
    """What is taken back or given up: all there is, unless an amount and its currency are given."""

    amount = MoneyField(**OPTIONAL)
    currency = CodeField("[A-Z]{3}", **OPTIONAL)


class ReturnIn(ReversalIn):
    """A bank debit that was returned, or a card payment that was charged back."""

    kind = serializers.ChoiceField(choices=["return", "chargeback"], **OPTIONAL)


def money_of(data: Data, pointer: str = "") -> Money:
    """The amount of a body in its currency. Raises InvalidInput for a code that is no currency."""
    code = data["currency"]
    if not known_currency(code):
        detail = f"{code} is not a current ISO 4217 currency code."
        raise InvalidInput([FieldError(f"{pointer}/currency", "unknown-currency", detail)])
    return Money(data["amount"], code)


def optional_money(data: Data) -> Money | None:
    """None without an amount. Raises InvalidInput for one without its currency, and the other way round."""
    given = [name for name in ("amount", "currency") if data.get(name) is not None]
    if len(given) == 1:
        missing = "currency" if given == ["amount"] else "amount"
        detail = "An amount and its currency go together."
        raise InvalidInput([FieldError(f"/{missing}", "missing", detail)])
    return money_of(data) if given else None


def shares_of(data: Data) -> list[Share]:
    """The shares as the ledger takes them. Raises InvalidInput."""
    return [
        Share(
            one["invoice"],
            money_of({"amount": one["amount"], "currency": data["currency"]}),
            f"/allocations/{place}",
        )
        for place, one in enumerate(data.get("allocations") or ())
    ]


def source_of(data: Data) -> tuple[UUID | None, UUID | None]:
    """The payment or the credit note; exactly one is named. Raises InvalidInput."""
    payment, credit_note = data.get("payment"), data.get("credit_note")
    if (payment is None) == (credit_note is None):
        raise InvalidInput([FieldError("/payment", "one-of", "Name a payment or a credit note.")])
    return payment, credit_note


def method_of(data: Data) -> PaymentMethod:
    """The method a body names; a transfer where it names none."""
    return PaymentMethod(data.get("method") or PaymentMethod.BANK_TRANSFER)


def return_kind_of(data: Data) -> ReversalKind:
    """What a return is; of a bank debit where the body does not say."""
    return ReversalKind(data.get("kind") or ReversalKind.RETURN)


def known(prefix: str, public_id: str) -> UUID:
    """The record of a path, before its body is looked at. Raises NotFound, for another tenant's too."""
    record = ids.decode(prefix, public_id)
    ensure_exists(public_id=public_id)
    return record
