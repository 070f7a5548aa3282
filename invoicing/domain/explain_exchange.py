"""How the amounts of a document in other currencies came about: rate, its day, and who published it."""

from collections.abc import Iterator
from decimal import Decimal

from invoicing.domain.document import ONE
from invoicing.domain.exchange import Converted
from invoicing.domain.explain_step import Step, quotient, text
from invoicing.domain.record import InvoiceRecord
from invoicing.money import exactly


def explain_exchange(record: InvoiceRecord) -> Iterator[Step]:
    """BT-111 and the amount in the books, of a document that was issued; nothing where there are none."""
    tax, base = record.exchange.tax, record.exchange.base
    if tax is not None:
        name = "total tax (BT-110)"
        yield _step(record, tax, "BT-111", "BR-53", "/exchange/tax/amount", name, record.totals.tax_total)
    if base is not None:
        name = "amount due (BT-115)"
        yield _step(record, base, "BT-115", "IAS 21.21", "/exchange/base/amount", name, record.totals.payable)


def _step(
    record: InvoiceRecord, made: Converted, term: str, rule: str, pointer: str, name: str, amount: Decimal
) -> Step:
    rate = made.rate
    inputs = [(f"{name} in {rate.currency}", text(amount))]
    formula = f"{name} at the rate of the day of issue, or of the last day before with one, in {rate.target}"
    with exactly():
        unrounded = quotient(amount * rate.multiplier, rate.divisor)
    if record.corrects is not None:
        formula = f"{name} with that of earlier credit notes of the invoice, converted, less theirs"
        unrounded = text(made.amount)
        inputs.append(("rate of", record.corrects.number or "the invoice"))
    inputs.append(("multiplied by", text(rate.multiplier)))
    if rate.divisor != ONE:
        inputs.append(("divided by", text(rate.divisor)))
    inputs += [("rate of the day", rate.day.isoformat()), ("published by", rate.source)]
    return Step(term, rule, pointer, formula, tuple(inputs), unrounded, text(made.amount))
