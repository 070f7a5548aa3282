"""What a document must not say, checked before anything is computed; every fault with its place.

These are contradictions that would make a total wrong or ambiguous. Whether a document also satisfies
a format (texts, parties, code lists) is for the gate of that format.
"""

from collections.abc import Iterator
from decimal import Decimal

from invoicing.domain import cash
from invoicing.domain.document import AllowanceCharge, DocumentInput, LineInput, TaxKey
from invoicing.domain.tax import ZERO_RATE, fault_of
from invoicing.money import fits, known_currency
from tenants.errors import FieldError, InvalidInput

HUNDRED = Decimal(100)


def check(document: DocumentInput, *, cash_steps: cash.Steps = cash.NO_STEPS) -> None:
    """Raises InvalidInput with every fault of the document, each with a JSON Pointer into its body.

    `cash_steps` is how the legal entity rounds what is payable.
    """
    if errors := list(_faults(document, cash_steps)):
        raise InvalidInput(errors)


def _faults(document: DocumentInput, cash_steps: cash.Steps) -> Iterator[FieldError]:
    currency = document.currency
    if not known_currency(currency):
        yield FieldError("/currency", "unknown-currency", "The currency is not a current ISO 4217 code.")
        return
    if not document.lines:
        yield FieldError("/lines", "required", "A document has at least one line (BR-16).")
    for position, line in enumerate(document.lines):
        yield from _line_faults(line, f"/lines/{position}", currency)
    for kind in ("allowances", "charges"):
        items: tuple[AllowanceCharge, ...] = getattr(document, kind)
        for position, item in enumerate(items):
            pointer = f"/{kind}/{position}"
            yield from _amount_faults(item, pointer, currency, percent_limited=kind == "allowances")
            if item.tax is None:
                yield FieldError(f"{pointer}/tax", "required", "It bears on one tax (BR-32, BR-37).")
            else:
                yield from _key_faults(item.tax, f"{pointer}/tax")
                yield from _further_faults(item, item.tax, pointer)
    yield from _scale_faults(document.prepaid_amount, "/prepaid_amount", currency)
    yield from _scale_faults(document.rounding_amount, "/rounding_amount", currency)
    yield from cash.faults_of(document, cash_steps)
    yield from _tax_currency_faults(document)


def _line_faults(line: LineInput, pointer: str, currency: str) -> Iterator[FieldError]:
    if line.unit_price < 0:
        yield FieldError(
            f"{pointer}/unit_price",
            "negative-price",
            "A price is not negative (BR-27): state a negative quantity instead.",
        )
    if line.base_quantity <= 0:
        yield FieldError(
            f"{pointer}/base_quantity", "not-positive", "A price is for more than zero units (BT-149)."
        )
    yield from _key_faults(line.tax, f"{pointer}/tax")
    yield from _further_faults(line, line.tax, pointer)
    for position, item in enumerate(line.allowances):
        yield from _amount_faults(item, f"{pointer}/allowances/{position}", currency, percent_limited=True)
    for position, item in enumerate(line.charges):
        yield from _amount_faults(item, f"{pointer}/charges/{position}", currency, percent_limited=False)


def _amount_faults(
    item: AllowanceCharge, pointer: str, currency: str, *, percent_limited: bool
) -> Iterator[FieldError]:
    if item.amount is None and item.percent is None:
        yield FieldError(f"{pointer}/amount", "required", "An amount or a percentage is needed.")
    if item.amount is not None:
        yield from _scale_faults(item.amount, f"{pointer}/amount", currency)
    if percent_limited and item.percent is not None and abs(item.percent) > HUNDRED:
        yield FieldError(
            f"{pointer}/percent", "percent-over-100", "An allowance takes off 100 per cent at most."
        )


def _scale_faults(amount: Decimal, pointer: str, currency: str) -> Iterator[FieldError]:
    if not fits(amount, currency):
        yield FieldError(
            pointer, "too-many-decimals", f"The amount has more decimals than {currency} (ISO 4217)."
        )


def _key_faults(key: TaxKey, pointer: str) -> Iterator[FieldError]:
    if key.rate is not None and not key.rate.is_finite():
        yield FieldError(f"{pointer}/rate", "not-a-number", "A tax rate is a finite number.")
    elif fault := fault_of(key):
        yield FieldError(f"{pointer}/{fault.member}", fault.code, fault.detail)


def _further_faults(item: LineInput | AllowanceCharge, tax: TaxKey, pointer: str) -> Iterator[FieldError]:
    rate = item.surcharge_rate
    if rate is not None:
        if tax.category != "S" or not tax.rate:
            detail = "An equivalence surcharge stands beside VAT at a standard rate (category S)."
            yield FieldError(f"{pointer}/surcharge_rate", "surcharge-without-tax", detail)
        if not ZERO_RATE < rate <= HUNDRED:
            detail = "A surcharge lies above 0 and up to 100 per cent."
            yield FieldError(f"{pointer}/surcharge_rate", "tax-rate-out-of-range", detail)
    seen: set[str] = set()
    for position, withheld in enumerate(item.withholdings):
        place = f"{pointer}/withholdings/{position}"
        if withheld.code in seen:
            yield FieldError(f"{place}/code", "repeated", "Each tax is withheld once.")
        seen.add(withheld.code)
        if not ZERO_RATE < withheld.rate <= HUNDRED:
            detail = "A withholding lies above 0 and up to 100 per cent."
            yield FieldError(f"{place}/rate", "tax-rate-out-of-range", detail)


def _tax_currency_faults(document: DocumentInput) -> Iterator[FieldError]:
    if document.tax_currency is not None and not known_currency(document.tax_currency):
        yield FieldError("/tax_currency", "unknown-currency", "The currency is not a current ISO 4217 code.")
