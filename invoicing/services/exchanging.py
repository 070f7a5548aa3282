"""What a document is in other currencies when it is issued: its tax by law, its amount in the books."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from invoicing.domain import exchange
from invoicing.domain.document import ZERO
from invoicing.domain.exchange import NOTHING, Converted, Exchange, Rate
from invoicing.domain.lifecycle import State
from invoicing.models import Invoice
from invoicing.selectors.exchange_rates import Wanted, rates_of
from invoicing.services.resolving import Resolved


@dataclass(frozen=True, slots=True)
class Foreign:
    """A document to be issued on `day` whose currency is not the only one: which rates it wants.

    `tax` is None where the tax is stated in the document's currency, `base` where the books are kept in
    it. A rate for the tax must be there (EN 16931 BR-53); one for the books only if the entity says so.
    """

    tax: Wanted | None
    base: Wanted | None
    base_required: bool
    tax_total: Decimal
    payable: Decimal


def foreign(
    *,
    currency: str,
    tax_currency: str | None,
    resolved: Resolved,
    day: date,
    tax_total: Decimal,
    payable: Decimal,
) -> Foreign | None:
    """None for a document that knows one currency alone. No statement."""
    tax = base = None
    if tax_currency is not None and tax_currency != currency:
        tax = Wanted(currency, tax_currency, day)
    if resolved.base_currency != currency:
        base = Wanted(currency, resolved.base_currency, day)
    if tax is None and base is None:
        return None
    return Foreign(tax, base, resolved.base_rate_required, tax_total, payable)


def exchanges_of(documents: Sequence[Foreign | None]) -> list[Exchange]:
    """The conversions of any number of documents, in their order, with one statement.

    Raises RateMissing.
    """
    wanted = {
        each for one in documents if one is not None for each in (one.tax, one.base) if each is not None
    }
    rates = rates_of(wanted)
    return [NOTHING if one is None else _exchange(one, rates) for one in documents]


def exchange_of_correction(document: Foreign, *, invoice_id: UUID) -> Exchange:
    """The conversion of a credit note, by the rates of the invoice it corrects and not by those of its day.

    So nothing is gained or lost by taking back what was invoiced, and credit notes that take all of an
    invoice sum to it in every currency. The caller holds the invoice. Two statements.
    """
    invoiced = exchange.from_json(Invoice.objects.values_list("exchange", flat=True).get(id=invoice_id))
    if not invoiced:
        return NOTHING
    earlier = [
        (tax_total, payable, exchange.from_json(stored))
        for tax_total, payable, stored in Invoice.objects.filter(
            corrects_id=invoice_id, state=State.ISSUED.value
        ).values_list("tax_total", "payable", "exchange")
    ]
    return Exchange(
        tax=_part(invoiced.tax, document.tax_total, [(tax, kept.tax) for tax, _, kept in earlier]),
        base=_part(invoiced.base, document.payable, [(payable, kept.base) for _, payable, kept in earlier]),
    )


def _part(
    whole: Converted | None, part: Decimal, earlier: Sequence[tuple[Decimal, Converted | None]]
) -> Converted | None:
    if whole is None:
        return None
    return exchange.part_of_converted(
        whole.rate,
        before=sum((amount for amount, _ in earlier), ZERO),
        converted_before=sum((kept.amount for _, kept in earlier if kept is not None), ZERO),
        part=part,
    )


def _exchange(document: Foreign, rates: dict[Wanted, Rate]) -> Exchange:
    return Exchange(
        tax=_convert(document.tax, document.tax_total, rates, pointer="/tax_currency", required=True),
        base=_convert(
            document.base, document.payable, rates, pointer="/currency", required=document.base_required
        ),
    )


def _convert(
    wanted: Wanted | None, amount: Decimal, rates: dict[Wanted, Rate], *, pointer: str, required: bool
) -> Converted | None:
    if wanted is None:
        return None
    rate = rates.get(wanted)
    if rate is not None:
        return Converted(rate, rate.convert(amount))
    if required:
        raise exchange.missing(
            currency=wanted.currency, target=wanted.target, day=wanted.day, pointer=pointer
        )
    return None
