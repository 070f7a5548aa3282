"""Random invoices, random ways to credit them, and what must hold for every credit note of one."""

import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

from invoicing.domain.cash import NO_STEPS
from invoicing.domain.corrected import corrected_of
from invoicing.domain.credit_document import CreditDocument, document_of
from invoicing.domain.credit_request import Asked, CreditKind, LineAsked
from invoicing.domain.creditable import (
    Corrected,
    Left,
    after,
    left_of,
    major,
    minor,
    rate_of,
)
from invoicing.domain.crediting import taking_of
from invoicing.domain.document import (
    AllowanceCharge,
    DocumentInput,
    DocumentType,
    LineInput,
    TaxKey,
    Withholding,
)
from invoicing.domain.further import FurtherKind
from invoicing.domain.lifecycle import PaymentState, State
from invoicing.domain.net_prices import net_priced
from invoicing.domain.partition import within
from invoicing.domain.record import DraftLine, InvoiceRecord, LineRecord
from invoicing.domain.rounding import TaxRounding
from invoicing.domain.totals import compute
from invoicing.money import exactly, exponent_of
from tenants.errors import DomainError

RATES = ("19", "7", "20", "5.5", "21", "8.1", "25", "100", "33.333")
CURRENCIES = ("EUR", "EUR", "EUR", "JPY", "KWD", "CLF")
KINDS = ("full", "line", "quantity", "quantity", "amount", "price", "goodwill")
MOST_NOTES = 12
VOIDS = 0.1


def record_of(
    document: DocumentInput, rounding: TaxRounding, *, cash_step: Decimal | None = None
) -> InvoiceRecord:
    """An issued invoice as it would be read back, without a database."""
    steps = NO_STEPS if cash_step is None else {document.currency: cash_step}
    computed = compute(document, tax_rounding=rounding, cash_steps=steps)
    then = datetime(2026, 1, 1, tzinfo=UTC)
    return InvoiceRecord(
        id=uuid4(),
        type=DocumentType.INVOICE,
        state=State.ISSUED,
        payment_state=PaymentState.UNPAID,
        legal_entity=uuid4(),
        customer=uuid4(),
        series=uuid4(),
        number="INV-2026-00001",
        currency=document.currency,
        tax_currency=None,
        tax_rounding=rounding,
        issue_date=then.date(),
        due_date=None,
        payment_terms="",
        issued_at=then,
        created_at=then,
        updated_at=then,
        version=1,
        lines=tuple(
            LineRecord(
                uuid4(),
                DraftLine(f"line {n}", "C62"),
                line,
                result.net_amount,
                result.allowances,
                result.charges,
                gross_amount=result.gross_amount,
            )
            for n, (line, result) in enumerate(zip(document.lines, computed.lines, strict=True), start=1)
        ),
        allowances=document.allowances,
        charges=document.charges,
        allowance_amounts=computed.allowances,
        charge_amounts=computed.charges,
        totals=computed.totals,
        breakdown=computed.breakdown,
        seller={},
        buyer={},
        prices_include_tax=document.prices_include_tax,
        further=computed.further,
        cash_step=computed.cash_step,
    )


def random_document(chance: random.Random) -> DocumentInput:
    """One to eight lines, some with discounts, some taking off; allowances, charges, prepaid, rounding."""
    currency = chance.choice(CURRENCIES)
    step = Decimal(1).scaleb(-exponent_of(currency))
    keys = [TaxKey("S", Decimal(chance.choice(RATES))) for _ in range(chance.randint(1, 3))]
    if chance.random() < 0.2:
        keys.append(chance.choice([TaxKey("Z", Decimal(0)), TaxKey("O"), TaxKey("AE", Decimal(0))]))

    def amount(most: int) -> Decimal:
        return chance.randint(1, most) * step

    def adjustment(tax: TaxKey | None = None) -> AllowanceCharge:
        if chance.random() < 0.5:
            return AllowanceCharge(percent=Decimal(chance.choice(["2", "3", "12.5", "33.3"])), tax=tax)
        return AllowanceCharge(amount=amount(50), tax=tax)

    def line() -> LineInput:
        quantity = chance.choice(
            [Decimal(chance.randint(1, 40)), Decimal(chance.randint(1, 9999)) / 1000, Decimal(1)]
        )
        if chance.random() < 0.08:
            quantity = -quantity
        return LineInput(
            quantity=quantity,
            unit_price=Decimal(chance.randint(0, chance.choice([20, 2000, 1000000]))).scaleb(
                -chance.randint(0, 5)
            ),
            tax=chance.choice(keys),
            base_quantity=Decimal(chance.choice([1, 1, 1, 3, 100])),
            allowances=tuple(adjustment() for _ in range(chance.choice([0, 0, 0, 1, 2]))),
            charges=tuple(adjustment() for _ in range(chance.choice([0, 0, 0, 1]))),
        )

    return DocumentInput(
        currency=currency,
        lines=tuple(line() for _ in range(chance.randint(1, 8))),
        allowances=tuple(adjustment(chance.choice(keys)) for _ in range(chance.choice([0, 0, 1, 2]))),
        charges=tuple(adjustment(chance.choice(keys)) for _ in range(chance.choice([0, 0, 1]))),
        prepaid_amount=amount(5000) if chance.random() < 0.3 else Decimal(0),
        rounding_amount=chance.choice([-3, -1, 2, 4]) * step if chance.random() < 0.2 else Decimal(0),
    )


