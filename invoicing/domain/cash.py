"""Cash rounding: what is to be paid, brought to an amount that the coins in use can pay.

Where the smallest coins are out of use, the amount to pay is rounded to a multiple of the smallest payable
one: 0.05 CHF in Switzerland, 1.00 SEK in Sweden, 0.50 DKK in Denmark, 0.05 EUR in Finland, the Netherlands,
Belgium and Ireland. Line amounts and tax stay as they are; the difference is the rounding amount (BT-114) of
EN 16931, which BR-CO-16 adds to what is payable.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from invoicing.currencies import EXPONENTS
from invoicing.domain.document import DocumentInput
from invoicing.money import fits, round_amount
from tenants.errors import FieldError

Steps = Mapping[str, Decimal]
"""A legal entity's setting: by currency the amount, in major units, that payable amounts are multiples of."""

NO_STEPS: Steps = MappingProxyType({})


def step_of(document: DocumentInput, steps: Steps) -> Decimal | None:
    """What the document's payable amount is to be a multiple of; None where it is not rounded for cash.

    A document that does not say whether it is rounded follows the legal entity's setting for its currency.
    """
    return None if document.cash_rounding is False else steps.get(document.currency)


def rounding_of(due: Decimal, step: Decimal, currency: str) -> Decimal:
    """The rounding amount (BT-114) that makes `due` a multiple of `step`: half away from zero, never -0.

    In major units of `currency`, of which `due` and `step` are whole minor units, `step` above zero. Exact
    inside `money.exactly()`.
    """
    over = due.copy_abs() % step
    away = step - over if over * 2 >= step else -over
    return round_amount(away if due > 0 else -away, currency)


def faults_of(document: DocumentInput, steps: Steps) -> Iterator[FieldError]:
    """What a document, whose currency is known, says against the setting: each fault with its pointer."""
    if document.cash_rounding and document.currency not in steps:
        detail = f"The legal entity has no cash rounding for {document.currency}."
        yield FieldError("/cash_rounding", "no-cash-rounding", detail)
    if document.rounding_amount and step_of(document, steps) is not None:
        detail = "The amount is rounded for cash: state a rounding amount, or none with cash rounding off."
        yield FieldError("/rounding_amount", "rounded-for-cash", detail)


def settled_steps(stated: Mapping[str, Any] | None, faults: list[FieldError]) -> dict[str, str] | None:
    """The setting in the form in which it is kept, amounts as text; None where nothing is rounded.

    What is wrong with it joins `faults`: each step is a positive whole number of the currency's minor units.
    """
    settled = {}
    unknown = sorted(set(stated or ()) - EXPONENTS.keys())
    if unknown:
        detail = "Expected current ISO 4217 codes of currencies with minor units."
        faults.append(FieldError("/cash_rounding", "unknown-currency", detail))
    for currency, given in sorted((stated or {}).items()):
        if given is None or currency in unknown:
            continue
        pointer, step = f"/cash_rounding/{currency}", Decimal(given)
        if step <= 0:
            faults.append(FieldError(pointer, "not-positive", "A step is an amount above zero."))
        elif not fits(step, currency):
            detail = f"A step is a multiple of the minor unit of {currency} (ISO 4217)."
            faults.append(FieldError(pointer, "too-many-decimals", detail))
        else:
            settled[currency] = format(round_amount(step, currency), "f")
    return settled or None


def steps_from_json(kept: Mapping[str, str] | None) -> Steps:
    """The setting as `settled_steps` left it."""
    return NO_STEPS if kept is None else {currency: Decimal(step) for currency, step in kept.items()}
