"""What v1 takes for a credit note of an invoice, its cancellation and its void."""

from typing import Any

from rest_framework import serializers

from invoicing.api.v1.invoice_in import OPTIONAL
from invoicing.domain.credit_request import Asked, CreditKind, LineAsked
from invoicing.services.crediting import Credit
from tenants.errors import FieldError, InvalidInput
from tenants.http.metadata import MetadataField
from tenants.http.serializers import (
    CleanCharField,
    DecimalText,
    MoneyField,
    PublicIdField,
    StrictBooleanField,
    StrictDateField,
    StrictSerializer,
)
from tenants.http.values import Price, Quantity

Data = dict[str, Any]


class CreditLineIn(StrictSerializer):
    """Of one line of the invoice: all that is left, a quantity, a net amount, or a lower unit price."""

    line = PublicIdField("iln")
    quantity = DecimalText(Quantity, **OPTIONAL)
    amount = MoneyField(**OPTIONAL)
    unit_price = DecimalText(Price, **OPTIONAL)


class CancelIn(StrictSerializer):
    """All that is left is credited at once. `reason` is told to the buyer."""

    reason = CleanCharField(max_length=500, **OPTIONAL)
    series = PublicIdField("ser", **OPTIONAL)
    issue_date = StrictDateField(**OPTIONAL)


class CreditIn(CancelIn):
    """Exactly one of `full`, `lines` and `amount` (goodwill, with tax)."""

    full = StrictBooleanField(**OPTIONAL)
    lines = serializers.ListSerializer(child=CreditLineIn(), **OPTIONAL)
    amount = MoneyField(**OPTIONAL)
    issue = StrictBooleanField(**OPTIONAL)
    metadata = MetadataField()


class CreditNoteIn(CreditIn):
    """The same, with the invoice it corrects."""

    corrects = PublicIdField("inv")


class VoidIn(StrictSerializer):
    """The reason is kept in the trail."""

    reason = CleanCharField(max_length=500)


def credit_from(data: Data) -> Credit:
    """The validated body. Raises InvalidInput unless exactly one way is named."""
    lines, amount = data.get("lines"), data.get("amount")
    if sum(way is not None for way in (data.get("full") or None, lines, amount)) != 1:
        raise InvalidInput([FieldError("", "one-way", "Say one of full, lines and amount.")])
    asked = Asked(CreditKind.FULL)
    if lines is not None:
        asked = Asked(CreditKind.LINES, tuple(_line(one) for one in lines))
    elif amount is not None:
        asked = Asked(CreditKind.AMOUNT, amount=amount)
    return Credit(
        asked, data.get("reason") or "", data.get("series"), data.get("issue_date"), data.get("metadata")
    )


def _line(one: Data) -> LineAsked:
    return LineAsked(one["line"], one.get("quantity"), one.get("amount"), one.get("unit_price"))
