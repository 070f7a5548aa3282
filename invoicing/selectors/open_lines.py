"""What a line leaves open is taken from the catalogue: its price, and how it is taxed.

A draft keeps what it took: a price that changes later changes no document.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from invoicing.domain.document import DocumentInput, LineInput, TaxKey
from invoicing.domain.record import DraftLine
from invoicing.domain.treatment import TaxTreatment, tax_by
from invoicing.models import Customer, Item, ItemPrice, TaxRate
from invoicing.selectors.catalogue import holding_on
from tenants.errors import FieldError, InvalidInput


def filled(
    document: DocumentInput, lines: Sequence[DraftLine], *, day: date, customer: UUID | None = None
) -> DocumentInput:
    """The document with what its lines leave open filled in; at most four statements.

    A price is the item's in the document's currency that holds on `day`, else the item's own where that
    is in this currency. A tax is that of the rate that is named, which holds on `day`; else the one the
    customer's tax treatment leads to; else the item's. Raises InvalidInput with every fault.
    """
    catalogue = _read(document.currency, lines, day=day, customer=customer)
    faults: list[FieldError] = []
    inputs = tuple(
        _filled_line(line, stated, catalogue, document, f"/lines/{place}", faults)
        for place, (line, stated) in enumerate(zip(document.lines, lines, strict=True))
    )
    if faults:
        raise InvalidInput(faults)
    return replace(document, lines=inputs)


def ensure_rates_hold(document: DocumentInput, lines: Sequence[DraftLine], *, day: date) -> None:
    """Rates that lines named hold on the day of issue and are what they were; one statement where any is.

    Raises InvalidInput with every fault: such a draft is to be drafted anew.
    """
    rates = _rates(lines)
    faults = []
    for place, (line, stated) in enumerate(zip(document.lines, lines, strict=True)):
        if stated.tax_rate is not None:
            found = _named(rates.get(stated.tax_rate), day)
            if isinstance(found, TaxKey):
                if found == line.tax:
                    continue
                found = "rate-changed", "The rate was changed since this was drafted."
            faults.append(FieldError(f"/lines/{place}/tax/tax_rate", *found))
    if faults:
        raise InvalidInput(faults)


def _rates(lines: Sequence[DraftLine]) -> dict[UUID, TaxRate]:
    named = {line.tax_rate for line in lines if line.tax_rate is not None}
    return {rate.id: rate for rate in TaxRate.objects.filter(id__in=named)} if named else {}


@dataclass(frozen=True, slots=True)
class _Catalogue:
    """What there is to take on a day; `usual` is the tax of all that the customer buys, if there is one."""

    day: date
    items: dict[UUID, Item]
    prices: dict[UUID, Decimal]
    rates: dict[UUID, TaxRate]
    usual: TaxKey | None


def _read(currency: str, lines: Sequence[DraftLine], *, day: date, customer: UUID | None) -> _Catalogue:
    items = {line.item for line in lines if line.is_open and line.item is not None}
    prices = ItemPrice.objects.filter(holding_on(day), item_id__in=items, currency=currency)
    usual = None
    if customer is not None:
        treatments = Customer.all_objects.filter(id=customer).values_list("tax_treatment", flat=True)
        usual = tax_by(TaxTreatment(treatments.first() or TaxTreatment.DOMESTIC))
    return _Catalogue(
        day=day,
        items={item.id: item for item in Item.objects.filter(id__in=items)},
        prices=dict(prices.values_list("item_id", "unit_price")),
        rates=_rates(lines),
        usual=usual,
    )


def _filled_line(
    line: LineInput,
    stated: DraftLine,
    catalogue: _Catalogue,
    document: DocumentInput,
    place: str,
    faults: list[FieldError],
) -> LineInput:
    item = None if stated.item is None else catalogue.items.get(stated.item)
    if stated.is_open and stated.item is not None and item is None:
        faults.append(FieldError(f"{place}/item", "unknown-reference", "There is no such item."))
        return line
    price, tax = line.unit_price, line.tax
    if stated.price_is_open:
        found = _price(item, catalogue, document)
        if isinstance(found, Decimal):
            price = found
        else:
            faults.append(FieldError(f"{place}/unit_price", *found))
    if stated.tax_is_open:
        key = _tax(stated, item, catalogue)
        if isinstance(key, TaxKey):
            tax = key
        else:
            faults.append(FieldError(f"{place}{key[0]}", *key[1:]))
    return replace(line, unit_price=price, tax=tax)


def _price(item: Item | None, catalogue: _Catalogue, document: DocumentInput) -> Decimal | tuple[str, str]:
    if item is None:
        return "required", "Without an item that has one, a line states its price (BR-26)."
    if document.prices_include_tax:
        return "price-is-net", "Prices of the catalogue are net: state the price with its tax."
    if item.id in catalogue.prices:
        return catalogue.prices[item.id]
    if item.currency == document.currency:
        own: Decimal = item.unit_price
        return own
    day = catalogue.day.isoformat()
    return "no-price", f"The item has no price in {document.currency} that holds on {day}."


def _tax(stated: DraftLine, item: Item | None, catalogue: _Catalogue) -> TaxKey | tuple[str, str, str]:
    """The tax, or where it is at fault, why and in which words."""
    if stated.tax_rate is not None:
        named = _named(catalogue.rates.get(stated.tax_rate), catalogue.day)
        return named if isinstance(named, TaxKey) else ("/tax/tax_rate", *named)
    if catalogue.usual is not None:
        return catalogue.usual
    if item is None:
        return "/tax", "required", "Without an item, or a customer's tax treatment, a line states its tax."
    return TaxKey(item.tax_category, item.tax_rate)


def _named(rate: TaxRate | None, day: date) -> TaxKey | tuple[str, str]:
    """The tax of a rate on a day, or why it cannot be had and in which words."""
    if rate is None:
        return "unknown-reference", "There is no such tax rate."
    if (rate.valid_from and day < rate.valid_from) or (rate.valid_to and day > rate.valid_to):
        detail = f"The rate {rate.name!r} does not hold on {day.isoformat()}, the date of issue."
        return "rate-not-valid", detail
    return TaxKey(rate.category, rate.rate)