def any_document(chance: random.Random) -> DocumentInput:
    """A random document; every other one with further taxes, or with prices that include VAT."""
    document = random_document(chance)
    return taxed_further(chance, document) if chance.random() < 0.5 else document


def taxed_further(chance: random.Random, document: DocumentInput) -> DocumentInput:
    """The same document with surcharges, withholdings and prices that include tax, or some of them."""
    rate = Decimal(chance.choice(["5.2", "1.4", "0.5"])) if chance.random() < 0.6 else None
    held: tuple[Withholding, ...] = ()
    if chance.random() < 0.6:
        held = (Withholding("IRPF", Decimal(chance.choice(["15", "7", "19"]))),)

    def bearing(item: LineInput) -> LineInput:
        standard = item.tax.category == "S"
        return replace(
            item,
            surcharge_rate=rate if standard and chance.random() < 0.8 else None,
            withholdings=held if chance.random() < 0.8 else (),
        )

    return replace(
        document,
        lines=tuple(bearing(line) for line in document.lines),
        allowances=tuple(replace(item, withholdings=held) for item in document.allowances),
        charges=tuple(replace(item, withholdings=held) for item in document.charges),
        prices_include_tax=chance.random() < 0.6,
    )


def random_asked(chance: random.Random, invoice: InvoiceRecord, corrected: Corrected, left: Left) -> Asked:
    """Something to be credited that may or may not be possible."""
    kind = chance.choice(KINDS)
    if kind == "full" and chance.random() < 0.3:
        return Asked(CreditKind.FULL)
    if kind == "goodwill":
        units = chance.randint(1, max(1, left.gross // chance.choice([1, 2, 5, 50])))
        return Asked(CreditKind.AMOUNT, amount=major(units, invoice.currency))
    places = [place for place, line in enumerate(left.lines) if line.net or line.quantity]
    if not places:
        return Asked(CreditKind.FULL)
    chosen = chance.sample(places, chance.randint(1, min(3, len(places))))
    return Asked(
        CreditKind.LINES, tuple(_line_asked(chance, corrected, left, place, kind) for place in chosen)
    )


def _line_asked(chance: random.Random, corrected: Corrected, left: Left, place: int, kind: str) -> LineAsked:
    line, rest = corrected.lines[place], left.lines[place]
    part = Fraction(chance.randint(1, 10), 10)
    quantity = _decimal(Fraction(rest.quantity) * part)
    if kind == "quantity" and quantity:
        return LineAsked(line.id, quantity=quantity)
    if kind == "amount" and (net := int(rest.net * part)):
        return LineAsked(line.id, amount=major(net, corrected.currency))
    if kind == "price" and line.price:
        price = _decimal(Fraction(line.price) * (1 - part))
        return LineAsked(line.id, unit_price=price, quantity=chance.choice([None, quantity or None]))
    return LineAsked(line.id)


def _decimal(value: Fraction) -> Decimal:
    with exactly():
        units = value * 10**12
        return Decimal(units.numerator // units.denominator).scaleb(-12).normalize() + 0


@dataclass
class Credited:
    """An invoice and the credit notes made of it so far, with the refusals met on the way."""

    invoice: InvoiceRecord
    corrected: Corrected
    left: Left
    notes: list[CreditDocument] = field(default_factory=list)
    refusals: dict[str, int] = field(default_factory=dict)
    voids: int = 0

    @classmethod
    def of(cls, invoice: InvoiceRecord) -> "Credited":
        corrected = corrected_of(invoice)
        return cls(invoice, corrected, left_of(corrected))

    def credit(self, asked: Asked) -> bool:
        """Whether it was possible."""
        try:
            taking = taking_of(self.corrected, self.left, asked)
        except DomainError as refusal:
            self.refusals[refusal.code] = self.refusals.get(refusal.code, 0) + 1
            return False
        note = document_of(net_priced(self.invoice), self.corrected, taking)
        rest = after(self.left, taking)
        check_note(self, note, rest)
        self.notes.append(note)
        self.left = rest
        return True

    def void(self, place: int) -> None:
        """What one of the credit notes took is left again."""
        del self.notes[place]
        self.left = left_of(self.corrected, (note.taking for note in self.notes))
        self.voids += 1


def credit_randomly(chance: random.Random, credited: Credited) -> None:
    """Up to a dozen credit notes of any kind, some of them void again, and one for the rest."""
    for _ in range(chance.randint(0, MOST_NOTES)):
        if credited.notes and chance.random() < VOIDS:
            credited.void(chance.randrange(len(credited.notes)))
            continue
        if credited.left.is_nothing:
            break
        credited.credit(random_asked(chance, credited.invoice, credited.corrected, credited.left))
    if not credited.left.is_nothing:
        assert credited.credit(Asked(CreditKind.FULL)), credited.refusals


def check_note(credited: Credited, note: CreditDocument, rest: Left) -> None:
    """It takes no more than there is, and its own arithmetic holds (EN 16931 BR-CO-10 to BR-CO-16)."""
    left, taking = credited.left, note.taking
    for before, behind in zip(left.lines, rest.lines, strict=True):
        assert within(behind.net, before.net)
        assert within(Fraction(behind.quantity), Fraction(before.quantity))
    for stood, stands in zip(left.adjustments, rest.adjustments, strict=True):
        assert within(stands.amount, stood.amount)
    for key in left.rows:
        assert within(rest.rows[key].taxable, left.rows[key].taxable)
        assert within(rest.rows[key].tax, left.rows[key].tax)
    for further in left.further:
        assert within(rest.further[further].tax, left.further[further].tax)
    totals = note.computed.totals
    with exactly():
        assert totals.sum_of_lines == sum(line.net_amount for line in note.computed.lines)
        assert totals.allowance_total == sum(note.computed.allowances)
        assert totals.charge_total == sum(note.computed.charges)
        assert totals.tax_exclusive == sum(row.taxable for row in note.computed.breakdown)
        surcharges = _sum_of(note, FurtherKind.SURCHARGE)
        assert totals.tax_total == sum(row.tax for row in note.computed.breakdown) + surcharges
        assert totals.withheld_amount == _sum_of(note, FurtherKind.WITHHOLDING)
        due = totals.tax_inclusive - totals.prepaid_amount + totals.rounding_amount
        assert totals.payable == due - totals.withheld_amount
    assert totals.tax_inclusive >= 0
    assert note.document.lines
    if credited.voids:
        # A void takes the roundings of one apart from those of the others: the distance is not promised.
        return
    parts = 1
    if credited.corrected.tax_rounding is TaxRounding.LINE:
        parts = len(taking.lines) + len(taking.adjustments)
    for row in taking.rows:
        exact = row.taxable * rate_of(row.key)
        assert abs(row.tax - exact) <= Fraction(3, 2) * parts, row
    if not rest.is_nothing and left.rounding <= 0 and left.prepaid >= 0:
        # Nobody is given back more than is still asked of them, as long as anything is.
        assert 0 <= minor(totals.payable, credited.invoice.currency) <= max(left.payable, 0)


def _sum_of(note: CreditDocument, kind: FurtherKind) -> Decimal:
    return sum((row.amount for row in note.computed.further if row.key.kind is kind), Decimal(0))


def check_whole(credited: Credited) -> None:
    """All credit notes together are the invoice, amount by amount."""
    invoice, notes = credited.invoice, credited.notes
    zero = Decimal(0)
    with exactly():
        for place, line in enumerate(invoice.lines):
            parts = [
                result.net_amount
                for note in notes
                for taken, result in zip(note.taking.lines, note.computed.lines, strict=True)
                if taken.index == place
            ]
            assert sum(parts, zero) == line.net_amount
        for row in invoice.breakdown:
            key = TaxKey(row.category, row.rate)
            same = [
                part
                for note in notes
                for part in note.computed.breakdown
                if TaxKey(part.category, part.rate) == key
            ]
            assert sum((part.taxable for part in same), zero) == row.taxable
            assert sum((part.tax for part in same), zero) == row.tax
        for whole in invoice.further:
            pieces = [part for note in notes for part in note.computed.further if part.key == whole.key]
            assert sum((part.taxable for part in pieces), zero) == whole.taxable
            assert sum((part.amount for part in pieces), zero) == whole.amount
        for name in (
            "sum_of_lines",
            "allowance_total",
            "charge_total",
            "tax_exclusive",
            "tax_total",
            "tax_inclusive",
            "prepaid_amount",
            "rounding_amount",
            "payable",
            "withheld_amount",
        ):
            summed = sum((getattr(note.computed.totals, name) for note in notes), zero)
            assert summed == getattr(invoice.totals, name), name
        amounts = (*invoice.allowance_amounts, *invoice.charge_amounts)
        for place, amount in enumerate(amounts):
            units = sum(
                item.amount for note in notes for item in note.taking.adjustments if item.index == place
            )
            assert major(units, invoice.currency) == amount
